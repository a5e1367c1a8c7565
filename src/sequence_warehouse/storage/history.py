"""What runs leave behind: append-only Parquet below ``history``, one file a run and table."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

import duckdb

from sequence_warehouse.config.settings import Settings
from sequence_warehouse.storage import durable
from sequence_warehouse.storage.database import connect, literal, path_literal

_MAGIC = b"PAR1"  # how a Parquet file begins and ends
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

# What a row of each table is, so that the same of an earlier publication is not taken for another one.
KEYS = {
    "runs": "run_id",
    "task_results": "run_id, task, attempt",
    "model_results": "run_id, attempt",
    "validation_results": "run_id, attempt, border",
}


def append(settings: Settings, table: str, name: str, rows: Sequence[dict[str, object]]) -> None:
    """Write rows (the columns of ``TABLES[table]``) under a name; the same name again replaces them."""
    folder = settings.history / table
    folder.mkdir(parents=True, exist_ok=True)
    safe = "".join(letter if letter.isalnum() or letter in "-_.+" else "_" for letter in name)
    source = folder / f".{safe}.ndjson"
    source.write_text("".join(json.dumps(row, default=str) + "\n" for row in rows), encoding="utf-8")
    unfinished = folder / f".{safe}.parquet.tmp"  # no pattern of finished files meets it
    with connect() as connection:
        connection.execute(
            f"copy (select * from read_json({path_literal(source)}, columns = {_columns(table)}, "
            f"format = 'nd')) to {literal(unfinished)} (format parquet, compression zstd)"
        )
    durable.replace(unfinished, folder / f"{safe}.parquet")
    source.unlink()


def row(table: str, values: dict[str, object]) -> str:
    """SQL of one row of a table, of values that are not written yet."""
    columns = ", ".join(
        f"cast({literal(values.get(name))} as {kind}) as {name}"
        for name, kind in (column.split() for column in TABLES[table].split(","))
    )
    return f"select {columns}"


def relation(history: Path, table: str, earlier: Path | None = None) -> str:
    """SQL that reads a table of the history, empty when nothing was written yet.

    Columns that files of an older version lack are null. earlier: the table as it was published before, a
    Parquet file: rows of it that the history has lost are read, too.
    """
    nothing = rows = f"{row(table, {})} where false"
    if any((history / table).glob("*.parquet")):
        files = f"read_parquet({path_literal(history / table, '*.parquet')}, union_by_name = true)"
        rows = f"{rows} union all by name select * from {files}"
    if earlier is not None:
        published = f"select * from read_parquet({path_literal(earlier)}, hive_partitioning = false)"
        # a key may be null in rows of an older version
        same = " and ".join(f"lost.{key} is not distinct from held.{key}" for key in KEYS[table].split(", "))
        lost = f"select lost.* from ({nothing} union all by name {published}) as lost"
        rows = f"{rows} union all by name {lost} anti join ({rows}) as held on {same}"
    return rows


def mend(settings: Settings, is_thorough: bool = False) -> list[str]:
    """Set aside files that cannot be read; returns one sentence each.

    is_thorough: read them; else their beginnings and ends are looked at.
    """
    told = []
    for path in sorted(settings.history.glob("*/*.parquet")):
        if path.parent.name in TABLES and not (_is_readable(path) if is_thorough else _is_parquet(path)):
            aside = path.with_name(f"{path.name}.damaged")
            path.replace(aside)
            told.append(
                f"A file of the history could not be read and is set aside as {aside}: its rows are taken "
                "from the publication, if they are in it."
            )
    return told


def _is_parquet(path: Path) -> bool:
    with path.open("rb") as stream:
        begin = stream.read(len(_MAGIC))
        size = stream.seek(0, os.SEEK_END)
        stream.seek(max(0, size - len(_MAGIC)))
        return begin == stream.read() == _MAGIC and size > 2 * len(_MAGIC)


def _is_readable(path: Path) -> bool:
    try:
        with connect() as connection:
            rows = f"read_parquet({path_literal(path)}, hive_partitioning = false)"
            connection.execute(f"select sum(hash(held)::hugeint) from {rows} as held")
    except duckdb.Error:
        return False
    return True


def _columns(table: str) -> str:
    pairs = (column.split() for column in TABLES[table].split(","))
    return "{" + ", ".join(f"{name}: '{kind}'" for name, kind in pairs) + "}"
