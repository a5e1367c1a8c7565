"""Backslash escapes in the cells of a CSV file, as databases unload them: told, and made doubled quotes."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from itertools import islice
from typing import TextIO

from sequence_warehouse.load.limits import MAX_RECORD_BYTES, MAX_RECORD_CHARACTERS
from sequence_warehouse.load.nesting import is_json

SAMPLE = 256 * 1024  # characters of a file that are looked at together
_PARTS = 16  # that may leave it open what a backslash is


class CellMend:
    """Rewrites the cells of a CSV text that comes in chunks and in which line feeds end lines.

    A backslash before the quote, the delimiter, a line end, an apostrophe or another backslash goes, before
    anything else (``\\n``, ``\\N``) it stays: such writers escape nothing else. A cell that needs quotes then
    has them; rows that were damaged stay so.
    """

    def __init__(self, delimiter: str, quote: str) -> None:
        self._quote = quote
        sign, mark = re.escape(delimiter), re.escape(quote)
        quoted = rf"{mark}[^{mark}\\]*(?:\\[\s\S][^{mark}\\]*)*{mark}"
        plain = rf"(?:[^{sign}\n{mark}\\]|\\(?:[\s\S]|\Z))[^{sign}\n\\]*(?:\\(?:[\s\S]|\Z)[^{sign}\n\\]*)*"
        whole = rf"([^{mark}\\]*[{sign}\n])"  # many cells of a kind that needs nothing, for speed
        # those without quotes too, so that no quote inside of one opens a cell; at last an open quote
        self._cell = re.compile(rf"{whole}|{quoted}|{plain}|{mark}[\s\S]*\Z")
        self._escaped = dict.fromkeys([quote, delimiter, "\n", "'"])
        self._needs_quotes = re.compile(rf"[{sign}\n{mark}]")
        self._held = ""
        self._is_final = False

    def feed(self, chunk: str, final: bool = False) -> str:
        """The chunk, mended; a cell that may go on in the next one is held back till then."""
        text = self._held + chunk
        self._held = ""
        self._is_final = final or len(text) > MAX_RECORD_BYTES + len(chunk)  # then it is no record
        return self._cell.sub(self._mended, text)

    def _mended(self, cell: re.Match[str]) -> str:
        text = cell[0]
        if cell[1]:
            return text
        if cell.end() == len(cell.string) and not self._is_final:
            self._held = text
            return ""
        if "\\" not in text:
            return text
        quote = self._quote
        is_quoted = text.startswith(quote)
        if is_quoted and not (len(text) > 1 and text.endswith(quote)):
            return text
        plain = "\\".join(map(self._unescaped, (text[1:-1] if is_quoted else text).split("\\\\")))
        if is_quoted or self._needs_quotes.search(plain):
            return quote + plain.replace(quote, quote + quote) + quote
        return plain

    def _unescaped(self, text: str) -> str:
        """A piece of a cell between escaped backslashes."""
        if "\\" in text:
            for sign in self._escaped:
                text = text.replace("\\" + sign, sign)
        return text


def is_escaped(text: str, stream: TextIO, delimiter: str, quote: str, width: int) -> bool:
    """Whether backslashes are escapes in a CSV file of so many columns.

    They are when, from the first one before a quote on, more records are whole so, and fewer are not.
    text: the file's beginning, which was read already from the stream.
    """
    mark = "\\" + quote
    for part in islice(_parts_with(mark, text, stream), _PARTS):
        plain, escaped = (
            _count(records_of(part, delimiter, quote, with_escapes), width) for with_escapes in (False, True)
        )
        if plain[1] != escaped[1]:
            return escaped[1] < plain[1] and escaped[0] > plain[0]
    return False


def _parts_with(mark: str, text: str, stream: TextIO) -> Iterator[str]:
    """Parts of a file, the beginning of which was read already, that hold a sign: whole lines."""
    text += stream.readline(MAX_RECORD_CHARACTERS)
    if mark in text:
        yield text
    while line := stream.readline(MAX_RECORD_CHARACTERS):
        if mark in line:
            yield line + stream.read(SAMPLE) + stream.readline(MAX_RECORD_CHARACTERS)


def _count(records: Iterator[list[str]], width: int) -> tuple[int, int]:
    """How many records have all cells, JSON where it looks like JSON, and how many do not."""
    good = bad = 0
    while True:
        try:
            record = next(records)
        except StopIteration:
            return good, bad
        except csv.Error:  # the next line may be the next record
            bad += 1
            continue
        if len(record) == width and all(map(_is_whole, record)):
            good += 1
        else:
            bad += bool(record)


def _is_whole(cell: str) -> bool:
    return not (cell.startswith(("{", "[")) and cell.endswith(("}", "]"))) or is_json(cell)


# Python's own limit on a cell is a 32nd of what a record may be.
csv.field_size_limit(MAX_RECORD_BYTES)


def records_of(text: str, delimiter: str, quote: str, with_escapes: bool) -> Iterator[list[str]]:
    """The records of a CSV text. Raises csv.Error for one that is damaged, and goes on behind its line."""
    escape = "\\" if with_escapes else None
    stream = io.StringIO(text, newline="")
    return csv.reader(stream, delimiter=delimiter, quotechar=quote, escapechar=escape, strict=True)
