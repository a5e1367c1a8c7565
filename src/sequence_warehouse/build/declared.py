"""What the dbt project declares: that is published, and nothing else stays in the working database.

dbt leaves a table where it is when its model is deleted, renamed or disabled. Published, it would look
alive and never change again.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

import duckdb

from sequence_warehouse.config.errors import UserError
from sequence_warehouse.config.settings import Settings
from sequence_warehouse.storage.database import connect, identifier, literal, only_row

PUBLISHED_SCHEMAS = ("core", "reports", "ops")
# A schema whose last model is deleted is not in the manifest any more; `audit` and `main` are not dbt's.
_SCHEMAS = (*PUBLISHED_SCHEMAS, "staging", "intermediate", "seeds")


def relations(settings: Settings) -> dict[tuple[str, str], dict[str, Any]]:
    """Every model and seed that has a table or view, by its schema and name, as the last build read them.

    Raises UserError when nobody knows.
    """
    path = settings.work / "dbt" / "manifest.json"
    try:
        manifest = json.loads(path.read_text())
    except (OSError, ValueError):
        raise UserError(
            f"What was built last cannot be told: {path} cannot be read. Build again, as `make run` does."
        ) from None
    return {
        (node["schema"], node["alias"]): node
        for node in manifest["nodes"].values()
        if node["resource_type"] in {"model", "seed", "snapshot"}
        and node["config"]["materialized"] != "ephemeral"
    }


def drop_others(settings: Settings) -> list[str]:
    """Drop tables and views that the project no longer declares from the working database.

    Returns their names. To be called after a successful build: until then nobody knows whether the
    project was meant to be as it is.
    """
    declared = relations(settings)
    with connect(settings.database, settings=settings) as connection:
        present = connection.execute(
            """
            select schema_name, table_name, 'table' as kind from duckdb_tables()
            union all
            select schema_name, view_name, 'view' from duckdb_views() where not internal
            order by all
            """
        ).fetchall()
        others = [row for row in present if row[0] in _SCHEMAS and row[:2] not in declared]
        for schema, name, kind in others:
            connection.execute(f"drop {kind} {identifier(schema)}.{identifier(name)}")
    return [f"{schema}.{name}" for schema, name, _ in others]


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
        (schema, table): only_row(
            connection.execute(
                f"select count(*) from {identifier(database)}.{identifier(schema)}.{identifier(table)}"
            )
        )[0]
        for schema, table in tables
    }
