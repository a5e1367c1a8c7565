"""Settings: arguments before environment, file and defaults; one sentence for what is wrong."""

from __future__ import annotations

import os
from dataclasses import fields, replace
from pathlib import Path

import pytest

from sequence_warehouse.config import sources
from sequence_warehouse.config.errors import UsageError
from sequence_warehouse.config.settings import SECTIONS, Settings


@pytest.fixture
def config(tmp_path: Path, monkeypatch) -> Path:
    """A folder of the user's own, which the environment names."""
    folder = tmp_path / "config"
    folder.mkdir()
    for name in [name for name in os.environ if name.startswith(sources.PREFIX)]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("SEQUENCE_WAREHOUSE_CONFIG", str(folder))
    return folder


def test_the_stronger_source_counts(config, monkeypatch):
    (config / "settings.toml").write_text("threads = 3\nkept_versions = 5\n[hubspot]\nevent_page = 50\n")
    assert Settings.from_environment().threads == 3
    monkeypatch.setenv("SEQUENCE_WAREHOUSE_THREADS", "4")
    monkeypatch.setenv("SEQUENCE_WAREHOUSE_HUBSPOT_EVENT_PAGE", "60")
    read = Settings.from_environment(landing=Path("mine"))
    assert (read.threads, read.kept_versions, read.hubspot.event_page) == (4, 5, 60)
    assert read.landing == Path.cwd() / "mine"
    assert read.hubspot.object_page == 100
    assert Settings.from_environment(threads=6).threads == 6


def test_the_file_may_say_whatever_the_environment_may(config):
    (config / "settings.toml").write_text(
        'warehouse = "/data/w"\nmemory_limit = "1GiB"\nfull_refresh = true\n'
        '[hubspot]\nevent_types = ["seed"]\nextra_properties = {contacts = ["phone"]}\n'
        '[airflow]\nportals = "1, 2"\ntask_hours = 0.5\nextract_schedule = ""\n'
        '[notify]\nemail = "a@example.com"\n'
    )
    read = Settings.from_environment()
    assert read.warehouse == Path("/data/w") and read.memory_limit == 2**30 and read.full_refresh is True
    assert read.hubspot.event_types == ("seed",)
    assert read.hubspot.extra_properties == {"contacts": ("phone",)}
    assert read.airflow.portals == ("1", "2") and read.airflow.task_hours == 0.5
    assert read.airflow.extract_schedule == "" and read.airflow.sweep_schedule == "30 2 * * *"
    assert read.notify.email == "a@example.com"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("thread = 2", r"settings\.toml knows no setting thread: did you mean threads\?"),
        (
            "[hubspot]\nevent_pages = 2",
            r"knows no setting \[hubspot\] event_pages: did you mean event_page\?",
        ),
        ("[hupspot]\nevent_page = 2", r"knows no setting hupspot: did you mean hubspot\?"),
        ("hubspot = 2", r"\[hubspot\] is a section"),
        ("threads = 0", r"^threads in settings\.toml is '0': it must be a whole number, 1 or greater\.$"),
        ("memory_limit = 12", r"memory_limit in settings\.toml is '12': it must be a size such as 2GB"),
        ("threads = ", r"settings\.toml cannot be read: "),
    ],
)
def test_what_is_wrong_in_the_file_is_one_sentence(config, text, sentence):
    (config / "settings.toml").write_text(text)
    with pytest.raises(UsageError, match=sentence) as raised:
        Settings.from_environment()
    assert "\n" not in str(raised.value)


def test_a_folder_that_is_not_there_is_an_error(config, monkeypatch):
    with pytest.raises(UsageError, match=r"There is no folder /nowhere for your configuration"):
        Settings.from_environment(config=Path("/nowhere"))


def test_another_process_sees_the_same_settings(config, tmp_path, monkeypatch):
    (config / "settings.toml").write_text("kept_log_days = 7\n[hubspot]\nevent_page = 50\n")
    read = Settings.from_environment(landing=tmp_path / "l", warehouse=tmp_path / "w", full_refresh=True)
    told = replace(read, threads=3, lock_wait=1.5, readers_group="staff")
    for name, value in told.environment().items():
        monkeypatch.setenv(name, value)
    again = Settings.from_environment()
    assert replace(again, memory_limit=told.memory_limit) == told


def test_a_setting_that_is_made_in_code_reads_no_environment(config, monkeypatch):
    monkeypatch.setenv("SEQUENCE_WAREHOUSE_THREADS", "9")
    assert Settings(Path("a"), Path("b")).threads == 2


def test_every_variable_is_the_variable_of_one_setting():
    sections = [(Settings, sources.PREFIX), *SECTIONS.values()]
    names = [
        sources.variable(section, field.name, prefix)
        for section, prefix in sections
        for field in fields(section)
        if field.name not in SECTIONS
    ]
    assert len(names) == len(set(names)) > 45
