"""One streaming pass over a file's bytes: its hash, whether it is whole, whether its text is clean.

DuckDB reads clean text directly. Text that its line reader would misread (bad UTF-8, lone carriage
returns, control characters, a byte-order mark, over-long lines) is copied once, mended so that every
line stays one line and a damaged line is sure to be rejected, and DuckDB reads the copy. The same
goes for .gz files that DuckDB alone would not open.
"""

from __future__ import annotations

import codecs
import hashlib
import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from sequence_warehouse.load.discovery import LandedFile
from sequence_warehouse.load.emoji import SUBSTITUTE, EscapeMend
from sequence_warehouse.settings import MAX_RECORD_CHARACTERS

CHUNK = 1 << 20
TOO_LONG = f"{SUBSTITUTE}too long{SUBSTITUTE}"
_SUSPECT = (b"\r", b"\x00", b"\x1f")


@dataclass(frozen=True)
class Inspection:
    """content_hash: SHA-256 of the bytes as landed, empty when they cannot be read. clean: DuckDB may
    read the file as it is, but for lines longer than a record may be (has_long_lines) and, in an array or a
    document, for halves of emoji (has_surrogates: there are escapes of emoji, perhaps of halves).
    damage: why the file cannot be opened as what it claims to be, or None."""

    content_hash: str
    clean: bool = True
    has_long_lines: bool = False
    has_surrogates: bool = False
    damage: str | None = None


def inspect(file: LandedFile) -> Inspection:
    """Read the file once, in chunks. Raises OSError when it cannot be read at all."""
    digest = hashlib.sha256()
    is_json = file.file_format in {"jsonl", "json"}
    check = _LineCheck()
    content = _Content(file, digest)
    try:
        for chunk in content:
            if is_json:
                check.feed(chunk)
    except (zlib.error, EOFError) as error:
        # The rest still counts for the hash, or a longer damaged file would look unchanged.
        with file.path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256")
        return Inspection(digest.hexdigest(), damage=f"The gzip file is damaged ({error}).")
    # DuckDB tells a .gz by its name in lower case, and takes zeros after the end for damage
    is_plain = not file.gzipped or (file.path.suffix == ".gz" and not content.is_padded)
    return Inspection(
        digest.hexdigest(), check.finish() and is_plain, check.has_long_lines, check.has_surrogates
    )


def spool(file: LandedFile, target: Path, cut: bool) -> Path:
    """Write the mended copy of a JSON file to ``target`` and return it; ``cut``: shorten long lines."""
    limit = MAX_RECORD_CHARACTERS if cut else sys.maxsize
    decoder = codecs.getincrementaldecoder("utf-8-sig")(errors="substitute")
    mend = str.maketrans({"\r": " ", "\x00": SUBSTITUTE, "\x1f": SUBSTITUTE})
    escapes = EscapeMend()
    with target.open("w", encoding="utf-8", newline="") as copy:
        line_length = 0
        for chunk in _Content(file):
            text = escapes.feed(decoder.decode(chunk).translate(mend))
            for index, piece in enumerate(text.split("\n")):
                if index:
                    copy.write("\n")
                    line_length = 0
                line_length = _write_piece(copy, piece, line_length, limit)
        rest = escapes.feed(decoder.decode(b"", final=True), final=True)
        _write_piece(copy, rest, line_length, limit)
    return target


def spool_csv(file: LandedFile, target: Path) -> Path:
    """Write a copy of a CSV file to ``target`` in which only line feeds end lines, and return it."""
    with target.open("wb") as copy:
        held = b""  # a carriage return at the end of a chunk, until it is known what follows
        for chunk in _Content(file):
            chunk = held + chunk
            held = b"\r" if chunk.endswith(b"\r") else b""
            chunk = chunk.removesuffix(b"\r")
            copy.write(chunk.replace(b"\r\n", b"\n").replace(b"\r", b" "))
    return target


def _write_piece(copy: TextIO, piece: str, line_length: int, limit: int) -> int:
    """Append a part of a line, cut and marked once the line is too long to be a record."""
    if line_length <= limit < line_length + len(piece):
        copy.write(TOO_LONG)
    elif line_length <= limit:
        copy.write(piece)
    return line_length + len(piece)


class _LineCheck:
    """Whether DuckDB's line reader can be trusted with the text fed so far."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._clean = True
        self._first = True
        self._open_line = 0
        self._end = b""
        self.has_long_lines = False
        self.has_surrogates = False

    def feed(self, chunk: bytes) -> None:
        if not self.has_surrogates:
            text = self._end + chunk
            self.has_surrogates = b"\\ud" in text or b"\\uD" in text
            self._end = chunk[-2:]
        if not self._clean:
            return
        if self._first and chunk:
            self._clean = not chunk.startswith(codecs.BOM_UTF8)
            self._first = False
        # a chunk is shorter than a record may be: only the line that began before it can be too long
        before, line_break, _ = chunk.partition(b"\n")
        self._open_line += len(before)
        if self._open_line > MAX_RECORD_CHARACTERS:
            self.has_long_lines = True
        if line_break:
            self._open_line = len(chunk) - chunk.rfind(b"\n") - 1
        if any(byte in chunk for byte in _SUSPECT):
            self._clean = False
        try:
            self._decoder.decode(chunk)
        except UnicodeDecodeError:
            self._clean = False

    def finish(self) -> bool:
        try:
            self._decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            self._clean = False
        return self._clean


class _Content:
    """The file's bytes, unzipped where it is a .gz (all of its members), hashed as landed.

    is_padded: zeros follow the last member, as tar and some writers leave them.
    """

    def __init__(self, file: LandedFile, digest: hashlib._Hash | None = None) -> None:
        self._file = file
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
            raise EOFError("it ends before its end-of-stream marker")
