"""One streaming pass over a file's bytes: its hash, whether it is whole, whether its text is clean.

DuckDB reads clean text directly. Text that its line reader would misread (bad UTF-8, lone carriage
returns, control characters, a byte-order mark, over-long lines) is copied once, mended so that every
line stays one line and a damaged line is sure to be rejected, and DuckDB reads the copy. The same
goes for .gz files that DuckDB alone would not open, and for text in another encoding.
"""

from __future__ import annotations

import codecs
import hashlib
import re
import sys
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from sequence_warehouse.load.discovery import LandedFile
from sequence_warehouse.load.emoji import SUBSTITUTE, TOO_LONG, EscapeMend
from sequence_warehouse.load.encodings import UTF_8, EncodingCheck, decoded
from sequence_warehouse.load.escapes import CellMend
from sequence_warehouse.load.limits import MAX_RECORD_CHARACTERS
from sequence_warehouse.load.rows import RowMend

CHUNK = 1 << 20
_BLANK = b" \t\r\n\x00"  # in UTF-16 too
_SUSPECT = (b"\r", b"\x00", b"\x1f")
_REST_OF_CELL = re.compile(rb'(?:[^"]++|"")*+')
_ESCAPED_QUOTE = re.compile(rb"""\\["']""")
# A line that may be an array or an API's page: records begin with another key.
PAGE = (
    r'^\s*(?:\[|\{\s*"(?:results|paging|total|status|hasMore|offset|context|links|'
    r'errors|numErrors|completedAt|requestedAt|startedAt)")'
)
_PAGE = re.compile(PAGE.replace(r"^\s*", r"\n[ \t\r]*(?:\xef\xbb\xbf)?").encode("latin-1"))


@dataclass(frozen=True)
class Inspection:
    """content_hash: SHA-256 of the bytes as landed, empty when they cannot be read. clean: DuckDB may
    read the file as it is, but for lines longer than a record may be (has_long_lines) and, in an array or a
    document, for halves of emoji (has_surrogates: there are escapes of emoji, perhaps of halves).
    encoding: as Python's codecs call it. has_pages: among JSON lines, some may be pages or arrays.
    has_escapes: in CSV, a backslash stands before a quote somewhere. has_long_cells: in CSV, a line or a cell
    may be longer than a record. is_closed: the last sign closes an array. is_cut: a .gz that ends too early.
    damage: why the file cannot be opened as what it claims to be, or None."""

    content_hash: str
    clean: bool = True
    has_long_lines: bool = False
    has_surrogates: bool = False
    encoding: str = UTF_8
    has_pages: bool = False
    has_escapes: bool = False
    has_long_cells: bool = False
    is_closed: bool = True
    is_cut: bool = False
    damage: str | None = None


def inspect(file: LandedFile) -> Inspection:
    """Read the file once, in chunks. Raises OSError when it cannot be read at all."""
    digest = hashlib.sha256()
    is_json = file.file_format in {"jsonl", "json"}
    is_text = is_json or file.file_format == "csv"
    check, encoding = _LineCheck(), EncodingCheck()
    cells = _CellCheck()
    last = b""
    content = _Content(file, digest)
    is_cut = False
    damage: Exception | None = None
    try:
        for chunk in content:
            last = chunk.rstrip(_BLANK)[-1:] or last
            if is_text:
                encoding.feed(chunk)
            if is_json:
                check.feed(chunk)
            elif is_text:
                cells.feed(chunk)
    except EOFError as error:
        is_cut = bool(last)
        damage = None if is_cut else error
    except zlib.error as error:
        damage = error
    if damage:
        # The rest still counts for the hash, or a longer damaged file would look unchanged.
        with file.path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256")
        return Inspection(digest.hexdigest(), damage=f"The gzip file is damaged ({damage}).")
    # DuckDB tells a .gz by its name in lower case, and takes zeros after the end for damage
    is_plain = not file.gzipped or (file.path.suffix == ".gz" and not content.is_padded)
    name = encoding.finish() if is_text else UTF_8
    is_clean = is_plain and name == UTF_8 and (not is_json or (check.is_clean and encoding.is_utf8))
    is_wide = name.startswith(("utf-16", "utf-32"))  # its bytes were not looked at for more
    return Inspection(
        digest.hexdigest(),
        is_clean,
        check.has_long_lines,
        check.has_surrogates,
        name,
        check.has_pages or is_wide,
        cells.has_escapes or is_wide,
        cells.has_long_cells,
        last == b"]",
        is_cut,
    )


