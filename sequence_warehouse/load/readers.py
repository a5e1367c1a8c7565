"""SQL relations that read landed files of one shape: (filename, line_number, text).

``text`` is the record as JSON, whatever the format: the line itself, the element of an array or of an
API page, or a CSV or Parquet row put into the same shape. ``line_number`` is the line for JSON lines
and the record's place otherwise (a CSV's header is place 1, or 2 below a line ``sep=;``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import duckdb

from sequence_warehouse.database import identifier, literal, path_literal
from sequence_warehouse.load.cells import json_value
from sequence_warehouse.load.dialects import MAX_COLUMNS, Dialect, UnclearFile
from sequence_warehouse.load.discovery import LandedFile
from sequence_warehouse.load.emoji import TOO_LONG
from sequence_warehouse.load.encodings import UTF_8, open_text
from sequence_warehouse.load.nesting import deep_row, is_json
from sequence_warehouse.load.shaping import shape_of_event, shape_of_object
from sequence_warehouse.load.spellings import Spellings
from sequence_warehouse.settings import MAX_DOCUMENT_BYTES, MAX_RECORD_BYTES, MAX_RECORD_CHARACTERS

_ROWS_AT_ONCE = 2048  # DuckDB's vector
_MAX_BYTES_AT_ONCE = 512 * 1024 * 1024
CSV_REJECTS = "csv_rejects"


@dataclass(frozen=True)
class Table:
    """A relation of the rows of a table, with ``object_type``: of each row, null where the file tells it.
    is_shaped: no row can be in another shape than HubSpot's any more."""

    sql: str
    is_shaped: bool


# The least that holds the longest line; DuckDB's own choice is sixteen times as much.
BUFFER_BYTES = MAX_RECORD_BYTES


def _paths(paths: Sequence[Path]) -> str:
    return "[" + ", ".join(path_literal(path) for path in paths) + "]"


def slices(path: Path, size: int) -> Iterator[tuple[int, int, int]]:
    """Pieces of about ``size`` bytes that end with a line: lines before it, first byte, byte after."""
    line = start = 0
    with path.open("rb") as stream:
        while block := stream.read(size):
            rest = stream.readline()
            end = start + len(block) + len(rest)
            yield line, start, end
            line += block.count(b"\n") + rest.count(b"\n")
            start = end


def lines(paths: Sequence[Path], lines_before: int = 0) -> str:
    """JSON lines: every line one record, blank ones included so that the numbers are right."""
    return _numbered(_lines(paths), paths, lines_before)


def json_lines(paths: Sequence[Path]) -> str:
    """JSON lines of which some may be API pages or arrays of records: these are opened."""
    return _pages(_lines(paths), paths)


def _lines(paths: Sequence[Path]) -> str:
    return f"""
        select filename, line as text
        from read_csv(
            {_paths(paths)}, columns = {{'line': 'varchar'}}, auto_detect = false, header = false,
            delim = '\x1f', quote = '', escape = '', new_line = '\\n', strict_mode = false,
            max_line_size = {MAX_RECORD_BYTES}, buffer_size = {BUFFER_BYTES},
            filename = true, hive_partitioning = false
        )
    """


def array(paths: Sequence[Path]) -> str:
    """JSON arrays: every element one record."""
    return _numbered(
        f"""
        select filename, json::varchar as text
        from read_json_objects(
            {_paths(paths)}, format = 'array', filename = true, hive_partitioning = false,
            maximum_object_size = {MAX_RECORD_BYTES}
        )
        """,
        paths,
    )


def documents(paths: Sequence[Path]) -> str:
    """One or more JSON documents over several lines: API pages or single objects."""
    size = min(max(path.stat().st_size for path in paths) * 20, MAX_DOCUMENT_BYTES)
    return _pages(
        f"""
        select filename, json::varchar as text
        from read_json_objects(
            {_paths(paths)}, format = 'unstructured', filename = true, hive_partitioning = false,
            maximum_object_size = {max(size, MAX_RECORD_BYTES)}
        )
        """,
        paths,
    )


