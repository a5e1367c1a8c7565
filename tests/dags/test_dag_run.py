"""The DAG run in this process on a temporary warehouse: its good path and each failing border."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from pathlib import Path

import pytest

from sequence_warehouse.cli import summary
from sequence_warehouse.config.settings import Settings
from sequence_warehouse.storage.database import connect
from tests.support.holders import held_for_writing
from tests.support.modes import open_to_others
from tests.support.projects import light_project

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory, small_landing) -> Settings:
    folder = tmp_path_factory.mktemp("run")
    project = light_project(folder / "project")
    settings = project / "dbt_project.yml"
    # with what is expected of the books: trouble with one file must not keep the others from publication
    settings.write_text(settings.read_text().replace("    ops: {+enabled: false}\n", ""))
    return Settings(small_landing, folder / "warehouse", project)


def test_a_run_publishes_a_rerun_changes_nothing_and_a_failed_border_keeps_it(warehouse, run_dag, capsys):
    os.umask(0o022)
    assert run_dag(warehouse).state == "success"
    assert open_to_others(warehouse.warehouse) == []
    first = published_tables(warehouse)
    version = warehouse.published.resolve()
    assert first["reports.step_funnel"] and first["core.fct_enrollments"]
    assert outcomes(warehouse) == ["published"]

    assert run_dag(warehouse).state == "success"
    assert warehouse.published.resolve() == version, "nothing changed, nothing published"

    for border, table in (("raw", "raw.events"), ("marts", "reports.step_funnel")):
        suite = impossible_suite(warehouse, border, table)
        assert run_dag(warehouse).state == "failed"
        assert f"{border} border failed" in last_message(warehouse)
        assert f"{table}: expected: there is no row at all" in last_message(warehouse)
        assert warehouse.published.resolve() == version
        suite.unlink()

    break_model(warehouse)
    assert run_dag(warehouse).state == "failed"
    # two of dbt's tests hold it against other reports, and run side by side
    tests = r"first the test step_(funnel|metrics_daily)_adds_up:"
    assert re.search(tests, last_message(warehouse)), "dbt's tests stand before the second border"
    assert warehouse.published.resolve() == version
    mend_model(warehouse)

    break_sql(warehouse)
    assert run_dag(warehouse).state == "failed"
    assert "dim_companies" in last_message(warehouse)
    assert warehouse.published.resolve() == version
    assert not (warehouse.warehouse / "lock.json").exists(), "a failed run gives the warehouse back"
    mend_sql(warehouse)

    assert run_dag(warehouse).state == "success"
    assert warehouse.published.resolve() == version, "as it was again: nothing to publish"

    with held_for_writing(warehouse.published / "sequences.duckdb"):
        assert run_dag(replace(warehouse, full_refresh=True)).state == "success"
    with held_for_writing(warehouse.published / "sequences.duckdb"):
        assert run_dag(warehouse).state == "success"
        summary.print_summary(warehouse, newest_record(warehouse))
    assert "Reports: " in capsys.readouterr().out
    assert published_tables(warehouse) == first
    assert set(outcomes(warehouse)) == {"published", "unchanged", "failed"}


def test_a_missing_landing_folder_is_one_sentence(warehouse, run_dag, tmp_path):
    nowhere = replace(warehouse, landing=tmp_path / "nowhere", warehouse=tmp_path / "warehouse")
    assert run_dag(nowhere).state == "failed"
    assert last_message(nowhere).startswith("There is no landing folder at ")
    assert not nowhere.published.exists()


def test_nothing_landed_is_one_sentence_and_files_of_nothing_publish_empty_tables(
    warehouse, run_dag, tmp_path
):
    empty = replace(warehouse, landing=tmp_path / "landing", warehouse=tmp_path / "warehouse")
    empty.landing.mkdir()
    assert run_dag(empty).state == "failed"
    assert last_message(empty).startswith(f"Nothing was found in {empty.landing}: it has no files.")
    assert not empty.published.exists()

    events = empty.landing / "portal=1001" / "events"
    events.mkdir(parents=True)
    (events / "none.jsonl").touch()
    strays = [empty.landing / name for name in ("README.txt", "notes.txt", "portal=1\n2", "landing/portal=1")]
    for stray in strays:
        stray.parent.mkdir(exist_ok=True)
        stray.touch()
    assert run_dag(empty).state == "success"
    assert published_tables(empty)["core.fct_enrollments"] == []
    with connect(empty.published / "sequences.duckdb", read_only=True) as connection:
        told = "select source_file from {} where portal_id is null order by all"
        for table in ("ops.rejected_records", "ops.load_files"):
            rows = connection.execute(told.format(table)).fetchall()
            assert rows == sorted((str(stray.relative_to(empty.landing)),) for stray in strays)

    for file in (events / "none.jsonl", *strays):
        file.unlink()
    published = empty.published.resolve()
    assert run_dag(empty).state == "success", "nothing new"
    assert empty.published.resolve() == published


def published_tables(settings: Settings) -> dict[str, list[tuple]]:
    """Every published row of core and reports."""
    with connect(settings.published / "sequences.duckdb", read_only=True) as connection:
        tables = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables() "
            "where schema_name in ('core', 'reports') order by all"
        ).fetchall()
        return {
            table: connection.execute(f"select * from {table} order by all").fetchall() for (table,) in tables
        }


def outcomes(settings: Settings) -> list[str]:
    with connect(settings.published / "sequences.duckdb", read_only=True) as connection:
        return [
            row[0]
            for row in connection.execute("select outcome from ops.runs order by started_at").fetchall()
        ]


def last_message(settings: Settings) -> str:
    return newest_record(settings)["message"]


def newest_record(settings: Settings) -> dict:
    newest = max((settings.work / "runs").glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
    return json.loads(newest.read_text())


MEASURE = "        steps.{{ measure }},"
ONE_MORE = "        steps.{{ measure }} + 1 as {{ measure }},"


def break_model(settings: Settings) -> None:
    path = settings.project / "models/reports/step_funnel.sql"
    text = path.read_text()
    assert MEASURE in text
    path.write_text(text.replace(MEASURE, ONE_MORE))


def mend_model(settings: Settings) -> None:
    path = settings.project / "models/reports/step_funnel.sql"
    path.write_text(path.read_text().replace(ONE_MORE, MEASURE))


def impossible_suite(settings: Settings, border: str, table: str) -> Path:
    path = settings.project / f"expectations/{border}/{table}.never.json"
    expectation = {
        "type": "expect_no_rows",
        "kwargs": {"query": f"select portal_id from {table}"},
        "severity": "critical",
        "description": "there is no row at all",
    }
    path.write_text(json.dumps({"name": f"{table}.never", "table": table, "expectations": [expectation]}))
    return path


def break_sql(settings: Settings) -> None:
    path = settings.project / "models/core/dim_companies.sql"
    path.write_text(path.read_text().replace("companies.domain", "companies.no_such_column"))


def mend_sql(settings: Settings) -> None:
    path = settings.project / "models/core/dim_companies.sql"
    path.write_text(path.read_text().replace("companies.no_such_column", "companies.domain"))
