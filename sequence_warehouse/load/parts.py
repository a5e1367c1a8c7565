"""Write the Parquet parts of one load: small files together, large ones each in a part of its own."""

from __future__ import annotations

import csv
import itertools
import json
import logging
import re
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path

import duckdb

from sequence_warehouse.database import literal
from sequence_warehouse.load import readers
from sequence_warehouse.load.discovery import LandedFile
from sequence_warehouse.load.exports import ExportNames
from sequence_warehouse.load.inspection import Inspection, spool, spool_csv
from sequence_warehouse.load.parsing import QUERIES
from sequence_warehouse.settings import MAX_DOCUMENT_BYTES, UserError

log = logging.getLogger(__name__)

# Small files are read together, up to this many bytes a part: numbering their lines needs them all.
# Larger JSON lines are read in slices of this size, side by side: numbering is one thread's work.
BATCH_BYTES = 32 * 1024 * 1024

_COLUMNS = {
    "events": """
        portal_id varchar, source_file varchar, line_number bigint, event_type varchar,
        event_id varchar, object_type varchar, object_id varchar, occurred_at timestamptz,
        record varchar, reason varchar, message varchar, loaded_at timestamptz
    """,
    "objects": """
        portal_id varchar, source_file varchar, line_number bigint, object_type varchar,
        object_id varchar, updated_at timestamptz, archived boolean,
        record varchar, reason varchar, message varchar, loaded_at timestamptz
    """,
    "files": """
        portal_id varchar, source_file varchar, family varchar, file_format varchar,
        size_bytes bigint, modified_ns bigint, content_hash varchar, status varchar,
        records bigint, rejected bigint, loaded_at timestamptz
    """,
}


# Small row groups: a thread holds one in memory while it writes, whatever the size of its records.
_PART_FORMAT = "format parquet, compression zstd, compression_level 1, row_group_size 30_720"
_NOT_THE_FILE = (duckdb.OutOfMemoryException, duckdb.InternalException, duckdb.FatalException)
_NO_SPACE = "No space left on device|Disk quota exceeded|Could not write|Too many open files"