def _pages(relation: str, paths: Sequence[Path]) -> str:
    """Open API pages and arrays: a document with a ``results`` list, or a list of which the first element is
    an object, is its elements; any other is one record. The number is the record's place."""
    return _numbered(
        f"""
        -- a bare NaN is judged record by record
        with read as (select * replace (standard_page(text) as text) from ({relation})),
        opened as (
            select
                filename,
                text,
                case
                    when not json_valid(text) then null
                    when left(ltrim(text), 1) = '['
                        then case when json_type(text, '$[0]') = 'OBJECT' then json_extract(text, '$[*]') end
                    when left(ltrim(text), 1) = '{{'
                        then case
                            when json_type(text, '$.results') = 'ARRAY' and not json_exists(text, '$.id')
                                then json_extract(text, '$.results[*]')
                        end
                end as records,
            from read
        )
        select filename, unnest(coalesce(records::varchar[], [text])) as text from opened
        """,
        paths,
    )


def json_reader(file: LandedFile, encoding: str = UTF_8, has_pages: bool = False) -> str:
    """How to read a JSON file: ``lines``, ``json_lines`` (some may be pages), ``array`` or ``documents``.

    Told from its beginning, and for JSON lines only where that is certain.
    """
    longest = MAX_RECORD_CHARACTERS + 1
    with open_text(file, file.path, encoding, newline="\n") as stream:
        text_lines = filter(str.strip, iter(lambda: stream.readline(longest), ""))
        first, second = next(text_lines, ""), next(text_lines, "")
    is_array, is_whole = first.lstrip().startswith("["), is_json(first)
    shape = "array" if is_array else "documents"
    if file.file_format == "jsonl":
        # indented JSON: the first line is no record, and neither is the second
        is_open = not is_whole and first.rstrip().endswith(("[", "{", ","))
        is_indented = is_open and not is_json(second) and second[:1] in {" ", "\t"}
        if is_indented or (is_open and is_array) or (has_pages and len(first) == longest):
            return shape
        return "json_lines" if has_pages else "lines"
    if is_array and not (is_whole and second):
        return "array"
    if len(first) == longest:
        return "documents"  # a page in one line, as programs write it
    return "json_lines" if is_whole else "documents"


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
    columns, size, chunk = connection.execute(
        f"""
        select count(distinct column_id), max(size), max(total_uncompressed_size) from (
            select column_id, total_uncompressed_size,
                sum(
                    total_uncompressed_size / num_values * least(num_values, {_ROWS_AT_ONCE})
                ) over (partition by row_group_id) as size
            from parquet_metadata({path_literal(path)}) where num_values > 0
        )
        """
    ).fetchone()
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
    return chunk is not None and chunk > 4 * MAX_RECORD_BYTES


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
    columns = {name: partial(_cell, identifier(name), types[name]) for name in types}
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
    if not guards:
        return source, "null::varchar"
    instead = "instead"
    while instead in map(str.lower, types):
        instead += "_"
    instead = identifier(instead)
    texts = [identifier(name) for name, kind in types.items() if kind in {"VARCHAR", "JSON", "BLOB"}]
    kept = ", ".join(f"if({instead} is null, {text}, null) as {text}" for text in texts)
    chosen = " ".join(f"when {is_kept_out} then {text}" for is_kept_out, text in guards)
    return (
        f"(select * replace ({kept}) from (select *, case {chosen} end as {instead} from {source}))",
        instead,
    )


def _cell(column: str, duckdb_type: str, field: str) -> str:
    return json_value(field, column, duckdb_type)


def _numbered(relation: str, paths: Sequence[Path], rows_before: int = 0) -> str:
    """Number the rows of each file. A single file streams; several small ones are numbered together."""
    if len(paths) == 1:
        number = f"row_number() over () + {rows_before}"
        return f"select filename, {number} as line_number, text from ({relation})"
    return f"""
        select
            filename,
            place - min(place) over (partition by filename) + 1 as line_number,
            text,
        from (select filename, row_number() over () as place, text from ({relation}))
    """


def _unique(header: list[str]) -> list[str]:
    """Column names as DuckDB needs them: not empty, and not twice in any letter case."""
    names: list[str] = []
    for place, name in enumerate(header):
        name = name.strip() or f"column{place}"
        while name.lower() in (other.lower() for other in names):
            name += "_"
        names.append(name)
    return names
