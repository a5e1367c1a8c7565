"""What runs leave behind: append-only Parquet below ``history``, one file a run and table."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from sequence_warehouse.database import connect, literal, path_literal
from sequence_warehouse.settings import Settings

TABLES = {
    "runs": """
        run_id varchar, started_at timestamptz, ended_at timestamptz, seconds double, outcome varchar,
        load_id varchar, files_loaded bigint, events bigint, objects bigint,
        rejected_records bigint, full_refresh varchar, version varchar, message varchar
    """,
    "task_results": """
        run_id varchar, task varchar, attempt integer, started_at timestamptz, ended_at timestamptz,
        seconds double, rows bigint, outcome varchar, message varchar
    """,
    "model_results": """
        run_id varchar, attempt integer, node varchar, resource_type varchar, status varchar, seconds double,
        rows bigint, message varchar
    """,
    "validation_results": """
        run_id varchar, attempt integer, border varchar, suite varchar, table_name varchar,
        expectation varchar, column_name varchar, severity varchar, success boolean, observed varchar,
        unexpected_count bigint, description varchar, seconds double
    """,
}


def append(settings: Settings, table: str, name: str, rows: Sequence[dict[str, object]]) -> None:
    """Write rows (the columns of ``TABLES[table]``) under a name; the same name again replaces them."""
    folder = settings.history / table
    folder.mkdir(parents=True, exist_ok=True)
    safe = "".join(letter if letter.isalnum() or letter in "-_.+" else "_" for letter in name)
    source = folder / f".{safe}.ndjson"
    source.write_text("".join(json.dumps(row, default=str) + "\n" for row in rows), encoding="utf-8")
    unfinished = folder / f".{safe}.parquet"
    with connect() as connection:
        connection.execute(
            f"copy (select * from read_json({path_literal(source)}, columns = {_columns(table)}, "
            f"format = 'nd')) to {literal(unfinished)} (format parquet, compression zstd)"
        )
    unfinished.rename(folder / f"{safe}.parquet")
    source.unlink()


def row(table: str, values: dict[str, object]) -> str:
    """SQL of one row of a table, of values that are not written yet."""
    columns = ", ".join(
        f"cast({literal(values.get(name))} as {kind}) as {name}"
        for name, kind in (column.split() for column in TABLES[table].split(","))
    )
    return f"select {columns}"


def relation(history: Path, table: str) -> str:
    """SQL that reads a table of the history, empty when nothing was written yet.

    Columns that files of an older version lack are null.
    """
    empty = f"{row(table, {})} where false"
    if any((history / table).glob("*.parquet")):
        files = f"read_parquet({path_literal(history / table, '*.parquet')}, union_by_name = true)"
        return f"{empty} union all by name select * from {files}"
    return empty


def _columns(table: str) -> str:
    pairs = (column.split() for column in TABLES[table].split(","))
    return "{" + ", ".join(f"{name}: '{kind}'" for name, kind in pairs) + "}"
