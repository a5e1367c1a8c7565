"""What the validation of the marts looks at: the built tables, beside the last publication."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from sequence_warehouse.build.declared import PUBLISHED_SCHEMAS, relations, row_counts
from sequence_warehouse.config.settings import Settings
from sequence_warehouse.storage import publication
from sequence_warehouse.storage.database import connect

TABLES = (("audit", "columns"), ("audit", "publication"), ("audit", "facts"))
# One row about what the publication is made of: column, type, and where it comes from. The project may
# have been rid of a table: then its column is null, which nothing is expected of.
_FACTS = (
    ("newest_event_at", "timestamptz", ("core", "dim_accounts"), "max(as_of)"),
    ("events", "bigint", ("ops", "event_quality"), "coalesce(sum(events), 0)"),
    ("unattributed_events", "bigint", ("ops", "event_quality"), "coalesce(sum(unattributed), 0)"),
    ("inferred_enrollments", "bigint", ("core", "fct_enrollments"), "count(*) filter (where is_inferred)"),
    ("enrollments", "bigint", ("core", "fct_enrollments"), "count(*)"),
    ("late_events", "bigint", ("ops", "late_events"), "coalesce(sum(late_events), 0)"),
    ("rejected_records", "bigint", ("ops", "rejected_records"), "count(*)"),
)


def prepare_marts(settings: Settings) -> Path:
    """Write the tables of ``audit`` into the working database, from what is built; returns its path."""
    version = publication.current_version(settings)
    declared = relations(settings)
    with connect(settings.database, settings=settings) as connection:
        connection.execute("create schema if not exists audit")
        _write_columns(connection, declared)
        rows = row_counts(connection, settings.database.stem, declared)
        before = publication.rows(version) if version else {}
        connection.execute(
            "create or replace table audit.publication (table_schema varchar, table_name varchar, "
            "rows bigint, previous_rows bigint)"
        )
        connection.executemany(
            "insert into audit.publication values (?, ?, ?, ?)",
            [[*table, count, before.get(table)] for table, count in rows.items()],
        )
        facts = [
            _fact(name, kind, expression, f"{table[0]}.{table[1]}" if table in rows else None)
            for name, kind, table, expression in _FACTS
        ]
        accounts = ("core", "dim_accounts")
        is_whole = version is not None and not publication.flaws(version)
        accounts_before = (
            publication.relation(version, *accounts) if version and is_whole and accounts in before else None
        )
        facts.append(_fact("previous_newest_event_at", "timestamptz", "max(as_of)", accounts_before))
        connection.execute(f"create or replace table audit.facts as select {', '.join(facts)}")
    return settings.database


def _write_columns(
    connection: duckdb.DuckDBPyConnection, declared: dict[tuple[str, str], dict[str, Any]]
) -> None:
    """``audit.columns``: each column that the published models declare, beside the one that was built."""
    columns = [
        (schema, table, column["name"], column["data_type"])
        for (schema, table), node in declared.items()
        if schema in PUBLISHED_SCHEMAS
        for column in node["columns"].values()
        if column.get("data_type")
    ]
    connection.execute(
        "create or replace table audit.columns (table_schema varchar, table_name varchar, "
        "column_name varchar, declared_type varchar, built_type varchar)"
    )
    if columns:
        connection.executemany("insert into audit.columns values (?, ?, ?, ?, null)", columns)
    connection.execute(
        """
        update audit.columns
        set built_type = built.data_type
        from duckdb_columns() as built
        where
            built.database_name = current_database()
            and built.schema_name = columns.table_schema
            and built.table_name = columns.table_name
            and built.column_name = columns.column_name
        """
    )


def _fact(name: str, kind: str, expression: str, table: str | None) -> str:
    value = f"(select {expression} from {table})" if table else "null"
    return f"{value}::{kind} as {name}"
