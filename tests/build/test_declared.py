"""Published is what the project declares, whatever lies in the working database."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from sequence_warehouse.config.settings import Settings
from sequence_warehouse.runs import steps
from sequence_warehouse.storage.database import connect
from tests.support.projects import small_project

REPORT = (
    "{{{{ config(materialized='{kind}', contract={{'enforced': false}}) }}}}\nselect {number} as number\n"
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An empty landed file, and a project with reports, an ops table and a seed that a test may edit."""
    settings = Settings(tmp_path / "landing", tmp_path / "warehouse", small_project(tmp_path / "project"))
    (settings.landing / "portal=1001/events").mkdir(parents=True)
    (settings.landing / "portal=1001/events/none.jsonl").touch()
    (settings.project / "models/reports").mkdir()
    for name in ("kept", "deleted", "renamed", "disabled", "to_view"):
        write(settings, f"reports/{name}")
    write(settings, "reports/to_table", kind="view")
    write(settings, "ops/deleted_log")
    (settings.project / "seeds/deleted_seed.csv").write_text("id\n1\n")
    (settings.project / "expectations/marts/reports.deleted.json").write_text(
        '{"name": "reports.deleted", "table": "reports.deleted", "expectations": [{"type": '
        '"expect_column_values_to_not_be_null", "kwargs": {"column": "number"}, "severity": "critical", '
        '"description": "number is never null"}]}'
    )
    return settings


def write(settings: Settings, name: str, number: int = 1, kind: str = "table") -> None:
    (settings.project / f"models/{name}.sql").write_text(REPORT.format(kind=kind, number=number))


def run(settings: Settings, run_id: str) -> bool:
    """One run of all steps. False: it found nothing changed."""
    if not steps.load_step(settings, run_id):
        return False
    for name in ("validate_raw", "build", "validate_marts", "publish"):
        getattr(steps, f"{name}_step")(settings, run_id)
    return True


def tables(database: Path, *schemas: str) -> set[str]:
    with connect(database, read_only=True) as connection:
        rows = connection.execute(
            "select table_schema || '.' || table_name from information_schema.tables "
            "where table_schema in (select unnest(?))",
            [list(schemas)],
        )
        return {name for (name,) in rows.fetchall()}


@pytest.mark.slow
def test_a_table_of_no_model_is_neither_published_nor_documented_nor_kept(settings):
    assert run(settings, "first")
    before = tables(settings.published / "sequences.duckdb", "core", "ops")
    assert {"reports.to_view", "reports.to_table"} <= tables(
        settings.published / "sequences.duckdb", "reports"
    ), "a view is published too"

    models = settings.project / "models"
    for name in ("reports/deleted", "ops/deleted_log"):
        (models / f"{name}.sql").unlink()
    for part in ("sql", "yml"):
        (models / f"ops/late_events.{part}").unlink()  # which the audit counts the rows of
    (models / "reports/renamed.sql").rename(models / "reports/new_name.sql")
    (settings.project / "seeds/deleted_seed.csv").unlink()
    disabled = models / "reports/disabled.sql"
    disabled.write_text(disabled.read_text().replace("config(", "config(enabled=false, "))
    write(settings, "reports/to_view", 2, kind="view")
    write(settings, "reports/to_table", 2)
    with connect(settings.database) as connection:
        connection.execute("create table reports.my_scratch as select 1 as one")

    assert run(settings, "second")
    published = settings.published / "sequences.duckdb"
    reports = {"reports.kept", "reports.new_name", "reports.to_view", "reports.to_table"}
    assert tables(published, "reports") == tables(settings.database, "reports") == reports
    assert tables(published, "core", "ops") == before - {
        "ops.deleted_log",
        "ops.late_events",
    }
    assert "ops.deleted_log" not in tables(settings.database, "ops")
    assert "seeds.deleted_seed" not in tables(settings.database, "seeds")
    folders = settings.published.glob("parquet/reports/*")
    assert {f"reports.{folder.name}" for folder in folders} == reports
    page = (settings.published / "docs/index.html").read_text()
    assert "new_name" in page and "deleted_log" not in page and "my_scratch" not in page
    with connect(published, read_only=True) as connection:
        assert connection.execute("select number from reports.to_view").fetchall() == [(2,)]
        left_over = connection.execute(
            "select table_name, severity from ops.validation_results where not success and run_id = 'second'"
        ).fetchall()
    assert left_over == [("reports.deleted", "warning")], "its suite is left over, which is only told"

    assert not run(settings, "third"), "nothing changed since"
    (models / "reports/kept.sql").unlink()
    assert run(replace(settings, full_refresh=True), "fourth")
    assert "reports.kept" not in tables(settings.published / "sequences.duckdb", "reports")
    assert "reports.kept" not in tables(settings.database, "reports")
