"""The fingerprint changes with whatever a publication is made of, and with nothing else."""

import importlib.metadata
import os
import shutil
from pathlib import Path

import pytest

from sequence_warehouse.build import fingerprint as module
from sequence_warehouse.build.fingerprint import fingerprint, published_fingerprint
from sequence_warehouse.config.project import PROJECT
from sequence_warehouse.config.settings import Settings
from sequence_warehouse.load import load

FILES = {
    "dbt_project.yml": "vars: {late_after_hours: 72}\n",
    "models/core/dim_contacts.sql": "select 1\n",
    "models/core/dim_contacts.yml": "models: []\n",
    "macros/property.sql": "{% macro property(name) %}{% endmacro %}\n",
    "seeds/accounts.csv": "portal_id\n1001\n",
    "expectations/raw/raw.events.json": "{}\n",
    "code/load/parsing.py": "REASONS = {}\n",
}


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A small project, and a warehouse of one load."""
    project = tmp_path / "project"
    for name, content in FILES.items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(content)
    monkeypatch.setattr(module, "_CODE", project / "code")
    return Settings(landing=tmp_path / "landing", warehouse=tmp_path / "warehouse", project=project)


@pytest.mark.parametrize("name", FILES)
def test_another_content_of_a_file_changes_it_and_the_old_content_brings_it_back(name: str, settings) -> None:
    before = fingerprint(settings)
    (settings.project / name).write_text(FILES[name] + "# changed\n")
    assert fingerprint(settings) != before
    (settings.project / name).write_text(FILES[name])
    assert fingerprint(settings) == before


@pytest.mark.parametrize("name", FILES)
def test_a_file_more_or_less_changes_it(name: str, settings) -> None:
    before = fingerprint(settings)
    (settings.project / name).unlink()
    assert fingerprint(settings) != before


@pytest.mark.parametrize("name", ["models/core/new.sql", "seeds/new.csv", "expectations/marts/new.json"])
def test_a_new_model_seed_or_suite_changes_it(name: str, settings) -> None:
    before = fingerprint(settings)
    (settings.project / name).parent.mkdir(parents=True, exist_ok=True)
    (settings.project / name).write_text("")
    assert fingerprint(settings) != before


def test_a_file_that_moved_changes_it(settings) -> None:
    before = fingerprint(settings)
    path = settings.project / "models/core/dim_contacts.sql"
    path.rename(path.with_name("dim_people.sql"))
    assert fingerprint(settings) != before


def test_a_new_load_changes_it_and_one_that_is_unfinished_or_saw_only_touched_files_does_not(
    settings, tmp_path: Path
) -> None:
    for read_by_the_loader in ("seeds", "macros"):
        shutil.copytree(
            PROJECT / read_by_the_loader, settings.project / read_by_the_loader, dirs_exist_ok=True
        )
    file = settings.landing / "portal=1" / "events" / "a.jsonl"
    file.parent.mkdir(parents=True)
    file.write_text('{"id": "1", "eventType": "t", "objectId": "5", "occurredAt": 1}\n')
    load(settings)
    before = fingerprint(settings)
    (settings.raw / ".load_id=000009-20260302T000000Z" / "files").mkdir(parents=True)
    assert fingerprint(settings) == before
    os.utime(file, (1, 1))
    assert load(settings).files_unchanged == 1
    assert len(list(settings.raw.glob("load_id=*/files/*.parquet"))) > 1
    assert fingerprint(settings) == before
    file.write_text(file.read_text() * 2)
    load(settings)
    assert fingerprint(settings) != before


def test_another_version_of_a_tool_changes_it(settings, monkeypatch: pytest.MonkeyPatch) -> None:
    before = fingerprint(settings)
    version = importlib.metadata.version
    monkeypatch.setattr(module, "version", lambda name: "9.9" if name == "duckdb" else version(name))
    assert fingerprint(settings) != before


def test_times_threads_and_files_that_no_table_is_made_of_do_not_change_it(settings, tmp_path: Path) -> None:
    before = fingerprint(settings)
    for name in FILES:
        (settings.project / name).touch()
    for name in ("README.md", "code/__pycache__/parsing.cpython-311.pyc", "docs/models.md"):
        (settings.project / name).parent.mkdir(parents=True, exist_ok=True)
        (settings.project / name).write_text("text")
    assert fingerprint(settings) == before
    moved = Settings(
        landing=tmp_path / "other", warehouse=settings.warehouse, project=settings.project, threads=7
    )
    assert fingerprint(moved) == before


@pytest.mark.parametrize("content", [None, "", "{", "{}"])
def test_a_publication_that_is_missing_or_damaged_has_no_fingerprint(
    content: str | None, tmp_path: Path
) -> None:
    if content is not None:
        (tmp_path / "version.json").write_text(content)
    assert published_fingerprint(tmp_path) is None
