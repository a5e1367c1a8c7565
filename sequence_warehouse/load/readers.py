"""SQL relations that read landed files of one shape: (filename, line_number, text).

``text`` is the record as JSON, whatever the format: the line itself, the element of an array or of an
API page, or a CSV or Parquet row put into the same shape. ``line_number`` is the line for JSON lines
and the record's place otherwise (a CSV's header is place 1).
"""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Sequence
from pathlib import Path

import duckdb

from sequence_warehouse.database import identifier, literal
from sequence_warehouse.load.discovery import LandedFile
from sequence_warehouse.load.exports import ExportNames
from sequence_warehouse.settings import MAX_DOCUMENT_BYTES, MAX_RECORD_BYTES

CSV_REJECTS = "csv_rejects"


def _paths(paths: Sequence[Path]) -> str:
    return "[" + ", ".join(literal(path) for path in paths) + "]"


def lines(paths: Sequence[Path]) -> str:
    """JSON lines: every line one record, blank ones included so that the numbers are right."""
    return _numbered(
        f"""
        select filename, line as text
        from read_csv(
            {_paths(paths)}, columns = {{'line': 'varchar'}}, auto_detect = false, header = false,
            delim = '\x1f', quote = '', escape = '', new_line = '\\n', strict_mode = false,
            max_line_size = {MAX_RECORD_BYTES}, filename = true, hive_partitioning = false
        )
        """,
        paths,
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
    with read as ({relation}),
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
        select filename, line_number, results[i]::varchar as text, i
        from (
            select filename, line_number, results, unnest(range(1, len(results) + 1)) as i
            from opened
            where results is not null
        )
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


def json_reader(file: LandedFile, path: Path) -> str:
    """How to read a .json file: ``lines``, ``array`` or ``documents``, told from its beginning."""
    opener = gzip.open if file.gzipped and path == file.path else open
    with opener(path, "rt", encoding="utf-8-sig", errors="replace") as stream:
        first = stream.readline(MAX_RECORD_BYTES)
        while first and not first.strip():
            first = stream.readline(MAX_RECORD_BYTES)
    if first.lstrip().startswith("["):
        return "array"
    try:
        json.loads(first)
    except ValueError:
        return "documents"
    return "lines"


def csv_rows(file: LandedFile, names: ExportNames) -> str:
    """A CSV file with a header; rows that do not fit it go to the table ``csv_rejects``."""
    opener = gzip.open if file.gzipped else open
    with opener(file.path, "rt", encoding="utf-8-sig", errors="replace", newline="") as stream:
        header = next(csv.reader(stream), [])
    if not header:
        return "select null::varchar as filename, 0::bigint as line_number, ''::varchar as text limit 0"
    header = _unique(header)
    columns = ", ".join(f"{literal(name)}: 'varchar'" for name in header)
    source = f"""
        read_csv(
            {literal(file.path)}, columns = {{{columns}}}, auto_detect = false, header = true,
            delim = ',', quote = '"', escape = '"', max_line_size = {MAX_RECORD_BYTES},
            hive_partitioning = false, store_rejects = true,
            rejects_table = '{CSV_REJECTS}', rejects_scan = '{CSV_REJECTS}_scans'
        )
    """
    return _tabular(file, source, dict.fromkeys(header, "VARCHAR"), "row_number() over () + 1", names)


def parquet_rows(
    connection: duckdb.DuckDBPyConnection, file: LandedFile, names: ExportNames
) -> str:
    """A Parquet file, its rows numbered from 1. Raises duckdb.Error when it is no Parquet."""
    source = f"read_parquet({literal(file.path)}, hive_partitioning = false, file_row_number = true)"
    described = connection.execute(f"describe select * exclude (file_row_number) from {source}")
    types = {name: kind for name, kind, *_ in described.fetchall()}
    return _tabular(file, source, types, "file_row_number + 1", names)


def _tabular(
    file: LandedFile, source: str, types: dict[str, str], number: str, names: ExportNames
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
        f"{literal(field)}, {_json_value(field, identifier(name), types[name])}"
        for field, name in known.items()
        if field != "properties"
    ]
    if (
        file.family == "events"
        and "eventType" not in known
        and (event_type := names.event_type(file.source_file)) is not None
    ):
        pairs.append(f"'eventType', {literal(event_type)}")
    properties = "'{}'::json"
    if extra:
        values = ", ".join(f"{literal(name.lower())}, {identifier(name)}" for name in extra)
        properties = f"json_object({values})"
    if "properties" in known:
        column = identifier(known["properties"])
        own = _json_value("properties", column, types[known["properties"]])
        # an explicit property beats a column of the same name; what is no object is left to be rejected
        properties = f"""case
            when {column} is null then {properties}
            when json_type({own}) = 'OBJECT' then json_merge_patch({properties}, {own})
            else {own}
        end"""
    record = f"json_object({', '.join([*pairs, literal('properties') + ', ' + properties])})"
    return f"""
        select
            {literal(file.path)} as filename,
            {number} as line_number,
            {record}::varchar as text,
        from {source}
    """


def _json_value(field: str, column: str, duckdb_type: str) -> str:
    """A column as a JSON value; text that holds JSON (properties, associations) is opened."""
    if duckdb_type == "JSON" or (
        duckdb_type == "VARCHAR" and field in {"properties", "associations"}
    ):
        text = f"{column}::varchar"
        return f"case when json_valid({text}) then {text}::json else to_json({text}) end"
    if duckdb_type == "BLOB":
        return f"to_json(try_cast({column} as varchar))"
    return f"to_json({column})"


def _numbered(relation: str, paths: Sequence[Path]) -> str:
    """Number the rows of each file. A single file streams; several small ones are numbered together."""
    if len(paths) == 1:
        return f"select filename, row_number() over () as line_number, text from ({relation})"
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
