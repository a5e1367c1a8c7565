"""What the validations look at: the new loads, and the marts beside the last publication."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb

from sequence_warehouse.database import connect, identifier, literal, path_literal
from sequence_warehouse.raw import load_ids, relation
from sequence_warehouse.settings import Settings

PUBLISHED_SCHEMAS = ("core", "reports", "ops")


def prepare_raw(settings: Settings) -> Path:
    """A database of views over the loads that no publication has seen, and of one row that sums them up.

    Returns its path. Without such a load it holds the newest one.
    """
    path = settings.work / "raw_audit.duckdb"
    path.unlink(missing_ok=True)
    loads = load_ids(settings.raw)
    published = published_load(settings.published)
    news = [load for load in loads if load > published] or loads[-1:]
    hive = "hive_partitioning = true, hive_types = {'load_id': varchar}"

    def read(loads: list[str], family: str) -> str:
        paths = ", ".join(path_literal(settings.raw, f"load_id={load}/{family}/*.parquet") for load in loads)
        return f"read_parquet([{paths}], {hive})"

    with connect(path, threads=settings.threads) as connection:
        connection.execute("create schema raw")
        for family in ("events", "objects"):
            connection.execute(
                f"create view raw.{family} as select * exclude (reason, message) "
                f"from {read(news, family)} where reason is null"
            )
        rejected = "portal_id, source_file, line_number, reason, message, record as raw_record, load_id"
        connection.execute(
            "create view raw.rejected_records as "
            + " union all ".join(
                f"select {rejected}, loaded_at as rejected_at "
                f"from {read(news, family)} where reason is not null"
                for family in ("events", "objects")
            )
        )
        connection.execute(f"create view raw.files as select * from {read(news, 'files')}")
        known = settings.project / "seeds" / "event_types.csv"
        connection.execute(
            f"""
            create table raw.load_summary as
            with earlier as (
                select
                    load_id,
                    count(*) as events,
                    max(occurred_at) as newest_occurred_at,
                from {relation(settings.raw, "events")}
                where reason is null and load_id < {literal(news[0])}
                group by all
            ),
            known as (select event_type from read_csv({path_literal(known)}, all_varchar = true)),
            counted as (select
                (select count(*) from raw.files where status = 'loaded') as files,
                (select count(*) from raw.events) as events,
                (select count(*) from raw.objects) as objects,
                (select count(*) from raw.rejected_records) as rejected_records,
                (select max_by(events, load_id) from earlier) as previous_events,
                (select max(occurred_at) from raw.events) as newest_occurred_at,
                (select max(newest_occurred_at) from earlier) as previous_newest_occurred_at,
                (
                    select count(distinct event_type) from raw.events
                    where event_type not in (select known.event_type from known)
                ) as unknown_event_types,
                (select max(loaded_at) from raw.files) as loaded_at
            )
            select
                *,
                rejected_records / nullif(events + objects + rejected_records, 0) as rejected_share,
            from counted
            """
        )
    return path


def prepare_marts(settings: Settings) -> Path:
    """Write ``audit.publication`` and ``audit.facts`` into the working database; returns its path."""
    with connect(settings.database, threads=settings.threads) as connection:
        connection.execute("create schema if not exists audit")
        previous = settings.published / "sequences.duckdb"
        if previous.exists():
            connection.execute(f"attach {literal(previous.resolve())} as previous (read_only)")
        rows = row_counts(connection, settings.database.stem)
        before = row_counts(connection, "previous") if previous.exists() else {}
        connection.execute(
            "create or replace table audit.publication (table_schema varchar, table_name varchar, "
            "rows bigint, previous_rows bigint)"
        )
        connection.executemany(
            "insert into audit.publication values (?, ?, ?, ?)",
            [[*table, count, before.get(table)] for table, count in rows.items()],
        )
        newest_before = (
            "(select max(as_of) from previous.core.dim_accounts)"
            if ("core", "dim_accounts") in before
            else "cast(null as timestamptz)"
        )
        connection.execute(
            f"""
            create or replace table audit.facts as
            select
                (select max(as_of) from core.dim_accounts) as newest_event_at,
                {newest_before} as previous_newest_event_at,
                (select coalesce(sum(events), 0) from ops.event_quality)::bigint as events,
                (select coalesce(sum(unattributed), 0) from ops.event_quality)::bigint
                    as unattributed_events,
                (select count(*) from core.fct_enrollments where is_inferred) as inferred_enrollments,
                (select count(*) from core.fct_enrollments) as enrollments,
                (select coalesce(sum(late_events), 0) from ops.late_events)::bigint as late_events,
                (select count(*) from ops.rejected_records) as rejected_records,
            """
        )
    return settings.database


def published_load(published: Path) -> str:
    """The newest load that the current publication holds; "" when there is none."""
    try:
        return json.loads((published / "version.json").read_text())["load_id"]
    except (OSError, ValueError, KeyError):
        return ""


def row_counts(connection: duckdb.DuckDBPyConnection, database: str) -> dict[tuple[str, str], int]:
    """Rows of each table that is or will be published, by schema and name."""
    tables = connection.execute(
        "select schema_name, table_name from duckdb_tables() "
        f"where database_name = {literal(database)} and schema_name in {PUBLISHED_SCHEMAS} order by all"
    ).fetchall()
    return {
        (schema, table): connection.execute(
            f"select count(*) from {identifier(database)}.{identifier(schema)}.{identifier(table)}"
        ).fetchone()[0]
        for schema, table in tables
    }
