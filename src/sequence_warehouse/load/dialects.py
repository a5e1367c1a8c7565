"""How a CSV file is written: what separates and quotes its cells, and where its header is.

Told from the file's beginning, and only where it is certain:

* **Separator** (comma, semicolon, tab, vertical bar): a first line ``sep=;`` says it. Else it is the one
  that makes most known columns out of the header, or events out of a file without one. Where no column is
  known, it is the only one that parts the header, and at least half of the rows in as many cells.
* **Quotes** are single ones where the header is only read so. Backslashes are escapes where, from the first
  ``\"`` on, more records fit the header so (and JSON in them is JSON) and fewer do not.
* **No header** is certain for events in the contract's order: most of the first rows are an event. Any other
  first line with a time, an address or JSON, or with numbers and hardly a known column, is values.

What is not certain is an UnclearFile: a sentence for the file that says what was seen. A header that
nobody knows is a header all the same: its rows are rejected one by one.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import TextIO

from sequence_warehouse.load.escapes import SAMPLE, is_escaped, records_of

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}
EVENT_COLUMNS = ["id", "eventType", "objectType", "objectId", "occurredAt", "properties"]

_ROWS = 100
_HEADER = 1024 * 1024  # characters, so that it is in memory several times over
MAX_COLUMNS = 10_000

_TIME = r"\d{4}-\d{1,2}-\d{1,2}([T ]\d.*)?|\d{8}T\d{4}.*"
_EPOCH = r"\d{9,20}(\.\d*)?"
_EVENT = [
    re.compile(pattern, re.DOTALL)
    for pattern in (
        r"\s*\S.*",
        r"[a-z][a-z0-9_]*|EVENTS_[A-Z0-9_]+",
        r"[A-Za-z_]*|\d+-\d+",
        r"\d+(\.0+)?",
        rf"{_TIME}|{_EPOCH}",
        r"(\{.*\})?|\\N|NULL|null",
    )
]
_VALUE = re.compile(
    rf"{_TIME}" + r"|\{.*\}|\[\s*[\[{\"\d].*\]|[^\s@]+@[^\s@]+\.[^\s@]+|https?://.*", re.DOTALL
)
_NUMBER = re.compile(r"[+-]?\d[\d.,:/ -]*|true|false", re.IGNORECASE)


class UnclearFile(Exception):
    """Why a file cannot be read with certainty: one sentence, with what was seen and how to mend it."""


@dataclass(frozen=True)
class Dialect:
    """header: the names of the columns. rows_before: records before the first row (the header, ``sep=``).
    has_header: whether the file has one. is_escaped: backslashes are escapes. needs_copy: DuckDB reads it
    only without backslashes, or without a byte-order mark."""

    header: list[str]
    delimiter: str = ","
    quote: str = '"'
    rows_before: int = 1
    has_header: bool = True
    is_escaped: bool = False
    needs_copy: bool = False

    @property
    def skipped_lines(self) -> int:
        """Lines before the header."""
        return self.rows_before - self.has_header


@dataclass(frozen=True)
class _Reading:
    """A file's beginning as one separator and quote read it: its first record and some of its rows."""

    delimiter: str
    quote: str
    first: list[str]
    rows: list[list[str]]
    known: int

    @property
    def is_parted(self) -> bool:
        """At least half of the rows, if any, have as many cells as the header, which are several."""
        fitting = sum(len(row) == len(self.first) for row in self.rows)
        return len(self.first) > 1 and 2 * fitting >= len(self.rows)

    @property
    def is_events(self) -> bool:
        """The first record is an event in the contract's order, or no header and most others are events."""
        records = [self.first, *self.rows]
        most = not self.known and 2 * sum(map(_is_event, records)) > len(records)
        return most or _is_event(self.first)


def sniff(
    stream: TextIO, is_events: bool, is_known: Callable[[str], bool], has_escapes: bool
) -> Dialect | None:
    """The dialect of a CSV file; None when there is nothing in it but blanks.

    is_events: its rows should be events. is_known: whether a column has a meaning. has_escapes: a
    backslash before a quote occurs in it. Raises UnclearFile, and csv.Error when the first record is not
    whole.
    """
    text = _beginning(stream)
    lines_before, delimiters = 0, list(SEPARATORS)
    if said := re.match(r'"?sep=([^\w\s"]|\t)\1*"?\r?(\n|\r|$)', text, re.IGNORECASE):
        lines_before, delimiters = 1, [said[1]]
        text = text[said.end() :]
    quotes = ['"', "'"] if text.startswith("'") else ['"']
    if not re.search(r"\w", re.split(r"[\r\n]", text, maxsplit=1)[0]):
        rest = iter(lambda: stream.read(SAMPLE), "")
        if re.search(r"\w", text) or any(re.search(r"\w", part) for part in rest):
            raise csv.Error("its first line is no header")
        return None
    readings = [
        _read(text, delimiter, quote, with_escapes, is_known)
        for with_escapes in ((False, True) if has_escapes else (False,))
        for delimiter in delimiters
        for quote in quotes
    ]
    reading = _choose(readings, is_events)
    if lines_before and len(reading.first) == 1:
        _refuse_other_header(reading, [_read(text, other, '"', False, is_known) for other in SEPARATORS])
    has_header = not (is_events and reading.is_events)
    if has_header:
        _refuse_values(reading, is_events)
    header = reading.first
    if len(header) > MAX_COLUMNS:
        raise UnclearFile(
            f"The header has {len(header):,} columns, and at most {MAX_COLUMNS:,} are read: export fewer."
        )
    if not has_header:
        width = max(len(record) for record in [header, *reading.rows] if _is_event(record))
        header = EVENT_COLUMNS[:width]
    delimiter, quote = reading.delimiter, reading.quote
    escaped = has_escapes and is_escaped(text, stream, delimiter, quote, len(header))
    needs_copy = escaped or (said is not None and said[0].startswith('"'))
    return Dialect(header, delimiter, quote, lines_before + has_header, has_header, escaped, needs_copy)


