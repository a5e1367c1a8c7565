"""Read the files of one load: small ones together, large ones in slices, side by side."""

from __future__ import annotations

import csv
import logging
import os
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import duckdb

from sequence_warehouse.config.errors import UserError
from sequence_warehouse.load import dialects, readers, tabular
from sequence_warehouse.load.discovery import LandedFile, unreadable
from sequence_warehouse.load.elements import is_object, spool_elements, spool_pages
from sequence_warehouse.load.encodings import open_text
from sequence_warehouse.load.escapes import CellMend
from sequence_warehouse.load.inspection import Inspection, spool, spool_csv, unzip
from sequence_warehouse.load.limits import MAX_RECORD_BYTES, MAX_RECORD_CHARACTERS
from sequence_warehouse.load.nesting import has_deep_columns
from sequence_warehouse.load.parts import PartWriter
from sequence_warehouse.load.rows import RowMend
from sequence_warehouse.load.spellings import Spellings

log = logging.getLogger(__name__)

# Small files are read together, up to this many bytes a part: numbering their lines needs them all.
# Larger JSON lines are read in slices of this size, side by side: numbering is one thread's work.
BATCH_BYTES = 32 * 1024 * 1024

_NOT_THE_FILE = (duckdb.OutOfMemoryException, duckdb.InternalException, duckdb.FatalException)
_LOOKED_AT = 1000  # lines that tell whether JSON is lines
_CUT_GZIP = "The gzip file ends too early: what was behind is missing; land it again whole."
_CUT_JSON = "The file ends before its JSON does: what was behind is missing; land it again whole."
_NO_SPACE = "No space left on device|Disk quota exceeded|Could not write|Too many open files"


