"""SQL relations that read landed files of one shape: (filename, line_number, text).

``text`` is the record as JSON, whatever the format: the line itself, the element of an array or of an
API page, or a CSV or Parquet row put into the same shape. ``line_number`` is the line for JSON lines
and the record's place otherwise (a CSV's header is place 1).
"""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TextIO

import duckdb

from sequence_warehouse.database import identifier, literal, path_literal
from sequence_warehouse.load.cells import json_value
from sequence_warehouse.load.discovery import LandedFile
from sequence_warehouse.load.exports import ExportNames
from sequence_warehouse.settings import MAX_DOCUMENT_BYTES, MAX_RECORD_BYTES, MAX_RECORD_CHARACTERS

CSV_REJECTS = "csv_rejects"
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
    return _numbered(
        f"""
        select filename, line as text
        from read_csv(
            {_paths(paths)}, columns = {{'line': 'varchar'}}, auto_detect = false, header = false,
            delim = '\x1f', quote = '', escape = '', new_line = '\\n', strict_mode = false,
            max_line_size = {MAX_RECORD_BYTES}, buffer_size = {BUFFER_BYTES},
            filename = true, hive_partitioning = false
        )
        """,
        paths,
        lines_before,
    )


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
    return pages(
        f"""
        select filename, row_number() over () as line_number, json::varchar as text
        from read_json_objects(
            {_paths(paths)}, format = 'unstructured', filename = true, hive_partitioning = false,
            maximum_object_size = {max(size, MAX_RECORD_BYTES)}
        )
        """
    )


def pages(relation: str) -> str:
    """Open API pages: a document with a ``results`` list is its elements, any other is one record."""
    return f"""
    -- a bare NaN is judged record by record
    with read as (select * replace (standard_page(text) as text) from ({relation})),
    opened as (
        select
            filename,
            line_number,
            text,
            case
                when json_valid(text) and left(ltrim(text), 1) = '{{'
                    then case
                        when json_type(text, '$.results') = 'ARRAY' and not json_exists(text, '$.id')
                            then json_extract(text, '$.results[*]')
                    end
            end as results,
        from read
    ),
    elements as (
        -- side by side: an index into the list would copy the list for each of its elements
        select
            filename,
            line_number,
            unnest(results)::varchar as text,
            unnest(range(1, len(results) + 1)) as i,
        from opened
        where results is not null
        union all by name
        select filename, line_number, text, 0 as i from opened where results is null
    )
    select
        filename,
        case
            when max(i) over (partition by filename) = 0 then line_number
            else row_number() over (partition by filename order by line_number, i)
        end as line_number,
        text,
    from elements
    """


def json_reader(file: LandedFile) -> str:
    """How to read a .json file: ``lines``, ``array`` or ``documents``, told from its beginning."""
    longest = MAX_RECORD_CHARACTERS + 1
    with _open(file, file.path, newline="\n") as stream:
        first = stream.readline(longest)
        while first and not first.strip():
            first = stream.readline(longest)
    if first.lstrip().startswith("["):
        return "array"
    if len(first) == longest:
        return "documents"  # a page in one line, as programs write it
    try:
        json.loads(first)
    except ValueError:
        return "documents"
    return "lines"


def csv_rows(file: LandedFile, path: Path, names: ExportNames, missing: list[str]) -> str | None:
    """A CSV file with a header, read from ``path``; None when it is empty.

    missing: cells that hold no value, beside the empty ones.

    Rows that do not fit the header go to the table ``csv_rejects``. Raises csv.Error when the header
    itself cannot be read.
    """
    with _open(file, path, newline="") as stream:
        reader = csv.reader(stream, strict=True)
        header = next(reader, [])
        if not "".join(header).strip():
            if any("".join(row).strip() for row in reader):
                raise csv.Error("its first line is no header")
            return None
    header = _unique(header)
    columns = ", ".join(f"{literal(name)}: 'varchar'" for name in header)
    source = f"""
        read_csv(
            {path_literal(path)}, columns = {{{columns}}}, auto_detect = false, header = true,
            delim = ',', quote = '"', escape = '"', nullstr = [{", ".join(map(literal, ["", *missing]))}],
            max_line_size = {MAX_RECORD_BYTES},
            buffer_size = {BUFFER_BYTES}, hive_partitioning = false, store_rejects = true,
            rejects_table = '{CSV_REJECTS}', rejects_scan = '{CSV_REJECTS}_scans'
        )
    """
    types = dict.fromkeys(header, "VARCHAR")
    return _tabular(file, path, source, types, "row_number() over () + 1", names)


def parquet_rows(connection: duckdb.DuckDBPyConnection, file: LandedFile, names: ExportNames) -> str:
    """A Parquet file, its rows numbered from 1. Raises duckdb.Error when it is no Parquet."""
    parquet = f"read_parquet({path_literal(file.path)}, hive_partitioning = false"
    described = connection.execute(f"describe select * from {parquet})").fetchall()
    types = {name: kind for name, kind, *_ in described}
    if "file_row_number" in {name.lower() for name in types}:
        return _tabular(file, file.path, f"{parquet})", types, "row_number() over ()", names)
    source = f"{parquet}, file_row_number = true)"
    return _tabular(file, file.path, source, types, "file_row_number + 1", names)


def _tabular(
    file: LandedFile,
    path: Path,
    source: str,
    types: dict[str, str],
    number: str,
    names: ExportNames,
) -> str:
    """Rows of a table as JSON records: known columns are fields, all others are properties."""
    known: dict[str, str] = {}
    extra: list[str] = []
    for name in types:
        field = names.field(name)
        if field is None or field in known:
            extra.append(name)
        else:
            known[field] = name
    pairs = [
        f"{literal(field)}, {json_value(field, identifier(name), types[name])}"
        for field, name in known.items()
        if field not in {"properties", "eventType"}
    ]
    if "eventType" in known:
        column = f"{identifier(known['eventType'])}::varchar"
        pairs.append(f"'eventType', coalesce({names.event_types_by_table}[upper({column})], {column})")
    if (
        file.family == "events"
        and "eventType" not in known
        and (event_type := names.event_type(file.source_file)) is not None
    ):
        pairs.append(f"'eventType', {literal(event_type)}")
    properties = "'{}'::json"
    if extra:
        # names of properties are lower case, those of objects' own fields (userId) are not
        values = ", ".join(
            f"{literal(name if file.family == 'objects' and not name.isupper() else name.lower())}, "
            f"{json_value('', identifier(name), types[name])}"
            for name in extra
        )
        properties = f"json_object({values})"
    if "properties" in known:
        column = identifier(known["properties"])
        own = json_value("properties", column, types[known["properties"]])
        # an explicit property beats a column of the same name; what is no object is left to be rejected
        properties = f"""case
            when {column} is null then {properties}
            when json_type({own}) = 'OBJECT' then json_merge_patch({properties}, {own})
            else {own}
        end"""
    record = f"json_object({', '.join([*pairs, literal('properties') + ', ' + properties])})"
    return f"""
        select
            {literal(path)} as filename,
            {number} as line_number,
            {record}::varchar as text,
        from {source}
    """


def _open(file: LandedFile, path: Path, newline: str) -> TextIO:
    """The text of a landed file, or of its copy at another path, which is not zipped."""
    opener = gzip.open if file.gzipped and path == file.path else open
    return opener(path, "rt", encoding="utf-8-sig", errors="replace", newline=newline)


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
