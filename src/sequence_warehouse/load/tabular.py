"""SQL relations that read the rows of CSV and Parquet: (filename, line_number, text, object_type).

``text`` is a row as a JSON record, in HubSpot's shape as far as the columns tell, and ``line_number`` its
place (a CSV's header is place 1, or 2 below a line ``sep=;``).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import duckdb

from sequence_warehouse.load.cells import json_value
from sequence_warehouse.load.dialects import MAX_COLUMNS, Dialect, UnclearFile
from sequence_warehouse.load.discovery import LandedFile
from sequence_warehouse.load.emoji import TOO_LONG
from sequence_warehouse.load.limits import MAX_RECORD_BYTES
from sequence_warehouse.load.nesting import AS_TEXT, deep_row
from sequence_warehouse.load.places import Cell
from sequence_warehouse.load.readers import BUFFER_BYTES
from sequence_warehouse.load.shaping import shape_of_event, shape_of_object
from sequence_warehouse.load.spellings import Spellings
from sequence_warehouse.storage.database import identifier, literal, only_row, path_literal

_ROWS_AT_ONCE = 2048  # DuckDB's vector
_MAX_BYTES_AT_ONCE = 512 * 1024 * 1024
CSV_REJECTS = "csv_rejects"


@dataclass(frozen=True)
class Table:
    """A relation of the rows of a table, with ``object_type``: of each row, null where the file tells it.
    is_shaped: no row can be in another shape than HubSpot's any more."""

    sql: str
    is_shaped: bool


def csv_rows(file: LandedFile, path: Path, dialect: Dialect, names: Spellings, missing: list[str]) -> Table:
    """A CSV file, read from ``path``, which is written in ``dialect`` but for its escapes.

    missing: cells that hold no value, beside the empty ones.

    Rows that do not fit the header go to the table ``csv_rejects``.
    """
    header = _unique(dialect.header)
    columns = ", ".join(f"{literal(name)}: 'varchar'" for name in header)
    quote = literal(dialect.quote)
    # DuckDB takes no word that a cell could hold between quotes only
    signs = {dialect.delimiter, dialect.quote, "\r", "\n"}
    missing = [word for word in missing if not any(sign and sign in word for sign in signs)]
    source = f"""
        read_csv(
            {path_literal(path)}, columns = {{{columns}}}, auto_detect = false,
            header = {dialect.has_header}, skip = {dialect.skipped_lines},
            delim = {literal(dialect.delimiter)}, quote = {quote}, escape = {quote},
            nullstr = [{", ".join(map(literal, ["", *missing]))}], max_line_size = {MAX_RECORD_BYTES},
            buffer_size = {BUFFER_BYTES}, hive_partitioning = false, store_rejects = true,
            rejects_table = '{CSV_REJECTS}', rejects_scan = '{CSV_REJECTS}_scans'
        )
    """
    types = dict.fromkeys(header, "VARCHAR")
    return _tabular(file, path, source, types, f"row_number() over () + {dialect.rows_before}", names)


def parquet_rows(connection: duckdb.DuckDBPyConnection, file: LandedFile, names: Spellings) -> Table:
    """A Parquet file, its rows numbered from 1.

    Raises duckdb.Error when it is no Parquet, UnclearFile when it cannot be read in bounded memory.
    """
    may_be_long = _refuse_large_rows(connection, file.path)
    parquet = f"read_parquet({path_literal(file.path)}, hive_partitioning = false"
    described = connection.execute(f"describe select * from {parquet})").fetchall()
    types = {name: kind for name, kind, *_ in described}
    if "file_row_number" in {name.lower() for name in types}:
        return _tabular(file, file.path, f"{parquet})", types, "row_number() over ()", names, may_be_long)
    source = f"{parquet}, file_row_number = true)"
    return _tabular(file, file.path, source, types, "file_row_number + 1", names, may_be_long)


