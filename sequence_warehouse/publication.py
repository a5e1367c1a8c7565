"""The current publication, as this project itself reads it: one version folder, by its Parquet.

Nothing here opens the published DuckDB file: a BI tool may hold it open for writing, and whoever opens it
then is refused. And nothing reads through the link ``published``: it may be switched between two reads, which
would then be of two versions.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb

from sequence_warehouse.database import connect, identifier, path_literal
from sequence_warehouse.settings import Settings


def current_version(settings: Settings) -> Path | None:
    """The folder that ``published`` leads to now; None when nothing is published.

    Ask once and read all that belongs together below it: it never changes, and the last versions stay.
    """
    folder = settings.published.resolve()
    return folder if settings.published.is_symlink() and folder.is_dir() else None


def summary(version: Path) -> dict[str, Any]:
    """The version's ``version.json``; empty when it cannot be read: the next version can do without."""
    try:
        return json.loads((version / "version.json").read_text())
    except (OSError, ValueError):
        return {}


def rows(version: Path) -> dict[tuple[str, str], int]:
    """Rows of each table of a version, by schema and name, as its publication counted them."""
    counted = summary(version).get("rows", {})
    return {tuple(table.split(".", 1)): count for table, count in counted.items()}


def relation(version: Path, schema: str, table: str) -> str:
    """SQL that reads a table of a version."""
    files = path_literal(version / "parquet" / schema / table, "**/*.parquet")
    return f"read_parquet({files}, hive_partitioning = false)"


def connect_to(version: Path, threads: int = 2) -> duckdb.DuckDBPyConnection:
    """A version's tables as views in a database in memory, by the names that they have in the DuckDB file."""
    connection = connect(threads=threads)
    connection.execute("attach ':memory:' as sequences")
    connection.execute("use sequences")
    tables = sorted(folder for folder in (version / "parquet").glob("*/*") if folder.is_dir())
    for schema in sorted({folder.parent.name for folder in tables}):
        connection.execute(f"create schema {identifier(schema)}")
    for folder in tables:
        schema, table = folder.parent.name, folder.name
        name = f"{identifier(schema)}.{identifier(table)}"
        connection.execute(f"create view {name} as from {relation(version, schema, table)}")
    return connection
