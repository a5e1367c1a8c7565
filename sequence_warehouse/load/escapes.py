"""Backslash escapes in the cells of a CSV file, as databases unload them, become doubled quotes."""

from __future__ import annotations

import re

from sequence_warehouse.settings import MAX_RECORD_BYTES


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
