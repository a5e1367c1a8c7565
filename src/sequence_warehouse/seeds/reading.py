"""Read one seed file as people save it, where that is certain; each row knows its file and line.

Excel and scripts write a byte order mark, semicolons or tabs, a line ``sep=;``, mixed line ends, UTF-16,
cp1252, columns in another order and empty ones behind. A dialect is certain when the header then names the
seed's columns.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from sequence_warehouse.config.errors import UserError
from sequence_warehouse.seeds.description import Seed
from sequence_warehouse.seeds.values import WrongValue, read_value

_DELIMITERS = (",", ";", "\t", "|")


@dataclass(frozen=True)
class Source:
    """A file that holds rows of a seed. name: as sentences call it."""

    path: Path
    name: str

    def wrong(self, line: int, what: str, mend: str) -> UserError:
        return UserError(f"{self.name}, line {line}, {what}: {mend}.")


@dataclass(frozen=True)
class Row:
    source: Source
    line: int
    cells: dict[str, str]

    def wrong(self, what: str, mend: str) -> UserError:
        return self.source.wrong(self.line, what, mend)


def read(source: Source, seed: Seed, needed: Collection[str]) -> list[Row]:
    """The rows of a file, with the columns that it has. needed: columns that it must have.

    Raises UserError in one sentence when it cannot be read.
    """
    lines = _text(source).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    skipped = next((place for place, line in enumerate(lines) if line.strip(" ,;\t\ufeff")), 0)
    told = re.fullmatch(r'"?sep=(.)"?', lines[skipped].strip(" \ufeff"))
    skipped += 1 if told else 0
    text = "\n".join(lines[skipped:])
    delimiters = (told[1],) if told else _DELIMITERS
    readings = {delimiter: _header(text, delimiter) for delimiter in delimiters}
    best = max(readings, key=lambda delimiter: len({*readings[delimiter]} & {*seed.types}))
    header = readings[best]
    _check_header(source, seed, header, needed, 1 + skipped)
    rows = [
        Row(source, line, {column: named[column] for column in seed.types if column in named})
        for line, named in _cells(source, text, best, header, skipped)
    ]
    return [Row(row.source, row.line, _values(row, seed)) for row in rows]


def _check_header(source: Source, seed: Seed, header: list[str], needed: Collection[str], line: int) -> None:
    for column in seed.types:
        if column in needed and column not in header:
            raise source.wrong(line, f"has no column {column}", f"the columns are {', '.join(seed.types)}")
    for column in header:
        if column and column not in seed.types:
            raise source.wrong(
                line, f"has an unknown column {column}", f"the columns are {', '.join(seed.types)}"
            )
    if twice := next((column for column in header if column and header.count(column) > 1), None):
        raise source.wrong(line, f"has the column {twice} twice", "remove one of them")


def _cells(
    source: Source, text: str, delimiter: str, header: list[str], skipped: int
) -> list[tuple[int, dict[str, str]]]:
    """(line, column -> cell) of each row that is not empty."""
    found = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        next(reader)
        line = reader.line_num
        for cells in reader:
            first, line = line + 1 + skipped, reader.line_num
            cells = [cell.strip() for cell in cells]
            if not any(cells):
                continue
            if len(cells) < len(header) and not any(header[len(cells) :]):
                cells += [""] * (len(header) - len(cells))
            if len(cells) > len(header) and not any(cells[len(header) :]):
                cells = cells[: len(header)]
            if len(cells) != len(header):
                mend = f"write one cell for each of {', '.join(name for name in header if name)}"
                raise source.wrong(first, f"has {len(cells)} cells for {len(header)} columns", mend)
            found.append((first, dict(zip(header, cells, strict=True))))
    except csv.Error as error:
        line = reader.line_num + skipped
        raise source.wrong(line, f"cannot be read ({error})", "close its quotes") from None
    return found


def _values(row: Row, seed: Seed) -> dict[str, str]:
    try:
        return {
            column: read_value(column, seed.types[column], text) if text else ""
            for column, text in row.cells.items()
        }
    except WrongValue as error:
        raise row.wrong(error.what, error.mend) from None


def _header(text: str, delimiter: str) -> list[str]:
    cells = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])
    return [cell.strip().strip("\ufeff").lower().replace(" ", "_") for cell in cells]


def _text(source: Source) -> str:
    content = source.path.read_bytes()
    if content.startswith(b"PK"):
        raise UserError(f"{source.name} is a workbook: save it as CSV UTF-8.")
    encodings = ["utf-16"] if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UserError(f"{source.name} is no text in UTF-8: save it as CSV UTF-8.")
