"""SQL relations that read landed JSON of one shape: (filename, line_number, text).

``text`` is the record as JSON: the line itself, or the element of an array or of an API page.
``line_number`` is the line for JSON lines and the record's place otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from sequence_warehouse.load.discovery import LandedFile
from sequence_warehouse.load.encodings import open_text
from sequence_warehouse.load.inspection import Inspection
from sequence_warehouse.load.limits import MAX_DOCUMENT_BYTES, MAX_RECORD_BYTES, MAX_RECORD_CHARACTERS
from sequence_warehouse.load.nesting import is_json
from sequence_warehouse.storage.database import path_literal

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


def json_reader(file: LandedFile, inspection: Inspection) -> str:
    """How to read a JSON file: ``lines``, ``json_lines`` (some may be pages), ``array`` or ``documents``.

    Told from its beginning, and for JSON lines only where that is certain.
    """
    longest = MAX_RECORD_CHARACTERS + 1
    with open_text(file, file.path, inspection.encoding, newline="\n") as stream:
        text_lines = filter(str.strip, iter(lambda: stream.readline(longest), ""))
        first, second = next(text_lines, ""), next(text_lines, "")
    is_array, is_whole = first.lstrip().startswith("["), is_json(first)
    shape = "array" if is_array else "documents"
    if file.file_format == "jsonl":
        # indented JSON: the first line is no record, and neither is the second
        is_open = not is_whole and first.rstrip().endswith(("[", "{", ","))
        is_indented = is_open and not is_json(second) and second[:1] in {" ", "\t"}
        # a line may be a page of more records than one record may be long
        if is_indented or (is_open and is_array) or (inspection.has_pages and inspection.has_long_lines):
            return shape
        return "json_lines" if inspection.has_pages else "lines"
    if is_array and not (is_whole and second):
        return "array"
    if len(first) == longest:
        return "documents"  # a page in one line, as programs write it
    return "json_lines" if is_whole else "documents"


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
