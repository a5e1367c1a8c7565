"""One streaming pass over a file's bytes: its hash, whether it is whole, whether its text is clean.

DuckDB reads clean text directly. Text that its line reader would misread (bad UTF-8, lone carriage
returns, control characters, a byte-order mark, over-long lines) is copied once, mended so that every
line stays one line and a damaged line is sure to be rejected, and DuckDB reads the copy.
"""

from __future__ import annotations

import codecs
import hashlib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sequence_warehouse.load.discovery import LandedFile
from sequence_warehouse.settings import MAX_RECORD_CHARACTERS

CHUNK = 1 << 20
# ASCII "substitute": never valid inside JSON, so a line that holds it is rejected, never mis-loaded.
SUBSTITUTE = "\x1a"
TOO_LONG = SUBSTITUTE * 2
_SUSPECT = (b"\r", b"\x00", b"\x1f")

codecs.register_error("substitute", lambda error: (SUBSTITUTE, error.end))


@dataclass(frozen=True)
class Inspection:
    """content_hash: SHA-256 of the bytes as landed. clean: DuckDB may read the file as it is.
    damage: why the file cannot be opened as what it claims to be, or None."""

    content_hash: str
    clean: bool = True
    damage: str | None = None


def inspect(file: LandedFile) -> Inspection:
    """Read the file once, in chunks. Raises OSError when it cannot be read at all."""
    digest = hashlib.sha256()
    lines = file.file_format in {"jsonl", "json"}
    check = _LineCheck() if lines else None
    try:
        for chunk in _decompressed(file, digest):
            if check is not None:
                check.feed(chunk)
    except (zlib.error, EOFError) as error:
        # The rest still counts for the hash, or a longer damaged file would look unchanged.
        with file.path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256")
        return Inspection(digest.hexdigest(), damage=f"The gzip file is damaged ({error}).")
    return Inspection(digest.hexdigest(), clean=check is None or check.finish())


def spool(file: LandedFile, target: Path) -> Path:
    """Write the mended copy of an unclean text file to ``target`` and return it."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")(errors="substitute")
    mend = str.maketrans({"\r": " ", "\x00": SUBSTITUTE, "\x1f": SUBSTITUTE})
    with target.open("w", encoding="utf-8", newline="") as copy:
        line_length = 0
        for chunk in _decompressed(file, None):
            text = decoder.decode(chunk).translate(mend)
            for index, piece in enumerate(text.split("\n")):
                if index:
                    copy.write("\n")
                    line_length = 0
                line_length = _write_piece(copy, piece, line_length)
        _write_piece(copy, decoder.decode(b"", final=True), line_length)
    return target


def _write_piece(copy, piece: str, line_length: int) -> int:
    """Append a part of a line, cut and marked once the line is too long to be a record."""
    limit = MAX_RECORD_CHARACTERS
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

    def feed(self, chunk: bytes) -> None:
        if not self._clean:
            return
        if self._first:
            self._clean = not chunk.startswith(codecs.BOM_UTF8)
            self._first = False
        last_break = chunk.rfind(b"\n")
        self._open_line = self._open_line + len(chunk) if last_break < 0 else len(chunk) - last_break
        if self._open_line > MAX_RECORD_CHARACTERS or any(byte in chunk for byte in _SUSPECT):
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


def _decompressed(file: LandedFile, digest) -> Iterator[bytes]:
    """The file's bytes, unzipped where it is a .gz (all of its members), hashed as landed."""
    unzip = zlib.decompressobj(wbits=31) if file.gzipped else None
    with file.path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            if digest is not None:
                digest.update(chunk)
            if unzip is None:
                yield chunk
                continue
            while chunk:
                if unzip.eof:
                    unzip = zlib.decompressobj(wbits=31)
                yield unzip.decompress(chunk, CHUNK)
                chunk = unzip.unconsumed_tail or unzip.unused_data
                if unzip.eof and not chunk.strip(b"\x00"):
                    chunk = b""  # zero padding after the last member, as tar and some writers leave
    while unzip is not None and not unzip.eof:
        if rest := unzip.decompress(b"", CHUNK):
            yield rest
            continue
        raise EOFError("it ends before its end-of-stream marker")
