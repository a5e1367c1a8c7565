"""How the bytes of a text file are encoded: UTF-8, unless something else is certain.

Certain is UTF-16 (or UTF-32) with a byte-order mark, and UTF-16 without one when every other byte of the
beginning is a zero. Certain is Windows' cp1252 (Excel's "CSV" in the West) when the whole file is no UTF-8,
holds not one valid sequence of several bytes, and every byte above ASCII is where it belongs in cp1252:
accented letters inside of words in a fitting case (``Müller``, ``Éric``, ``O’Brien``), no signs between
letters, no pairs that only another code page explains. Anything else is UTF-8 with damage, which costs the
damaged records only.
"""

# ruff: noqa: RUF001, RUF002 - the signs of cp1252 are what this is about
from __future__ import annotations

import codecs
import gzip
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TextIO

from sequence_warehouse.load.discovery import LandedFile

UTF_8 = "utf-8"
_HEAD = 4096
_BYTE_ORDER_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",  # before UTF-16, whose mark begins like it
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_SEQUENCE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")

_LOWER = "ß-öø-þœšž"
_UPPER = "À-ÖØ-ÞŒŠŽ"
_IN_A_WORD = re.compile(
    rf"[A-Za-z][{_LOWER}]|[{_LOWER}][a-z]|[{_UPPER}][A-Za-z]|[A-Z][{_UPPER}]"
    r"|[A-Za-z]’(?:s|t|d|m|re|ve|ll)\b|\b(?:[A-Z]|[cdjlmnst]|[Qq]u)’[A-Za-z]"
)
_BETWEEN_WORDS = r"’–—…•\xa0\xadª·º´™®©"
_IMPLAUSIBLE = re.compile(
    "[\ufffdÿŸ]"
    rf"|(?<!\\)[a-z{_LOWER}][{_UPPER}]"  # MacRoman's é is Ž; the n of an escaped line end is no letter
    rf"|[{_LOWER}{_UPPER}]{{4}}"  # Cyrillic is nothing but such letters
    rf"|[A-Za-z][^\x00-\x7f{_LOWER}{_UPPER}{_BETWEEN_WORDS}][A-Za-z]"  # Polish, DOS
    r"|[ìù][a-z]|ø[áíýé]|[áíýéì]ø"  # Czech: ě, ů, ř
    r"|[à-ï][€‚ƒ„†‡ˆ‰‹‘˜›•¡-©«¬\xad¯-¶¸¹¼-¿]"  # a character of UTF-8 that was cut
)


class EncodingCheck:
    """Fed a file's bytes in chunks, tells their encoding. is_utf8: all so far were UTF-8."""

    def __init__(self) -> None:
        self.is_utf8 = True
        self._decoder = codecs.getincrementaldecoder(UTF_8)()
        self._head = b""
        self._has_sequences = False
        self._has_words = False
        self._is_implausible = False
        self._end = b""

    def feed(self, chunk: bytes) -> None:
        if len(self._head) < _HEAD:
            self._head += chunk[: _HEAD - len(self._head)]
        if self.is_utf8:
            open_bytes = self._decoder.getstate()[0]
            if not open_bytes and chunk.isascii():
                return
            try:
                self._has_sequences |= not self._decoder.decode(chunk).isascii()
                return
            except UnicodeDecodeError:
                self.is_utf8 = False
                chunk = open_bytes + chunk
        self._weigh(chunk)

    def finish(self) -> str:
        """The encoding, as Python's codecs call it; a UTF-8 byte-order mark is the reader's to drop."""
        if self.is_utf8 and (open_bytes := self._decoder.getstate()[0]):
            self.is_utf8 = False
            self._weigh(open_bytes)
        if wide := _wide_encoding(self._head):
            return wide
        if self.is_utf8 or self._has_sequences or self._is_implausible or not self._has_words:
            return UTF_8
        return "cp1252"

    def _weigh(self, chunk: bytes) -> None:
        """Whether bytes that are no UTF-8 are cp1252's."""
        if self._has_sequences or self._is_implausible:
            return
        chunk = self._end + chunk
        self._end = chunk[-3:]
        self._has_sequences = _SEQUENCE.search(chunk) is not None
        text = chunk.decode("cp1252", "replace")
        self._is_implausible = _IMPLAUSIBLE.search(text) is not None
        self._has_words = self._has_words or _IN_A_WORD.search(text) is not None


def _wide_encoding(head: bytes) -> str | None:
    """UTF-16 or UTF-32, told by the zeros in a file's first bytes."""
    if b"\x00" not in head:
        return None
    for mark, encoding in _BYTE_ORDER_MARKS.items():
        if head.startswith(mark):
            return encoding
    units = len(head) // 2
    # a sign beyond Latin, half an emoji most of all, may have a zero on the other side
    low, high = head[0 : units * 2 : 2].count(0), head[1 : units * 2 : 2].count(0)
    if units >= 4 and high * 2 >= units and low * 20 <= high:
        return "utf-16-le"
    if units >= 4 and low * 2 >= units and high * 20 <= low:
        return "utf-16-be"
    return None


def decoded(chunks: Iterable[bytes], encoding: str, errors: str) -> Iterator[str]:
    """The text of a file's chunks of bytes, without its byte-order mark.

    errors: what becomes of bytes that are no UTF-8; in other encodings they become U+FFFD.
    """
    codec = "utf-8-sig" if encoding == UTF_8 else encoding
    decoder = codecs.getincrementaldecoder(codec)(errors if encoding == UTF_8 else "replace")
    for chunk in chunks:
        yield decoder.decode(chunk)
    yield decoder.decode(b"", final=True)


def open_text(file: LandedFile, path: Path, encoding: str = UTF_8, newline: str = "") -> TextIO:
    """The text of a landed file, or of its copy at another path, which is UTF-8 and not zipped."""
    is_copy = path != file.path
    opener = gzip.open if file.gzipped and not is_copy else open
    codec = "utf-8-sig" if encoding == UTF_8 or is_copy else encoding
    return opener(path, "rt", encoding=codec, errors="replace", newline=newline)