class PartWriter:
    """Writes the parts of one load into ``folder``; safe to use from several threads."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        folder: Path,
        spool_folder: Path,
        loaded_at: datetime,
        names: ExportNames,
    ) -> None:
        self._connection = connection
        self._folder = folder
        self._spool = spool_folder
        self._loaded_at = f"timestamptz {literal(loaded_at.isoformat())}"
        self._names = names
        self._numbers = itertools.count()
        self._lock = threading.Lock()
        self._notes: dict[str, dict[str, object]] = {}
        self._failures: dict[str, list[dict[str, object]]] = defaultdict(list)
        for family in _COLUMNS:
            (folder / family).mkdir(parents=True)
        spool_folder.mkdir(parents=True, exist_ok=True)
        self.totals = (0, 0, 0)

    def plan(self, files: list[tuple[LandedFile, Inspection]]) -> Iterator[Callable[[], None]]:
        """Pieces of work that can run side by side; together they load ``files``."""
        batches: dict[tuple[str, str], list[tuple[LandedFile, Path]]] = defaultdict(list)
        sizes: dict[tuple[str, str], int] = defaultdict(int)
        for file, inspection in files:
            self.note(file, inspection.content_hash, "loaded")
            if problem := file.problem:
                self._reject_file(file, "unsupported_file", problem)
            elif inspection.damage:
                self._reject_file(file, "unreadable_file", inspection.damage)
            elif file.file_format == "csv":
                yield partial(self._read_csv, file, inspection)
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
                if reader == "documents" and size > MAX_DOCUMENT_BYTES:
                    message = "The file is one JSON document of more than 256 MB: write JSON lines."
                    self._reject_file(file, "unreadable_file", message)
                    continue
                key = (file.family, reader)
                if sizes[key] + size > BATCH_BYTES and batches[key]:
                    yield partial(self._read_batch, *key, batches.pop(key))
                    sizes[key] = 0
                batches[key].append((file, path))
                sizes[key] += size
        for key, batch in batches.items():
            yield partial(self._read_batch, *key, batch)

    def note(self, file: LandedFile, content_hash: str, status: str) -> None:
        """Enter a file into the ledger."""
        self._notes[file.source_file] = {
            "portal_id": file.portal_id,
            "source_file": file.source_file,
            "family": file.family,
            "file_format": file.file_format,
            "size_bytes": file.size_bytes,
            "modified_ns": file.modified_ns,
            "content_hash": content_hash,
            "status": status,
        }

    def finish(self) -> None:
        """Write the rows of whole bad files, the empty parts that keep the schema, and the ledger."""
        for family in ("events", "objects"):
            self._copy_rows(family, self._failures[family])
        self._connection.execute(
            "create or replace temp table counts (source_file varchar, family "
            "varchar, records bigint, rejected bigint)"
        )
        for family in ("events", "objects"):
            self._connection.execute(
                f"""
                insert into counts
                select
                    source_file, '{family}', count(*) filter (reason is null), count(reason)
                from read_parquet({literal(self._folder / family / "*.parquet")})
                group by source_file
                """
            )
        self._copy_rows("files", list(self._notes.values()), counted=True)
        totals = self._connection.execute(
            """
            select
                coalesce(sum(records) filter (family = 'events'), 0),
                coalesce(sum(records) filter (family = 'objects'), 0),
                coalesce(sum(rejected), 0)
            from counts
            """
        ).fetchone()
        self.totals = tuple(int(total) for total in totals)
        for path in self._spool.iterdir():
            path.unlink()

    def counts(self) -> list[tuple[str, int, int]]:
        """(source_file, records, rejected) of each file that was read, by path."""
        return self._connection.execute(
            "select source_file, sum(records)::bigint, sum(rejected)::bigint from counts "
            "group by source_file order by source_file"
        ).fetchall()

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        with self._lock:
            return self._connection.cursor()

    def _prepare(self, file: LandedFile, inspection: Inspection) -> tuple[str, Path]:
        """How to read a JSON file, and where: as it landed, or its mended copy."""
        reader = readers.json_reader(file) if file.file_format == "json" else "lines"
        is_lines = reader == "lines"
        path = file.path
        if not inspection.clean or (is_lines and inspection.has_long_lines):
            path = spool(file, self._spooled(file.file_format), cut=is_lines)
        return "json_lines" if is_lines and file.file_format == "json" else reader, path

    def _spooled(self, extension: str) -> Path:
        return self._spool / f"{next(self._numbers)}.{extension}"

    def _read_slice(self, file: LandedFile, path: Path, lines_before: int, start: int, end: int) -> None:
        """Read a part of a large file of JSON lines, as a file of its own for a moment."""
        piece = self._spooled("jsonl")
        try:
            with path.open("rb") as stream, piece.open("wb") as copy:
                stream.seek(start)
                copy.write(stream.read(end - start))
            self._copy(file.family, readers.lines([piece], lines_before), [(file, piece)])
        except (OSError, duckdb.Error) as error:
            self._set_aside(file, error)
        finally:
            piece.unlink(missing_ok=True)

    def _read_batch(self, family: str, reader: str, batch: list[tuple[LandedFile, Path]]) -> None:
        paths = [path for _, path in batch]
        if reader == "json_lines":
            relation = readers.pages(readers.lines(paths))
        else:
            relation = getattr(readers, reader)(paths)
        try:
            self._copy(family, relation, batch)
        except duckdb.Error as error:
            if len(batch) > 1:  # find the bad one: the others load
                for one in batch:
                    self._read_batch(family, reader, [one])
            elif reader == "documents" and self._has_good_line(batch[0][1]):
                self._read_batch(family, "json_lines", batch)
            else:
                self._set_aside(batch[0][0], error)

    def _has_good_line(self, path: Path) -> bool:
        good = f"select 1 from ({readers.lines([path])}) where json_valid(text) and text[1] = '{{' limit 1"
        return self._cursor().execute(good).fetchone() is not None

    def _read_parquet(self, file: LandedFile) -> None:
        cursor = self._cursor()
        try:
            relation = readers.parquet_rows(cursor, file, self._names)
            self._copy(file.family, relation, [(file, file.path)], cursor)
        except (OSError, duckdb.Error) as error:
            self._set_aside(file, error)

    def _read_csv(self, file: LandedFile, inspection: Inspection, is_mended: bool = False) -> None:
        """Read a CSV file as it is, or else its mended copy: DuckDB takes one kind of line end only."""
        is_mended = is_mended or not inspection.clean
        cursor = self._cursor()
        try:
            path = spool_csv(file, self._spooled("csv")) if is_mended else file.path
            relation = readers.csv_rows(file, path, self._names)
            if relation is not None:
                part = self._copy(file.family, relation, [(file, path)], cursor)
                self._reject_rows(cursor, file, part)
        except duckdb.Error as error:
            if is_mended:
                self._set_aside(file, error)
            else:
                self._read_csv(file, inspection, is_mended=True)
        except (OSError, csv.Error) as error:
            self._set_aside(file, error)

    def _copy(
        self,
        family: str,
        relation: str,
        batch: list[tuple[LandedFile, Path]],
        cursor: duckdb.DuckDBPyConnection | None = None,
    ) -> Path:
        """Parse a relation of records and write it as one part, or nothing when it fails."""
        cursor = cursor or self._cursor()
        values = ", ".join(
            f"({literal(path)}, {literal(file.portal_id)}, {literal(file.source_file)}, "
            f"{literal(file.object_type)})"
            for file, path in batch
        )
        part = self._folder / family / f"part-{next(self._numbers):05d}.parquet"
        unfinished = part.with_name("." + part.name)
        landed = f"""
            select files.portal_id, files.source_file, files.object_type, read.line_number, read.text
            from ({relation}) as read
            inner join (
                values {values}
            ) as files (filename, portal_id, source_file, object_type)
                on read.filename = files.filename
        """
        query = QUERIES[family].replace("with documents", f"with landed as ({landed}),\ndocuments", 1)
        try:
            cursor.execute(
                f"copy (select *, {self._loaded_at} as loaded_at from ({query})) "
                f"to {literal(unfinished)} ({_PART_FORMAT})"
            )
            unfinished.rename(part)
        finally:
            unfinished.unlink(missing_ok=True)
        return part

    def _reject_rows(self, cursor: duckdb.DuckDBPyConnection, file: LandedFile, part: Path) -> None:
        """Write the rows of a CSV file that do not fit its header as a part of their own.

        The rows that do fit were numbered without them, in ``part``: move these on.
        """
        if cursor.execute(f"select count(*) from {readers.CSV_REJECTS}").fetchone() == (0,):
            return
        unfinished = part.with_name("." + part.name)
        cursor.execute(
            f"""
            copy (
                with rejected_lines as (
                    select line, row_number() over (order by line) as rows_before
                    from (select distinct line from {readers.CSV_REJECTS})
                ),
                shifts as (
                    select line - rows_before + 1 as place, max(rows_before) as rows_before
                    from rejected_lines
                    group by all
                )
                select
                    part.* replace (line_number + coalesce(rows_before, 0) as line_number)
                from read_parquet({literal(part)}, hive_partitioning = false) as part
                asof left join shifts on part.line_number >= shifts.place
            ) to {literal(unfinished)} (format parquet, compression zstd)
            """
        )
        unfinished.rename(part)
        is_too_large = "bool_or(error_type = 'LINE SIZE OVER MAXIMUM')"
        columns = {
            "portal_id": literal(file.portal_id),
            "source_file": literal(file.source_file),
            "line_number": "min(line)::bigint",
            "object_type": literal(file.object_type),
            "record": "trim(csv_line, E'\\r\\n')",
            "reason": f"if({is_too_large}, 'record_too_large', 'malformed_row')",
            "message": f"if({is_too_large}, 'The record is longer than 4 million characters.', "
            "'The row does not fit the header: ' || "
            "rtrim(coalesce(arg_min(error_message, column_idx), any_value(error_message)), '.') || '.')",
            "loaded_at": self._loaded_at,
        }
        selected = ", ".join(
            f"cast({columns.get(name, 'null')} as {kind}) as {name}"
            for name, kind in _columns(file.family).items()
        )
        rejects = f"select {selected} from {readers.CSV_REJECTS} group by line, csv_line"
        rejects_part = self._folder / file.family / f"part-{next(self._numbers):05d}.parquet"
        cursor.execute(f"copy ({rejects}) to {literal(rejects_part)} (format parquet, compression zstd)")

    def _set_aside(self, file: LandedFile, error: Exception) -> None:
        """A file that could not be read: one rejected row; none when it was moved away meanwhile.

        Raises UserError when that was not for the file: the load must not pass for whole then.
        """
        if isinstance(error, _NOT_THE_FILE) or re.search(_NO_SPACE, str(error)):
            reason = str(error).strip().split("\n")[0]
            raise UserError(
                f"{file.source_file} could not be loaded for want of memory or disk space: {reason}"
            ) from error
        if not file.path.exists():
            log.info("%s was moved away while it was being read", file.source_file)
            self._notes.pop(file.source_file, None)  # when it comes back, it is new
        elif isinstance(error, OSError):
            self.note(file, "", "loaded")
            self._reject_file(file, "unreadable_file", f"The file cannot be read ({error.strerror}).")
        else:
            self._reject_file(file, "unreadable_file", _sentence(file.file_format, error))

    def _reject_file(self, file: LandedFile, reason: str, message: str) -> None:
        self._fail(file, None, reason, message, None)

    def _fail(self, file: LandedFile, line: int | None, reason: str, message: str, text: str | None) -> None:
        log.warning("%s: %s", file.source_file, message)
        with self._lock:
            self._failures["objects" if file.family == "objects" else "events"].append(
                {
                    "portal_id": file.portal_id,
                    "source_file": file.source_file,
                    "line_number": line,
                    "object_type": file.object_type,
                    "record": text,
                    "reason": reason,
                    "message": message,
                }
            )

    def _copy_rows(self, family: str, rows: list[dict[str, object]], counted: bool = False) -> None:
        """Write rows known in Python (one a file or a damaged row) as a part, through JSON lines."""
        source = self._spool / f"{family}.ndjson"
        with source.open("w", encoding="utf-8") as stream:
            stream.writelines(json.dumps(row) + "\n" for row in rows)
        given = {name: kind for name, kind in _columns(family).items() if name != "loaded_at"}
        typed = ", ".join(f"{name}: '{kind}'" for name, kind in given.items())
        values = f"select * from read_json({literal(source)}, columns = {{{typed}}}, format = 'nd')"
        if counted:
            values = f"""
                select
                    files.* exclude (records, rejected),
                    coalesce(sum(counts.records), 0)::bigint as records,
                    coalesce(sum(counts.rejected), 0)::bigint as rejected,
                from ({values}) as files
                left join counts on files.source_file = counts.source_file
                group by all
            """
        part = self._folder / family / f"part-{next(self._numbers):05d}.parquet"
        self._connection.execute(
            f"copy (select {', '.join(given)}, {self._loaded_at} as loaded_at from ({values})) "
            f"to {literal(part)} (format parquet, compression zstd)"
        )
        source.unlink()


def _columns(family: str) -> dict[str, str]:
    """Name and type of each column of a family's parts."""
    return dict(column.split() for column in _COLUMNS[family].split(","))


def _is_zipped(file: LandedFile, path: Path) -> bool:
    return file.gzipped and path == file.path


def _sentence(file_format: str, error: Exception) -> str:
    """DuckDB's first line without its name for the error and for the file, which may be a copy."""
    first_line = str(error).strip().split("\n")[0]
    reason = re.sub(r"^(\w+ )+Error: |(?<=[Ff]ile) [\"'].*?[\"']", "", first_line)
    kind = "Parquet" if file_format == "parquet" else file_format.removesuffix("l").upper()
    return f"The file cannot be read as {kind}: {reason.rstrip('.')}."
