"""What runs leave behind is kept, one file a run and table, and reads as one table."""

from pathlib import Path

import duckdb
import pytest

from sequence_warehouse.config.settings import Settings
from sequence_warehouse.storage import history


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A warehouse that is not there yet."""
    return Settings(landing=tmp_path / "landing", warehouse=tmp_path / "warehouse")


def read(settings: Settings, table: str, columns: str = "*") -> list[tuple]:
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        relation = history.relation(settings.history, table)
        return connection.execute(f"select {columns} from ({relation}) order by all").fetchall()


@pytest.mark.parametrize("table", history.TABLES)
def test_a_table_nothing_was_written_to_is_empty_and_has_its_columns(table: str, settings: Settings) -> None:
    expected = [tuple(column.split()) for column in history.TABLES[table].split(",")]
    types = {"timestamptz": "TIMESTAMP WITH TIME ZONE"}
    with duckdb.connect() as connection:
        relation = history.relation(settings.history, table)
        described = connection.execute(f"describe {relation}").fetchall()
        assert connection.execute(f"select count(*) from ({relation})").fetchone() == (0,)
    assert [row[:2] for row in described] == [
        (name, types.get(kind, kind.upper())) for name, kind in expected
    ]


@pytest.mark.parametrize("table", history.TABLES)
def test_a_run_without_rows_keeps_the_columns(table: str, settings: Settings) -> None:
    history.append(settings, table, "run-1", [])
    assert read(settings, table) == []


def test_runs_are_added_and_the_same_run_again_replaces_its_rows(settings: Settings) -> None:
    for run_id, outcome in (("run-1", "failed"), ("run-2", "published"), ("run-1", "published")):
        history.append(settings, "runs", run_id, [{"run_id": run_id, "outcome": outcome}])
    assert read(settings, "runs", "run_id, outcome") == [("run-1", "published"), ("run-2", "published")]
    assert len(list((settings.history / "runs").iterdir())) == 2


def test_a_run_id_of_the_scheduler_makes_a_file_name_and_stays_itself(settings: Settings) -> None:
    run_id = "scheduled__2026-03-01T00:00:00+00:00/../x"
    history.append(settings, "runs", run_id, [{"run_id": run_id, "message": 'a "b"\nc'}])
    assert read(settings, "runs", "run_id, message") == [(run_id, 'a "b"\nc')]
    (path,) = (settings.history / "runs").iterdir()
    assert path.parent == settings.history / "runs"


def test_times_are_written_in_utc(settings: Settings) -> None:
    history.append(settings, "runs", "run-1", [{"run_id": "r", "started_at": "2026-03-01T10:00:00+02:00"}])
    assert read(settings, "runs", "started_at::varchar") == [("2026-03-01 08:00:00+00",)]


def test_a_file_of_an_older_version_reads_with_the_columns_that_it_lacks_as_null(settings: Settings) -> None:
    folder = settings.history / "runs"
    folder.mkdir(parents=True)
    with duckdb.connect() as connection:
        connection.execute(
            f"copy (select 'old' as run_id, 'failed' as outcome) to '{folder / 'old.parquet'}'"
        )
    history.append(settings, "runs", "new", [{"run_id": "new", "outcome": "published", "seconds": 1.5}])
    assert read(settings, "runs", "run_id, outcome, seconds") == [
        ("new", "published", 1.5),
        ("old", "failed", None),
    ]


def test_rows_of_a_publication_that_has_no_attempts_yet_are_there_once(settings: Settings) -> None:
    earlier = settings.warehouse / "earlier.parquet"
    history.append(settings, "model_results", "run-1", [{"run_id": "run-1", "attempt": None}])
    for select in (
        "select 'run-1' as run_id union all select 'run-0'",
        "select 'run-1' as run_id, null::bigint as attempt union all select 'run-0', null",
    ):
        duckdb.sql(f"copy ({select}) to '{earlier}' (format parquet)")
        relation = history.relation(settings.history, "model_results", earlier)
        assert duckdb.sql(f"select run_id, attempt from ({relation}) order by all").fetchall() == [
            ("run-0", None),
            ("run-1", None),
        ]


def test_a_file_that_is_being_written_is_no_file_of_the_history(settings: Settings, monkeypatch) -> None:
    monkeypatch.setattr(
        "sequence_warehouse.storage.durable.replace", lambda unfinished, final: None
    )  # cut off
    history.append(settings, "runs", "run-1", [{"run_id": "run-1"}])
    assert [path.suffix for path in (settings.history / "runs").iterdir()] == [".tmp"]
    assert history.mend(settings) == []
    assert read(settings, "runs") == []