def unzip(file: LandedFile, target: Path) -> Path:
    """Write what there is of a .gz that was cut to ``target`` and return it.

    Of a CSV file whole lines only: a cut cell looks like a whole one.
    """
    last_line = size = 0
    with target.open("wb") as copy:
        for chunk in _Content(file, is_cut=True):
            line = 1 + max(chunk.rfind(b"\n"), chunk.rfind(b"\r"))
            last_line = size + line if line else last_line
            size += copy.write(chunk)
        if file.file_format == "csv":
            copy.truncate(last_line)
    return target


def mended_json(file: LandedFile, encoding: str = UTF_8) -> Iterator[str]:
    """The text of a JSON file in which only line feeds end lines, and what is no text damages its line."""
    mend = str.maketrans({"\r": " ", "\x00": SUBSTITUTE, "\x1f": SUBSTITUTE})
    escapes = EscapeMend()
    for chunk in decoded(_Content(file), encoding, "substitute"):
        yield escapes.feed(chunk.translate(mend))
    yield escapes.feed("", final=True)


def spool(file: LandedFile, target: Path, cut: bool, encoding: str = UTF_8) -> Path:
    """Write the mended copy of a JSON file to ``target`` and return it; ``cut``: shorten long lines."""
    limit = MAX_RECORD_CHARACTERS if cut else sys.maxsize
    with target.open("w", encoding="utf-8", newline="") as copy:
        line_length = 0
        for text in mended_json(file, encoding):
            for index, piece in enumerate(text.split("\n")):
                if index:
                    copy.write("\n")
                    line_length = 0
                line_length = _write_piece(copy, piece, line_length, limit)
    return target


def spool_csv(
    file: LandedFile, target: Path, encoding: str, rows: RowMend, cells: CellMend | None = None
) -> Path:
    """Write a copy of a CSV file in UTF-8 to ``target`` in which only line feeds end lines, and return it.

    rows: bounds its damaged rows. cells: takes backslash escapes out of its cells.
    """
    chunks: Iterable[bytes] = _Content(file)
    if encoding != UTF_8:
        chunks = (text.encode() for text in decoded(chunks, encoding, "replace"))
    # bytes that are no UTF-8 stay: they damage their row
    texts = rows.mended(decoded(_one_line_end(_unmarked(chunks)), UTF_8, "surrogateescape"))
    with target.open("w", encoding="utf-8", errors="surrogateescape", newline="") as copy:
        for text in texts:
            copy.write(text if cells is None else cells.feed(text))
        if cells is not None:
            copy.write(cells.feed("", final=True))
    return target


