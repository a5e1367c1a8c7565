"""Publish: a new version folder beside the old ones, made current by renaming one symbolic link.

    versions/<id>/sequences.duckdb                     every table but the big one, for BI
    versions/<id>/parquet/<schema>/<table>/*.parquet   the same tables as Parquet
    versions/<id>/parquet/core/fct_sequence_events/portal=<id>/month=<yyyy-mm>/events.parquet
    versions/<id>/docs/index.html                      what every table and column means
    versions/<id>/version.json                         what is in it
    published -> versions/<id>

A partition of the big table that did not change is a hard link to the version before. A reader that
has an old file open keeps it: files are read-only from the start, and the last versions stay.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from sequence_warehouse.build.declared import PUBLISHED_SCHEMAS, relations, row_counts
from sequence_warehouse.config.errors import UserError
from sequence_warehouse.config.settings import Settings
from sequence_warehouse.storage import durable, history, permissions, publication
from sequence_warehouse.storage.database import connect, identifier, literal, only_row, opening
from sequence_warehouse.storage.layout import VERSION, VERSION_FILE
from sequence_warehouse.storage.publication import current_version
from sequence_warehouse.storage.raw import load_ids
from sequence_warehouse.storage.records import ended, finished

log = logging.getLogger(__name__)

BIG_TABLE = ("core", "fct_sequence_events")


def publish(
    settings: Settings,
    run: dict[str, object],
    fingerprint: str,
    task: dict[str, object] | None = None,
) -> dict[str, Any]:
    """Write, check and switch to a new version; returns the content of its ``version.json``.

    run, task: the rows of ``ops.runs`` and ``ops.task_results`` for the run and the task that publish,
    which the publication shows as done; the run's version is filled in here.
    """
    settings.versions.mkdir(parents=True, exist_ok=True)
    for left_over in settings.versions.glob(f".{VERSION}"):  # of a publication that was killed
        permissions.remove(left_over)
    version = _next_version(settings.versions)
    folder = settings.versions / f".{version}"
    parquet = folder / "parquet"
    parquet.mkdir(parents=True)
    if settings.docs.exists():
        shutil.copytree(settings.docs, folder / "docs")
    previous = current_version(settings)

    with connect(settings=settings) as connection:
        # by the name that dbt knows it by: a declared view names the tables below it with their database
        with opening(settings.database):
            connection.execute(f"attach {literal(settings.database)} as sequences (read_only)")
        connection.execute(
            f"attach {literal(folder / 'sequences.duckdb')} as publication (storage_version 'v1.5.0')"
        )
        declared = relations(settings)
        tables = row_counts(connection, "sequences", declared)
        big = tables.pop(BIG_TABLE)
        for schema in PUBLISHED_SCHEMAS:
            connection.execute(f"create schema publication.{schema}")
        for schema, table in tables:
            rows = f"from sequences.{schema}.{identifier(table)} order by all"
            _copy_table(connection, schema, table, rows)
        partitions = _publish_events(connection, parquet, previous)
        # what takes long is done: the publication shows its own run and task as they end
        own = {"runs": ended({**run, "version": version})}
        if task is not None:
            own["task_results"] = finished({**task, "rows": sum(tables.values()) + big})
        try:
            _copy_history(connection, settings, own, previous)
        except duckdb.Error:
            for sentence in history.mend(settings, is_thorough=True):
                log.warning(sentence)
            _copy_history(connection, settings, own, previous)
        _describe(connection, declared)
        connection.execute("checkpoint publication")
        written = row_counts(connection, "publication")
        for schema, table in written:
            target = parquet / schema / table
            target.mkdir(parents=True)
            connection.execute(
                f"copy publication.{schema}.{identifier(table)} "
                f"to {literal(target / 'data.parquet')} (format parquet, compression zstd)"
            )
    different = {table for table in tables if written.get(table) != tables[table]}
    if different:
        raise UserError(f"Published tables differ from the built ones in rows: {sorted(different)}.")

    content = {
        "version": version,
        "run_id": run["run_id"],
        "load_id": max(load_ids(settings.raw), default=""),
        "published_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "fingerprint": fingerprint,
        "rows": {f"{schema}.{table}": rows for (schema, table), rows in {**written, BIG_TABLE: big}.items()},
        "event_partitions": partitions,
        "files": publication.sizes(folder),
    }
    (folder / VERSION_FILE).write_text(json.dumps(content, indent=1))
    final = settings.versions / version
    # before anybody can see it: from then on it is never written again
    permissions.seal(settings, folder)
    durable.replace(folder, final)
    publication.switch(settings.published, final)
    remove_old_versions(settings)
    return content


def remove_old_versions(settings: Settings) -> list[str]:
    """Keep the newest publications, and the current one in any case; returns the names that went."""
    current = current_version(settings)
    old = sorted(settings.versions.glob(VERSION))[: -settings.kept_versions]
    return [version.name for version in old if version.resolve() != current and permissions.remove(version)]


def _copy_history(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    own: dict[str, dict[str, object]],
    previous: Path | None,
) -> None:
    """The history, with what only the publication before knows, and with the rows of this run."""
    sizes = publication.told_sizes(previous) if previous else {}
    for table, key in history.KEYS.items():
        earlier = previous / "parquet" / "ops" / table / "data.parquet" if previous else None
        if previous and earlier and not publication.has(previous, earlier, sizes):
            earlier = None
        rows = history.relation(settings.history, table, earlier)
        if table in own:
            mine = history.row(table, own[table])
            rows = f"select * from ({rows}) anti join ({mine}) using ({key}) union all by name {mine}"
        _copy_table(connection, "ops", table, rows)


def _copy_table(connection: duckdb.DuckDBPyConnection, schema: str, table: str, query: str) -> None:
    connection.execute(f"create or replace table publication.{schema}.{identifier(table)} as {query}")


def _describe(connection: duckdb.DuckDBPyConnection, declared: dict[tuple[str, str], dict[str, Any]]) -> None:
    """Give tables and columns the descriptions of their models, so that a BI tool shows them."""
    columns = connection.execute(
        "select schema_name, table_name, list(column_name) from duckdb_columns() "
        "where database_name = 'publication' and not internal group by all"
    ).fetchall()
    for schema, table, names in columns:
        if (schema, table) not in declared:
            continue
        node = declared[schema, table]
        target = f"publication.{schema}.{identifier(table)}"
        # the first paragraph says what a row is; the others are for the documentation's pages
        definition = " ".join(node["description"].split("\n\n")[0].split())
        connection.execute(f"comment on table {target} is {literal(definition)}")
        for name in names:
            text = node["columns"].get(name, {}).get("description")
            if text:
                connection.execute(f"comment on column {target}.{identifier(name)} is {literal(text)}")


def _publish_events(
    connection: duckdb.DuckDBPyConnection, parquet: Path, previous: Path | None
) -> dict[str, str]:
    """Write the partitions of the big table that changed, link the others.

    Returns the content hash of each partition, by its folder.
    """
    schema, table = BIG_TABLE
    target = parquet / schema / table
    target.mkdir(parents=True)
    definition = only_row(
        connection.execute(
            "select list((column_name, data_type) order by column_index)::varchar from duckdb_columns() "
            f"where database_name = 'sequences' and schema_name = '{schema}' and table_name = '{table}'"
        )
    )[0]
    partitions = connection.execute(
        f"""
        select portal_id, strftime(occurred_at, '%Y-%m') as month, count(*), bit_xor(hash(events))
        from sequences.{schema}.{table} as events group by all order by all
        """
    ).fetchall()
    hashes: dict[str, str] = {}
    before = publication.content(previous).get("event_partitions", {}) if previous else {}
    sizes = publication.told_sizes(previous) if previous else {}
    for portal_id, month, rows, row_hash in partitions:
        name = f"portal={portal_id}/month={month}"
        content = hashlib.sha256(f"{definition} {rows} {row_hash}".encode()).hexdigest()
        hashes[name] = content
        file = target / name / "events.parquet"
        file.parent.mkdir(parents=True)
        old = previous / "parquet" / schema / table / name / "events.parquet" if previous else None
        if before.get(name) == content and previous and old and publication.has(previous, old, sizes):
            _link(old, file)
            continue
        connection.execute(
            f"""
            copy (
                select * from sequences.{schema}.{table}
                where
                    portal_id = {literal(portal_id)}
                    and occurred_at >= timestamptz '{month}-01'
                    and occurred_at < timestamptz '{month}-01' + interval 1 month
                order by occurred_at, event_type, event_id
            ) to {literal(file)} (format parquet, compression zstd)
            """
        )
    if not hashes:
        connection.execute(
            f"copy (select * from sequences.{schema}.{table}) "
            f"to {literal(target / 'empty.parquet')} (format parquet)"
        )
    return hashes


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # a file system without hard links
        shutil.copy2(source, target)


def _next_version(versions: Path) -> str:
    last = max((path.name for path in versions.glob(VERSION)), default="000000")
    return f"{int(last[:6]) + 1:06d}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
