"""Whatever a warehouse holds may be gone, empty, cut off, garbage or old: a run heals it or says so."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from sequence_warehouse.build import build_state, declared
from sequence_warehouse.build.dbt_build import build, run_dbt
from sequence_warehouse.config.errors import UserError
from sequence_warehouse.config.project import PROJECT
from sequence_warehouse.config.settings import Settings
from sequence_warehouse.load import load
from sequence_warehouse.runs import steps
from sequence_warehouse.semantic.metrics import Metrics
from sequence_warehouse.storage import database
from sequence_warehouse.storage.database import BusyDatabase, DamagedDatabase, connect, is_damage
from sequence_warehouse.validate import marts

pytestmark = pytest.mark.slow

DAMAGES = {
    "missing": Path.unlink,
    "empty": lambda path: path.write_bytes(b""),
    "truncated": lambda path: path.write_bytes(path.read_bytes()[:-9]),
    "garbage": lambda path: path.write_bytes(b"\xffgarbage" * 100),
}
TOY_PROJECT = """
name: sequence_warehouse
profile: sequence_warehouse
seed-paths: ["{{ env_var('SEQUENCE_WAREHOUSE_SEEDS', 'seeds') }}"]
flags: {send_anonymous_usage_stats: false}
seeds: {+enabled: false}
"""
TOY_MODEL = """
{{ config(materialized='incremental', schema='core') }}
select portal_id, event_type, event_id, occurred_at, object_id, load_id from {{ source('hubspot', 'events') }}
where reason is null
{% if is_incremental() %} and load_id > (select max(known.load_id) from {{ this }} as known) {% endif %}
"""


def event(number: int) -> str:
    return f'{{"id": "e{number}", "eventType": "t", "objectId": "5", "occurredAt": "2026-0{number}-01"}}\n'


@pytest.fixture(scope="module")
def toy(tmp_path_factory) -> Settings:
    """One incremental model and two loads, published."""
    folder = tmp_path_factory.mktemp("toy")
    project = folder / "project"
    (project / "models").mkdir(parents=True)
    for part in ("seeds", "macros", "expectations"):
        shutil.copytree(PROJECT / part, project / part)
    shutil.copy(PROJECT / "profiles.yml", project)
    shutil.copy(PROJECT / "models/staging/_hubspot__sources.yml", project / "models")
    (project / "dbt_project.yml").write_text(TOY_PROJECT)
    (project / "models/fct_sequence_events.sql").write_text(TOY_MODEL)
    settings = Settings(folder / "landing", folder / "warehouse", project)
    events = settings.landing / "portal=1" / "events"
    events.mkdir(parents=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(steps, "build_site", lambda settings: None)
        (events / "1.jsonl").write_text(event(1) * 2)
        load(settings)
        (events / "2.jsonl").write_text(event(2) * 2)
        assert run(settings, "run-1")
    return settings


@pytest.fixture
def copy(toy: Settings, tmp_path: Path, monkeypatch) -> Settings:
    """A copy of the published warehouse, to damage."""
    monkeypatch.setattr(steps, "build_site", lambda settings: None)
    shutil.copytree(toy.warehouse, tmp_path / "warehouse", symlinks=True)
    return replace(toy, warehouse=tmp_path / "warehouse")


def run(settings: Settings, run_id: str, with_build: bool = True) -> bool:
    """The steps but the validations; returns whether something was published."""
    if not steps.load_step(settings, run_id):
        return False
    if with_build:
        steps.build_step(settings, run_id)
    steps.publish_step(settings, run_id)
    return True


def published(settings: Settings) -> list[tuple]:
    """The rows of the fact, and which runs are told of."""
    folder = settings.published / "parquet"
    with connect() as connection:
        facts = connection.execute(
            f"select * from read_parquet('{folder}/core/fct_sequence_events/**/*.parquet') order by all"
        ).fetchall()
        runs = connection.execute(
            f"select run_id, outcome from read_parquet('{folder}/ops/runs/*.parquet') "
            "where run_id = 'run-1' order by all"
        ).fetchall()
    assert runs and duckdb.connect(str(settings.published / "sequences.duckdb"), read_only=True)
    return facts + runs


def files(settings: Settings, pattern: str) -> list[Path]:
    return sorted(path for path in settings.warehouse.glob(pattern) if path.is_file())


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize(
    "pattern",
    [
        "published/version.json",
        "published/sequences.duckdb",
        "published/parquet/core/**/*.parquet",
        "published/parquet/ops/*/*.parquet",
    ],
)
def test_a_damaged_publication_is_made_again(pattern: str, damage: str, copy: Settings, caplog) -> None:
    before = published(copy)
    for path in files(copy, pattern):
        DAMAGES[damage](path)
    assert run(copy, "run-3", with_build=False)
    assert published(copy) == before
    assert "has lost or changed" in caplog.text
    assert not run(copy, "run-4"), "one publication mends it"


def test_a_version_that_says_what_cannot_be_is_made_again(copy: Settings, caplog) -> None:
    before = published(copy)
    for path in files(copy, "published/version.json"):
        path.write_text('{"rows": null, "event_partitions": [], "files": 7}')
    assert run(copy, "run-3", with_build=False)
    assert published(copy) == before


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_records_of_what_was_done_stop_nothing(damage: str, copy: Settings, caplog) -> None:
    before = published(copy)
    patterns = ("history/*/*.parquet", "work/runs/*.json", "work/raw_audit.duckdb*")
    for path in [path for pattern in patterns for path in files(copy, pattern)]:
        DAMAGES[damage](path)
    (copy.warehouse / "lock.json").write_bytes(b"{}garbage"[:: 1 if damage == "garbage" else 9])
    assert not run(copy, "run-3"), "the publication stands"
    assert damage == "missing" or "is set aside" in caplog.text
    settings = replace(copy, full_refresh=True)
    assert run(settings, "run-4", with_build=False)
    assert published(copy) == before, "what only the publication knew is still there"


def test_a_file_of_the_history_that_is_damaged_in_its_middle_is_set_aside(copy: Settings, caplog) -> None:
    before = published(copy)
    for path in files(copy, "history/*/*.parquet"):
        content = path.read_bytes()
        path.write_bytes(content[:4] + b"\xff" * (len(content) - 12) + content[-8:])
    assert run(replace(copy, full_refresh=True), "run-3", with_build=False)
    assert published(copy) == before
    assert "is set aside" in caplog.text


@pytest.mark.parametrize("state", ["gone", "dangling", "version gone", "folder", "all versions gone"])
def test_a_link_that_leads_nowhere_is_mended(state: str, copy: Settings, caplog) -> None:
    before = published(copy)
    link, version = copy.published, copy.published.resolve()
    if state == "folder":
        link.unlink()
        shutil.copytree(version, link)
    elif state == "version gone":
        shutil.rmtree(version)
    elif state == "all versions gone":
        shutil.rmtree(copy.versions)
    else:
        link.unlink()
        if state == "dangling":
            link.symlink_to("versions/none")
    run(copy, "run-3", with_build=False)
    assert published(copy) == before and link.is_symlink()
    assert str(link) in caplog.text


@pytest.mark.parametrize("damage", ["empty", "truncated", "garbage"])
def test_what_the_warehouse_holds_is_asked_when_it_cannot_be_told(damage: str, copy: Settings) -> None:
    DAMAGES[damage](copy.warehouse / "origin.json")
    with pytest.raises(UserError, match=r"origin\.json cannot be read, .*: write \{\"holds\": "):
        run(copy, "run-3")
    (copy.warehouse / "origin.json").write_text('{"holds": "other"}')
    assert not run(copy, "run-4")


def damage_the_middle(path: Path) -> None:
    """What DuckDB notices only when it reads the tables: the header and the catalog are whole."""
    with connect(path) as connection:
        connection.execute(
            "create table main.large as select range as i, md5(range::text) from range(99_999)"
        )
    content = path.read_bytes()
    half = len(content) // 3
    path.write_bytes(content[:half] + b"\xff" * 300_000 + content[half + 300_000 :])


@pytest.mark.parametrize("damage", ["empty", "truncated", "garbage"])
def test_a_file_that_is_no_database_is_damaged_and_another_one_is_not(damage: str, tmp_path: Path) -> None:
    path = tmp_path / "some.duckdb"
    with connect(path) as connection:
        connection.execute("create table main.one as select 1 as one")
    connect(path).close()
    DAMAGES[damage](path)
    with pytest.raises(DamagedDatabase, match=r"some\.duckdb cannot be read: "):
        connect(path)
    with pytest.raises(UserError, match=r"none\.duckdb cannot be opened") as told:
        connect(tmp_path / "none.duckdb", read_only=True)
    assert not isinstance(told.value, DamagedDatabase)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ('Corrupt database file: computed checksum 1 in "{path}"', True),
        ('Failure while replaying WAL file "{path}.wal": Corrupt WAL file: entry size', True),
        ('INTERNAL Error: Failure while replaying WAL file "{path}.wal"', True),
        ('file "/elsewhere/other.duckdb.wal": Corrupt WAL file', False),
        ('FATAL Error: the autocheckpoint failed: Could not write file "{path}": No space left', False),
        ("FATAL Error: checkpoint: Out of Memory Error: failed to allocate", False),
        ('Could not set lock on file "{path}"', False),
    ],
)
def test_damage_of_the_file_is_told_from_a_want_of_the_machine(message: str, expected: bool) -> None:
    path = Path("/warehouse/work/sequences.duckdb")
    assert is_damage(message.format(path=path), path) is expected


@pytest.mark.parametrize("damage", ["missing", "garbage", "middle", "old"])
def test_a_damaged_build_database_is_set_aside_and_made_again(damage: str, copy: Settings, caplog) -> None:
    before = published(copy)
    if damage == "old":
        with connect(copy.database) as connection:
            connection.execute("update audit.build_state set newest_load = '000009'")
    else:
        {**DAMAGES, "middle": damage_the_middle}[damage](copy.database)
    copy.database.with_name("sequences.duckdb.wal").write_bytes(b"garbage" * 99)
    steps.load_step(copy, "run-3")
    report = build(copy)
    report.raise_for_failures()
    expected = {"missing": "was gone", "old": "is older than"}.get(damage, "is set aside as")
    assert expected in report.full_refresh
    steps.publish_step(copy, "run-3")
    assert published(copy) == before
    assert build_state.read(copy).definition
    assert len(list(copy.work.glob("*.damaged.duckdb"))) == (expected == "is set aside as")


def test_damage_that_the_publication_meets_is_named_and_healed_by_the_next_run(copy: Settings) -> None:
    before = published(copy)
    with connect(copy.database) as connection:
        connection.execute(
            "create table core.large as select range as i, md5(range::text) from range(99_999)"
        )
        connection.execute(
            "insert into core.fct_sequence_events select '1', 't', i::text, "
            "timestamptz '2026-01-01', md5(i::text), '000002' from core.large"
        )
    content = copy.database.read_bytes()
    third = len(content) // 3
    copy.database.write_bytes(content[:third] + b"\xff" * third + content[2 * third :])
    with pytest.raises(UserError, match=r"damaged and is set aside as .*: run again"):
        steps.publish_step(copy, "run-3")
    assert run(replace(copy, full_refresh=True), "run-4")
    assert published(copy) == before


def test_lost_raw_data_is_loaded_again_and_everything_rebuilt_from_it(copy: Settings, caplog) -> None:
    before = published(copy)
    files(copy, "raw/load_id=000001*/events/*.parquet")[0].unlink()
    for path in files(copy, "work/dbt/*.*"):  # what dbt remembers of the project
        DAMAGES["garbage"](path)
    with pytest.raises(UserError, match=r"Raw storage has lost or changed .*`make run`"):
        run_dbt(copy, ["--quiet", "build"])
    assert run(copy, "run-3"), "never taken for unchanged"
    assert "loaded again from the landing folder" in caplog.text
    assert steps.RunRecord(copy, "run-3").content["full_refresh"].startswith("raw storage had lost")
    assert published(copy) == before
    assert not run(copy, "run-4")


def test_a_busy_database_is_a_sentence_that_says_who_holds_it(copy: Settings, monkeypatch) -> None:
    monkeypatch.setattr(database, "LOCK_WAIT", 0.1)
    code = "import duckdb, sys; held = duckdb.connect(sys.argv[1]); print(flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code, copy.database], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        holder.stdout.readline()
        uses: list[Callable[[], object]] = [
            lambda: build(copy),
            lambda: run_dbt(copy, ["--quiet", "build"]),
            lambda: marts.prepare_marts(copy),
            lambda: steps.publish_step(copy, "run-3"),
        ]
        for use in uses:
            with pytest.raises(BusyDatabase, match=rf"in use by .*python.*\(PID {holder.pid}\).*: close it"):
                use()
        holder.communicate(b"\n")


def test_people_who_ask_are_told_of_damage_in_a_sentence(copy: Settings, monkeypatch) -> None:
    DAMAGES["garbage"](copy.database)
    with pytest.raises(UserError, match=r"cannot be read: .* `make run` sets it aside"):
        run_dbt(copy, ["--quiet", "build"])
    assert copy.database.exists()
    DAMAGES["garbage"](next(copy.published.rglob("*.parquet")))
    monkeypatch.setattr("sequence_warehouse.semantic.metrics._semantic_manifest", lambda settings: "{}")
    monkeypatch.setattr("sequence_warehouse.semantic.metrics._engine", lambda manifest: None)
    with pytest.raises(UserError, match=r"has lost or changed parquet/.* `make run` publishes another"):
        Metrics(copy)
    (copy.work / "dbt" / "manifest.json").write_text("{")
    with pytest.raises(UserError, match=r"manifest\.json cannot be read"):
        declared.relations(copy)