def _unmarked(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Without a byte-order mark: DuckDB, told to skip a line with quotes behind one, skips the whole file."""
    head = b""
    for chunk in chunks:
        if len(head) < len(codecs.BOM_UTF8):
            head += chunk
            if len(head) >= len(codecs.BOM_UTF8):
                yield head.removeprefix(codecs.BOM_UTF8)
        else:
            yield chunk
    if len(head) < len(codecs.BOM_UTF8):
        yield head


def _one_line_end(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Line feeds end lines, and a lone carriage return is a blank unless the file begins without any feed."""
    held = b""  # a carriage return at the end of a chunk, until it is known what follows
    lone = b""
    for chunk in chunks:
        chunk = held + chunk
        held = b"\r" if chunk.endswith(b"\r") else b""
        chunk = chunk.removesuffix(b"\r")
        if not lone and (b"\n" in chunk or b"\r" in chunk):
            lone = b" " if b"\n" in chunk else b"\n"
        yield chunk.replace(b"\r\n", b"\n").replace(b"\r", lone)


def _write_piece(copy: TextIO, piece: str, line_length: int, limit: int) -> int:
    """Append a part of a line, cut and marked once the line is too long to be a record."""
    if line_length <= limit < line_length + len(piece):
        copy.write(TOO_LONG)
    elif line_length <= limit:
        copy.write(piece)
    return line_length + len(piece)


class _LineCheck:
    """Whether DuckDB's line reader can be trusted with the text fed so far, if it is UTF-8 (is_clean)."""

    def __init__(self) -> None:
        self.is_clean = True
        self._first = True
        self._open_line = 0
        self._end = b"\n"
        self.has_long_lines = False
        self.has_surrogates = False
        self.has_pages = False

    def feed(self, chunk: bytes) -> None:
        if not self.has_surrogates or not self.has_pages:
            text = self._end + chunk
            self.has_surrogates = self.has_surrogates or b"\\ud" in text or b"\\uD" in text
            self.has_pages = self.has_pages or _PAGE.search(text) is not None
            self._end = text[-100:]
        # a chunk is shorter than a record may be: only the line that began before it can be too long
        before, line_break, _ = chunk.partition(b"\n")
        self._open_line += len(before)
        if self._open_line > MAX_RECORD_CHARACTERS:
            self.has_long_lines = True
        if line_break:
            self._open_line = len(chunk) - chunk.rfind(b"\n") - 1
        if self._first and chunk:
            self.is_clean = not chunk.startswith(codecs.BOM_UTF8)
            self._first = False
        if self.is_clean and any(byte in chunk for byte in _SUSPECT):
            self.is_clean = False


class _CellCheck:
    """What is to be known of the cells of a CSV text fed so far; DuckDB drops rows that it finds too long."""

    def __init__(self) -> None:
        self.has_escapes = False
        self.has_long_cells = False
        self._open_line = 0
        self._is_quoted = False

    def feed(self, chunk: bytes) -> None:
        # one byte is found much faster than two
        if not self.has_escapes and b"\\" in chunk:
            self.has_escapes = _ESCAPED_QUOTE.search(chunk) is not None
        if self.has_long_cells:
            return
        line_end = max(chunk.rfind(b"\n"), chunk.rfind(b"\r"))
        self._open_line = self._open_line + len(chunk) if line_end < 0 else len(chunk) - line_end
        is_inside = self._is_quoted and _REST_OF_CELL.fullmatch(chunk) is not None
        self.has_long_cells = self._open_line > MAX_RECORD_CHARACTERS or (is_inside and len(chunk) == CHUNK)
        self._is_quoted ^= chunk.count(b'"') % 2 == 1


class _Content:
    """The file's bytes, unzipped where it is a .gz (all of its members), hashed as landed.

    Raises EOFError when a .gz ends too early, unless that ``is_cut`` is known.

    is_padded: zeros follow the last member, as tar and some writers leave them.
    """

    def __init__(self, file: LandedFile, digest: hashlib._Hash | None = None, is_cut: bool = False) -> None:
        self._file = file
        self._is_cut = is_cut
        self._digest = digest
        self.is_padded = False

    def __iter__(self) -> Iterator[bytes]:
        unzip = zlib.decompressobj(wbits=31) if self._file.gzipped else None
        with self._file.path.open("rb") as stream:
            while chunk := stream.read(CHUNK):
                if self._digest is not None:
                    self._digest.update(chunk)
                if unzip is None:
                    yield chunk
                    continue
                while chunk:
                    if unzip.eof:
                        if not chunk.strip(b"\x00"):
                            self.is_padded = True
                            break
                        unzip = zlib.decompressobj(wbits=31)
                    yield unzip.decompress(chunk, CHUNK)
                    chunk = unzip.unconsumed_tail or unzip.unused_data
        while unzip is not None and not unzip.eof:
            if rest := unzip.decompress(b"", CHUNK):
                yield rest
                continue
            if self._is_cut:
                return
            raise EOFError("it ends before its end-of-stream marker")
