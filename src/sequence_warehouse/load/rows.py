"""Damaged rows of a CSV file, bounded to where they are: an open quote costs its own lines only.

A row that is damaged by a quote, or longer than a record, ends where the next line begins a row that has as
many cells as the header. It is written as one line that is sure not to fit the header, with stand-ins for its
quotes and line ends. Rows that merely have too many or too few cells stay as they are: the reader tells them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from sequence_warehouse.load.emoji import SUBSTITUTE
from sequence_warehouse.load.limits import MAX_RECORD_CHARACTERS
from sequence_warehouse.storage.database import literal

_WINDOW = MAX_RECORD_CHARACTERS + 1  # characters that a row must end in
MARK, LONG_MARK = f"{SUBSTITUTE}x", f"{SUBSTITUTE}y"
_KEPT = 5000  # characters of a row that is too long: the reader tells no more than 10,000 bytes of any


class RowMend:
    """Mends the rows of a CSV text in which line feeds end lines. lines_before: lines before its header or
    first row. is_escaped: a backslash in a quoted cell escapes what follows."""

    def __init__(self, delimiter: str, quote: str, width: int, lines_before: int, is_escaped: bool) -> None:
        sign, mark = re.escape(delimiter), re.escape(quote)
        inside, escape = (rf"[^{mark}\\]", r"|\\[\s\S]") if is_escaped else (f"[^{mark}]", "")
        quoted = rf" *+{mark}(?:{inside}++|{mark}{mark}{escape})*+{mark} *+"
        plain = rf"(?! *{mark})" + (rf"(?:[^{sign}\n\\]++{escape})*+" if is_escaped else rf"[^{sign}\n]*+")
        cell = f"(?>{quoted}|{plain})"
        row = rf"{cell}(?:{sign}{cell}){{{width - 1}}}\n"
        self._rows = re.compile(f"(?:{row})++")
        self._line = re.compile(rf"(?:{cell}{sign})*+{cell}\n")
        self._next = re.compile(rf"\n(?={row})")
        self._lines_before = lines_before
        self._end = ending(delimiter, width) + "\n"
        self._stand_ins = _stand_ins(delimiter, quote)
        self._text, self._at, self._is_last = "", 0, False

    def mended(self, chunks: Iterable[str]) -> Iterator[str]:
        """The text, mended, in pieces of rows."""
        chunks = iter(chunks)
        self._fill(chunks)
        for _ in range(self._lines_before):
            end = self._text.find("\n", self._at) + 1 or len(self._text)
            yield self._text[self._at : end]
            self._at = end
        while True:
            self._fill(chunks)
            text, at = self._text, self._at
            if at == len(text):
                return
            found = self._rows.match(text, at)
            if found is None and (found := self._line.match(text, at)) and "\n" in found[0][:-1]:
                found = None
            if found is None:
                yield self._damaged(chunks)
            else:
                self._at = found.end()
                yield found[0]

    def _fill(self, chunks: Iterator[str]) -> None:
        """Have a whole window of text from here on, or all that is left, with a line end."""
        if self._is_last or len(self._text) - self._at >= _WINDOW:
            return
        parts = [self._text[self._at :]]
        size = len(parts[0])
        while size < 2 * _WINDOW:
            chunk = next(chunks, None)
            if chunk is None:
                self._is_last = True
                if size and not next(part for part in reversed(parts) if part).endswith("\n"):
                    parts.append("\n")
                break
            parts.append(chunk)
            size += len(chunk)
        self._text, self._at = "".join(parts), 0

    def _damaged(self, chunks: Iterator[str]) -> str:
        """A damaged row as one line, up to the next one that is whole."""
        record = self._text[self._at : self._at + _WINDOW]
        size = 0
        while (found := self._next.search(self._text, self._at)) is None and not self._is_last:
            step = len(self._text) - _WINDOW + 1 - self._at
            size, self._at = size + step, self._at + step
            self._fill(chunks)
        end = len(self._text) if found is None else found.end()
        size, self._at = size + end - self._at, end
        is_long = size > MAX_RECORD_CHARACTERS
        record = record[: _KEPT if is_long else size].rstrip("\n")
        for sign, stand_in in self._stand_ins.items():
            record = record.replace(sign, stand_in)
        return (LONG_MARK if is_long else MARK) + record + self._end


def _stand_ins(delimiter: str, quote: str) -> dict[str, str]:
    return {
        sign: SUBSTITUTE + letter
        for sign, letter in {quote: "q", "\n": "n", "\\": "b", delimiter: "d"}.items()
    }


def ending(delimiter: str, width: int) -> str:
    """What ends the line of a damaged row: a cell too many. Empty, it would pass."""
    return delimiter * width + SUBSTITUTE


def landed_row(line: str, delimiter: str, quote: str, width: int) -> str:
    """SQL of a row as it landed, of SQL of the line that the reader did not take."""
    plain = f"replace(({line})[{len(MARK) + 1}:], {literal(ending(delimiter, width))}, '')"
    for sign, stand_in in _stand_ins(delimiter, quote).items():
        plain = f"replace({plain}, {literal(stand_in)}, {literal(sign)})"
    marks = f"({literal(MARK)}, {literal(LONG_MARK)})"
    return f"case when ({line})[:{len(MARK)}] in {marks} then {plain} else {line} end"
