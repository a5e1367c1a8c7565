"""What the validations look at: the new loads, and the marts beside the last publication."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import duckdb

from sequence_warehouse import publication, seeds
from sequence_warehouse.database import connect, identifier, literal, path_literal
from sequence_warehouse.declared import PUBLISHED_SCHEMAS, relations
from sequence_warehouse.raw import load_ids, relation
from sequence_warehouse.settings import Settings, UserError

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


def prepare_raw(settings: Settings) -> Path:
    """A database of views over the loads that no publication has seen, of the types of objects that the seed
    knows, and of one row that sums the loads up.

    Returns its path. Without such a load it holds the newest one.
    """
    path = settings.work / "raw_audit.duckdb"
    for left_over in (path, path.with_name(f"{path.name}.wal")):
        left_over.unlink(missing_ok=True)
    loads = load_ids(settings.raw)
    published = published_load(settings.published)
    news = [load for load in loads if load > published] or loads[-1:]
    hive = "hive_partitioning = true, hive_types = {'load_id': varchar}"

    def read(loads: list[str], family: str) -> str:
        paths = ", ".join(path_literal(settings.raw, f"load_id={load}/{family}/*.parquet") for load in loads)
        return f"read_parquet([{paths}], {hive})"

    with connect(path, settings=settings) as connection:
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
        known = {
            name: f"read_csv({path_literal(seeds.folder(settings) / f'{name}.csv')}, all_varchar = true)"
            for name in ("event_types", "object_types")
        }
        connection.execute(
            f"create table raw.object_types as select object_type from {known['object_types']}"
        )
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
            known as (select event_type from {known["event_types"]}),
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
            publication.relation(version, *accounts) if is_whole and accounts in before else None
        )
        facts.append(_fact("previous_newest_event_at", "timestamptz", "max(as_of)", accounts_before))
        connection.execute(f"create or replace table audit.facts as select {', '.join(facts)}")
    return settings.database


def _write_columns(connection: duckdb.DuckDBPyConnection, declared: dict[tuple[str, str], dict]) -> None:
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


def published_load(published: Path) -> str:
    """The newest load that the current publication holds; "" when there is none that can be told."""
    load = publication.content(published).get("load_id")
    return load if isinstance(load, str) and load[:6].isdigit() else ""


def row_counts(
    connection: duckdb.DuckDBPyConnection,
    database: str,
    declared: Collection[tuple[str, str]] | None = None,
) -> dict[tuple[str, str], int]:
    """Rows of each table and view in the published schemas, by schema and name.

    declared: those that count, of a working database; raises UserError when one of them is not there.
    """
    present = connection.execute(
        "select table_schema, table_name from information_schema.tables "
        f"where table_catalog = {literal(database)} and table_schema in {PUBLISHED_SCHEMAS} order by all"
    ).fetchall()
    if declared is None:
        tables = present
    else:
        tables = sorted(table for table in declared if table[0] in PUBLISHED_SCHEMAS)
        if missing := [f"{schema}.{name}" for schema, name in tables if (schema, name) not in present]:
            raise UserError(f"Not built, although the project declares it: {', '.join(missing)}.")
    return {
        (schema, table): connection.execute(
            f"select count(*) from {identifier(database)}.{identifier(schema)}.{identifier(table)}"
        ).fetchone()[0]
        for schema, table in tables
    }