class FileReader:
    """Reads landed files into the parts of one load; what fails is set aside, file by file."""

    def __init__(self, parts: PartWriter, names: Spellings, missing: list[str]) -> None:
        self._parts = parts
        self._names = names
        self._missing = missing

    def plan(self, files: list[tuple[LandedFile, Inspection]]) -> Iterator[Callable[[], None]]:
        """Pieces of work that can run side by side; together they load ``files``."""
        batches: dict[tuple[str, str], list[tuple[LandedFile, Path]]] = defaultdict(list)
        sizes: dict[tuple[str, str], int] = defaultdict(int)
        for file, inspection in files:
            self._parts.note(file, inspection.content_hash, "loaded")
            if inspection.is_cut and not file.refusal:
                try:
                    file = self._cut_short(file)
                except OSError as error:
                    self._set_aside(file, error)
                    continue
                inspection = replace(inspection, clean=inspection.clean and not inspection.is_cut)
            if file.refusal:
                self._parts.reject_file(file, *file.refusal)
            elif inspection.damage:
                self._parts.reject_file(file, "unreadable_file", inspection.damage)
            elif file.file_format == "csv":
                yield partial(self._read_csv, file, inspection, is_mended=inspection.has_long_cells)
            elif file.file_format == "parquet":
                yield partial(self._read_parquet, file)
            else:
                try:
                    reader, path = self._prepare(file, inspection)
                    size = path.stat().st_size
                    if reader == "lines" and size > 2 * BATCH_BYTES and not _is_zipped(file, path):
                        for piece in readers.slices(path, BATCH_BYTES):
                            yield partial(self._read_slice, file, path, *piece)
                        continue
                except OSError as error:
                    self._set_aside(file, error)
                    continue
                if (reader == "documents" and size > MAX_RECORD_BYTES) or (
                    reader == "array" and not inspection.is_closed
                ):
                    yield partial(self._read_damaged, file, path)
                    continue
                key = (file.known_family, reader)
                if sizes[key] + size > BATCH_BYTES and batches[key]:
                    yield partial(self._read_batch, *key, batches.pop(key))
                    sizes[key] = 0
                batches[key].append((file, path))
                sizes[key] += size
        for key, batch in batches.items():
            yield partial(self._read_batch, *key, batch)

    def _prepare(self, file: LandedFile, inspection: Inspection) -> tuple[str, Path]:
        """How to read a JSON file, and where: as it landed, or its mended copy."""
        reader = readers.json_reader(file, inspection)
        is_lines = reader in {"lines", "json_lines"}
        path = file.path
        if not inspection.clean or (inspection.has_long_lines if is_lines else inspection.has_surrogates):
            path = self._parts.spooled(file.known_format)
            spool(file, path, cut=is_lines, encoding=inspection.encoding)
        return reader, path

    def _read_slice(self, file: LandedFile, path: Path, lines_before: int, start: int, end: int) -> None:
        """Read a part of a large file of JSON lines, as a file of its own for a moment."""
        piece = self._parts.spooled("jsonl")
        try:
            with path.open("rb") as stream, piece.open("wb") as copy:
                stream.seek(start)
                copy.write(stream.read(end - start))
            self._parts.copy(file.known_family, readers.lines([piece], lines_before), [(file, piece)])
        except (OSError, duckdb.Error) as error:
            self._set_aside(file, error)
        finally:
            piece.unlink(missing_ok=True)

    def _read_batch(self, family: str, reader: str, batch: list[tuple[LandedFile, Path]]) -> None:
        try:
            relation = getattr(readers, reader)([path for _, path in batch])
            part = self._parts.copy(family, relation, batch)
        except (OSError, duckdb.Error) as error:
            if len(batch) > 1:  # find the bad one: the others load
                for one in batch:
                    self._read_batch(family, reader, [one])
            elif isinstance(error, (OSError, *_NOT_THE_FILE)) or not batch[0][1].exists():
                self._set_aside(batch[0][0], error)
            elif reader in {"documents", "array"}:
                self._read_damaged(*batch[0], error)
            else:
                self._set_aside(batch[0][0], error)
            return
        if reader == "json_lines" and self._parts.has_damaged_page(part):
            part.unlink()
            for file, path in batch:
                try:
                    copy = spool_pages(_as_read(file, path), self._parts.spooled("jsonl"))
                    self._parts.copy(family, readers.json_lines([copy]), [(file, copy)])
                except (OSError, duckdb.Error) as error:
                    self._set_aside(file, error)

    def _read_damaged(self, file: LandedFile, path: Path, error: duckdb.Error | None = None) -> None:
        """Read JSON that is damaged or large: as lines where these are its records, else by its elements."""
        read = _as_read(file, path)
        try:
            if not self._has_good_lines(read):
                self._read_elements(file, path, error)
                return
            copy = spool(read, self._parts.spooled(file.known_format), cut=True)
        except OSError as problem:
            self._set_aside(file, problem)
            return
        self._read_batch(file.known_family, "json_lines", [(file, copy)])

    def _has_good_lines(self, file: LandedFile) -> bool:
        """Whether most lines of a JSON file that are objects have no comma behind them."""
        good = listed = 0
        with open_text(file, file.path, newline="\n") as stream:
            for line in iter(lambda: stream.readline(MAX_RECORD_CHARACTERS), ""):
                text = line.strip()
                record = text.removesuffix(",").rstrip()
                if record.startswith("{") and record.endswith("}") and is_object(record):
                    listed += record != text
                    good += record == text
                    if good + listed == _LOOKED_AT:
                        break
        return good > listed

    def _read_elements(self, file: LandedFile, path: Path, error: duckdb.Error | None = None) -> None:
        """Read the elements of JSON one by one: it is damaged, or large.

        error: what was wrong with it as a whole, told when nothing in it is.
        """
        copy = self._parts.spooled("jsonl")
        try:
            found = spool_elements(_as_read(file, path), copy)
            if not found.objects and (error or not found.places):
                self._set_aside(file, error or dialects.UnclearFile("it ends too early"))
                return
            if found.is_cut:
                self._parts.reject_file(file, "unreadable_file", _CUT_JSON)
            if found.gap is not None:
                message = f"A comma or bracket is missing or too much behind element {found.gap}."
                self._parts.reject_file(file, "not_json", message)
            self._parts.copy(file.known_family, readers.lines([copy]), [(file, copy)])
        except (OSError, duckdb.Error) as problem:
            self._set_aside(file, problem)

    def _cut_short(self, file: LandedFile) -> LandedFile:
        """What there is of a .gz that was cut, as a file of its own; that it was is a rejection."""
        self._parts.reject_file(file, "unreadable_file", _CUT_GZIP)
        copy = unzip(file, self._parts.spooled(file.known_format))
        return replace(file, path=copy, gzipped=False)

    def _read_parquet(self, file: LandedFile) -> None:
        if has_deep_columns(file.path):
            message = "The file's columns nest more than 100 levels deep: write them as JSON text."
            self._parts.reject_file(file, "unreadable_file", message)
            return
        cursor = self._parts.cursor()
        try:
            table = tabular.parquet_rows(cursor, file, self._names)
            self._copy_table(file, table, file.path, cursor)
        except dialects.UnclearFile as unclear:
            self._parts.reject_file(file, "unreadable_file", str(unclear))
        except (OSError, duckdb.Error) as error:
            self._set_aside(file, error)

    def _copy_table(
        self, file: LandedFile, table: tabular.Table, path: Path, cursor: duckdb.DuckDBPyConnection
    ) -> Path:
        return self._parts.copy(
            file.known_family, table.sql, [(file, path)], cursor, is_typed=True, is_shaped=table.is_shaped
        )

    def _read_csv(self, file: LandedFile, inspection: Inspection, is_mended: bool = False) -> None:
        """Read a CSV file as it is, or else its mended copy: DuckDB takes one kind of line end only."""
        cursor = self._parts.cursor()
        try:
            dialect = self._dialect(file, inspection)
            if dialect is not None:
                is_mended = is_mended or not inspection.clean or dialect.needs_copy
                path = file.path
                if is_mended:
                    signs = (dialect.delimiter, dialect.quote)
                    cells = CellMend(*signs) if dialect.is_escaped else None
                    rows = RowMend(*signs, len(dialect.header), dialect.skipped_lines, dialect.is_escaped)
                    path = spool_csv(file, self._parts.spooled("csv"), inspection.encoding, rows, cells)
                table = tabular.csv_rows(file, path, dialect, self._names, self._missing)
                part = self._copy_table(file, table, path, cursor)
                if not is_mended and self._parts.has_torn_rows(cursor):
                    part.unlink()
                    self._read_csv(file, inspection, is_mended=True)
                else:
                    self._parts.reject_rows(cursor, file, part, dialect)
        except duckdb.Error as error:
            if is_mended:
                self._set_aside(file, error)
            else:
                self._read_csv(file, inspection, is_mended=True)
        except dialects.UnclearFile as unclear:
            self._parts.reject_file(file, "unreadable_file", str(unclear))
        except (OSError, csv.Error) as error:
            self._set_aside(file, error)

    def _dialect(self, file: LandedFile, inspection: Inspection) -> dialects.Dialect | None:
        with open_text(file, file.path, inspection.encoding) as stream:
            return dialects.sniff(
                stream,
                is_events=file.family == "events",
                is_known=partial(self._names.is_known, self._names.record_type(file)),
                has_escapes=inspection.has_escapes,
            )

    def _set_aside(self, file: LandedFile, error: Exception) -> None:
        """A file that could not be read: one rejected row; none when it was moved away meanwhile.

        Raises UserError when that was not for the file: the load must not pass for whole then.
        """
        if isinstance(error, _NOT_THE_FILE) or re.search(_NO_SPACE, str(error)):
            reason = str(error).strip().split("\n")[0]
            raise UserError(
                f"{file.source_file} could not be loaded for want of memory or disk space: {reason}"
            ) from error
        if not os.path.exists(file.path):
            log.info("%s was moved away while it was being read", file.source_file)
            self._parts.forget(file)  # when it comes back, it is new
        elif isinstance(error, OSError):
            self._parts.note(file, "", "loaded")
            self._parts.reject_file(file, "unreadable_file", unreadable(error))
        else:
            self._parts.reject_file(file, "unreadable_file", _sentence(file.known_format, error))


def _as_read(file: LandedFile, path: Path) -> LandedFile:
    """A landed file as it is read: itself, or its copy, which is not zipped."""
    return replace(file, path=path, gzipped=_is_zipped(file, path))


def _is_zipped(file: LandedFile, path: Path) -> bool:
    return file.gzipped and path == file.path


def _sentence(file_format: str, error: Exception) -> str:
    """DuckDB's first line without its name for the error and for the file, which may be a copy."""
    first_line = str(error).strip().split("\n")[0]
    reason = re.sub(r"^(\w+ )+Error: |(?<=[Ff]ile) [\"'].*?[\"']", "", first_line)
    kind = "Parquet" if file_format == "parquet" else file_format.removesuffix("l").upper()
    return f"The file cannot be read as {kind}: {reason.rstrip('.')}."
