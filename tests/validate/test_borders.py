"""The project's own suites: the good warehouse passes, each kind of damage is found and named."""

import shutil
from dataclasses import replace

import pytest

from sequence_warehouse.config.settings import Settings
from sequence_warehouse.storage.database import connect
from sequence_warehouse.validate import validate
from sequence_warehouse.validate.marts import prepare_marts

EMPTY_RAW = "; ".join(
    f"delete from raw.{table}" for table in ("events", "objects", "files", "rejected_records", "load_summary")
)
NOTHING_YET = """;
update audit.publication set rows = 0, previous_rows = null;
update audit.facts set newest_event_at = null, previous_newest_event_at = null, events = 0,
    unattributed_events = 0, inferred_enrollments = 0, enrollments = 0, late_events = 0,
    rejected_records = 0"""


def test_a_good_load_passes_without_a_warning(database, suites):
    report = validate(database("raw"), suites, None, "raw", "run-1")

    assert [str(row) for row in report.rows if not row.success] == []
    assert report.success


@pytest.mark.parametrize("border", ["raw", "marts"])
def test_an_empty_database_passes_without_a_warning(database, suites, marts, border):
    published = "; ".join(f"delete from {schema}.{name}" for schema, name in published_tables(marts))
    empty = EMPTY_RAW if border == "raw" else published + NOTHING_YET
    report = validate(database(border, empty), suites, None, border, "run-1")

    assert [str(row) for row in report.rows if not row.success] == []


def published_tables(marts: Settings) -> list[tuple[str, str]]:
    with connect(marts.database, read_only=True) as connection:
        return connection.execute(
            "select schema_name, table_name from duckdb_tables() "
            "where schema_name in ('core', 'reports', 'ops')"
        ).fetchall()


@pytest.mark.parametrize("table", ["audit.publication", "audit.facts"])
def test_without_audit_rows_the_marts_pass(database, one_suite, table):
    path = database("marts", f"delete from {table}")
    report = validate(path, one_suite("marts", table), None, "marts", "run-1")

    assert [str(row) for row in report.rows if not row.success] == []


CRITICAL = [
    ("raw.events", "event_id", "update raw.events set event_id = null where line_number = 1"),
    ("raw.events", "event_type", "update raw.events set event_type = '' where line_number = 1"),
    ("raw.events", "occurred_at", "alter table raw.events alter occurred_at type timestamp"),
    ("raw.events", "portal_id", "alter table raw.events drop portal_id"),
    ("raw.events", "occurred_at", "update raw.events set occurred_at = 'infinity'"),
    ("raw.events", "source_file", "delete from raw.files"),
    ("raw.objects", "object_id", "update raw.objects set object_id = null"),
    ("raw.objects", "source_file", "update raw.objects set source_file = 'elsewhere'"),
    ("raw.rejected_records", "reason", "update raw.rejected_records set reason = null"),
    ("raw.files", "records", "delete from raw.events where line_number = 2"),
    ("raw.files", "records", "update raw.files set records = null"),
    ("raw.files", "rejected", "update raw.files set rejected = 0"),
    ("raw.load_summary", "events", "update raw.load_summary set events = 5"),
    ("raw.load_summary", "rejected_share", "update raw.load_summary set rejected_share = 1.5"),
    ("audit.facts", "enrollments", "update audit.facts set enrollments = 5"),
    (
        "core.fct_deals",
        "credited_enrollment_id",
        "update core.fct_deals set credited_enrollment_id = 'nobody'",
    ),
    ("reports.enrollment_list", "all of them", "delete from reports.enrollment_list"),
    ("audit.publication", "rows", "update audit.publication set rows = -1"),
]


@pytest.mark.parametrize(("table", "named", "sql"), CRITICAL)
def test_damage_fails_the_border_and_the_message_names_table_and_column(
    database, one_suite, table, named, sql
):
    border = "raw" if table.startswith("raw.") else "marts"
    report = validate(database(border, sql), one_suite(border, table), None, border, "run-1")

    assert not report.success
    said = [str(row) for row in report.failed_critical]
    assert any(one.startswith(table) and named in one for one in said), said


@pytest.mark.parametrize(
    ("change", "column"),
    [("alter revenue type double", "revenue"), ("drop first_email_sent_at", "first_email_sent_at")],
)
def test_a_column_that_is_not_as_declared_fails_the_border(
    marts, database, one_suite, tmp_path, change, column
):
    other = replace(marts, warehouse=tmp_path / "warehouse")
    shutil.copytree(marts.work / "dbt", other.work / "dbt")
    shutil.copyfile(database("marts", f"alter table core.fct_enrollments {change}"), other.database)
    report = validate(prepare_marts(other), one_suite("marts", "audit.columns"), None, "marts", "run-1")

    assert [f"column_name={column}" in row.observed for row in report.failed_critical] == [True]


WARNINGS = [
    ("raw.events", "occurred_at", "update raw.events set occurred_at = loaded_at + interval 2 day"),
    ("raw.objects", "object_type", "update raw.objects set object_type = 'invoices'"),
    ("raw.load_summary", "rejected_share", "update raw.load_summary set rejected_share = 0.06"),
    ("raw.load_summary", "previous_events", "update raw.load_summary set previous_events = 31"),
    (
        "raw.load_summary",
        "newest_occurred_at",
        "update raw.load_summary set newest_occurred_at = '2025-01-01'",
    ),
    ("raw.load_summary", "unknown_event_types", "update raw.load_summary set unknown_event_types = 2"),
    ("audit.publication", "previous_rows", "update audit.publication set previous_rows = 3 * rows"),
    ("audit.publication", "previous_rows", "update audit.publication set previous_rows = 100, rows = 2000"),
    ("audit.facts", "newest_event_at", "update audit.facts set previous_newest_event_at = '2999-01-01'"),
    ("audit.facts", "unattributed_events", "update audit.facts set unattributed_events = events"),
    ("audit.facts", "late_events", "update audit.facts set late_events = events"),
]


@pytest.mark.parametrize(("table", "named", "sql"), WARNINGS)
def test_what_is_only_suspicious_warns_and_does_not_fail_the_border(database, one_suite, table, named, sql):
    border = "raw" if table.startswith("raw.") else "marts"
    report = validate(database(border, sql), one_suite(border, table), None, border, "run-1")

    assert [str(row) for row in report.failed_critical] == []
    said = [str(row) for row in report.warnings]
    assert any(one.startswith(table) and named in one for one in said), said