def _refuse_large_rows(connection: duckdb.DuckDBPyConnection, path: Path) -> bool:
    """Whether a text in it may be too long. Raises UnclearFile when the rows held at once are too large."""
    columns, size, chunk = only_row(
        connection.execute(
            f"""
        select count(distinct column_id), max(size), max(total_uncompressed_size) from (
            select column_id, total_uncompressed_size,
                sum(
                    total_uncompressed_size / num_values * least(num_values, {_ROWS_AT_ONCE})
                ) over (partition by row_group_id) as size
            from parquet_metadata({path_literal(path)}) where num_values > 0
        )
        """
        )
    )
    if columns > MAX_COLUMNS:
        raise UnclearFile(
            f"The file has {columns:,} columns, and at most {MAX_COLUMNS:,} are read: export fewer."
        )
    if size is not None and size > _MAX_BYTES_AT_ONCE:
        raise UnclearFile(
            f"The rows of the file are too large: {_ROWS_AT_ONCE:,} of them, or all, are "
            f"{size / 1e6:,.0f} MB, and at most {_MAX_BYTES_AT_ONCE / 1e6:,.0f} MB are read at once: "
            "leave out the long texts."
        )
    return bool(chunk is not None and chunk > 4 * MAX_RECORD_BYTES)


def _long_row(types: dict[str, str]) -> tuple[str, str]:
    """SQL of whether a text of a row is longer than a record may be, and of what stands for the row then."""
    sizes = [
        f"{'strlen' if kind == 'VARCHAR' else 'octet_length'}({identifier(name)})"
        for name, kind in types.items()
        if kind in {"VARCHAR", "BLOB"}
    ]
    is_long = f"coalesce(greatest({', '.join(sizes)}) > {MAX_RECORD_BYTES}, false)" if sizes else "false"
    return is_long, literal(TOO_LONG)


def _tabular(
    file: LandedFile,
    path: Path,
    source: str,
    types: dict[str, str],
    number: str,
    names: Spellings,
    may_be_long: bool = False,
) -> Table:
    """Rows of a table as JSON records, and the type of object that each is."""
    columns: dict[str, Cell] = {name: partial(_cell, identifier(name), types[name]) for name in types}
    envelope = next((name for name in types if name.lower() == "_airbyte_data"), None)
    if envelope is not None:
        # opened with those that JSON files hold
        record, object_type = (
            f"json_object('_airbyte_data', {columns[envelope]('properties')})::varchar",
            "null",
        )
    elif file.family == "events":
        shape = shape_of_event(columns, names)
        record, object_type = shape.text, shape.object_type
    else:
        shape = shape_of_object(columns, names, file.source_file)
        record, object_type = shape.text, shape.object_type
    guards = [*deep_row(types), *([_long_row(types)] if may_be_long else [])]
    source, instead = _guarded(source, types, guards)
    sql = f"""
        select filename, line_number, if(instead is null, text, instead) as text, object_type
        from (
            select
                {literal(path)} as filename,
                {number} as line_number,
                {record} as text,
                {object_type} as object_type,
                {instead} as instead,
            from {source}
        )
    """
    is_told = envelope is None and (file.family == "events" or not any(map(names.holds_properties, types)))
    return Table(sql, is_shaped=is_told)


def _guarded(source: str, types: dict[str, str], guards: list[tuple[str, str]]) -> tuple[str, str]:
    """SQL of a table without the texts of rows that a guard keeps out, and of what these rows are instead.

    The texts are taken away, and not passed over by a `case` around the record: what its members share would
    be read again for each of them.
    """
    texts = [identifier(name) for name, kind in types.items() if kind in AS_TEXT]
    if not guards or not texts:
        return source, "null::varchar"
    instead = "instead"
    while instead in map(str.lower, types):
        instead += "_"
    instead = identifier(instead)
    kept = ", ".join(f"if({instead} is null, {text}, null) as {text}" for text in texts)
    chosen = " ".join(f"when {is_kept_out} then {text}" for is_kept_out, text in guards)
    return (
        f"(select * replace ({kept}) from (select *, case {chosen} end as {instead} from {source}))",
        instead,
    )


def _cell(column: str, duckdb_type: str, field: str) -> str:
    return json_value(field, column, duckdb_type)


def _unique(header: list[str]) -> list[str]:
    """Column names as DuckDB needs them: not empty, and not twice in any letter case."""
    names: list[str] = []
    for place, name in enumerate(header):
        name = name.strip() or f"column{place}"
        while name.lower() in (other.lower() for other in names):
            name += "_"
        names.append(name)
    return names