def _beginning(stream: TextIO) -> str:
    """The first lines of a file, whole: at least its first."""
    text = stream.read(SAMPLE)
    more = text
    while len(more) == SAMPLE and "\n" not in text and "\r" not in text[:-1]:
        more = stream.read(SAMPLE)
        text += more
        if len(text) > _HEADER:
            raise UnclearFile(
                "The first line is longer than a header can be (1 million characters): end each row with a "
                "line end, and begin with the names of the columns."
            )
    return text


def _read(
    text: str, delimiter: str, quote: str, with_escapes: bool, is_known: Callable[[str], bool]
) -> _Reading | csv.Error:
    """The beginning in one dialect, or what is wrong with its first record."""
    records = records_of(text, delimiter, quote, with_escapes)
    try:
        first = next(records)
    except csv.Error as error:
        return error
    rows = _until_error(islice(records, _ROWS))
    if len(rows) > 1 and len(rows) < _ROWS and len(text) >= SAMPLE:
        rows.pop()  # it may be cut
    rows = [row for row in rows if row]
    return _Reading(delimiter, quote, first, rows, len({name for name in first if is_known(name)}))


def _until_error(records: Iterator[list[str]]) -> list[list[str]]:
    rows: list[list[str]] = []
    with suppress(csv.Error):
        rows.extend(records)
    return rows


def _choose(readings: list[_Reading | csv.Error], is_events: bool) -> _Reading:
    """The one certain reading. Raises UnclearFile, or the first reading's error when there is none."""
    readable = [reading for reading in readings if isinstance(reading, _Reading)]
    if not readable:
        raise next(reading for reading in readings if isinstance(reading, csv.Error))
    if events := [reading for reading in readable if is_events and reading.is_events]:
        return events[0]
    most = max(reading.known for reading in readable)
    best = [reading for reading in readable if reading.known == most]
    if not most:
        best = [reading for reading in readable if reading.is_parted]
        if not best and len(readable) < len(readings):  # a quote that is never closed
            raise next(reading for reading in readings if isinstance(reading, csv.Error))
        best = best or readable[:1]
    if len({tuple(reading.first) for reading in best}) > 1:
        parted = [reading for reading in best if reading.is_parted]
        if len({tuple(reading.first) for reading in parted}) != 1:
            for reading in sorted(best, key=lambda reading: -len(reading.first)):
                _refuse_values(reading, is_events)
            signs = dict.fromkeys(reading.delimiter for reading in best)
            raise UnclearFile(
                f"The file may be separated by {' or by '.join(map(_called, signs))}: say which by a line "
                f"sep={list(signs)[-1]} before the header."
            )
        best = parted
    chosen = best[0]
    _refuse_other_rows(chosen, readable)
    return chosen


def _refuse_other_header(said: _Reading, readings: list[_Reading | csv.Error]) -> None:
    """Raises UnclearFile when the header is not separated as the line ``sep=`` says."""
    for other in readings:
        if isinstance(other, _Reading) and other.is_parted and other.known > said.known:
            raise UnclearFile(
                f"The first line says sep={said.delimiter}, but the header is separated by "
                f"{_called(other.delimiter)}: correct or remove that line."
            )


def _refuse_other_rows(chosen: _Reading, readings: list[_Reading]) -> None:
    """Raises UnclearFile when the rows are separated by another sign than the header."""
    width = len(chosen.first)
    alike = [reading for reading in readings if reading.first == chosen.first]
    if width == 1 or not chosen.rows or any(len(row) == width for reading in alike for row in reading.rows):
        return
    for other in readings:
        if other.rows and all(len(row) == width for row in other.rows):
            raise UnclearFile(
                f"The header is separated by {_called(chosen.delimiter)}, but the rows are separated by "
                f"{_called(other.delimiter)}: write both alike."
            )


def _called(delimiter: str) -> str:
    return SEPARATORS.get(delimiter, f"the sign {delimiter}")


def _refuse_values(reading: _Reading, is_events: bool) -> None:
    """Raises UnclearFile when a first record holds values and no names."""
    values = [cell for cell in reading.first if _VALUE.fullmatch(cell.strip())]
    numbers = [cell for cell in reading.first if _NUMBER.fullmatch(cell.strip())]
    begins_with_number = numbers[:1] == reading.first[:1] and reading.known < 2
    if (values and reading.known <= len(values)) or (numbers and not reading.known) or begins_with_number:
        separated = ""
        if reading.delimiter != "," and len(reading.first) > 1:
            separated = f" is separated by {_called(reading.delimiter)} and"
        columns = ",".join(EVENT_COLUMNS) if is_events else "id,updatedAt and the properties'"
        example = " ".join((values or numbers)[0].split())[:40]
        raise UnclearFile(
            f"The file{separated} has no header: its first line holds values such as {example}; write the "
            f"names of its columns ({columns}) into a line before it."
        )


def _is_event(record: list[str]) -> bool:
    return len(record) in {5, 6} and all(
        pattern.fullmatch(cell.strip()) for pattern, cell in zip(_EVENT, record, strict=False)
    )
