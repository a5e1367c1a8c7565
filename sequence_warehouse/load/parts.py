"""Write the Parquet parts of one load: small files together, large ones each in a part of its own."""

from __future__ import annotations

import csv
import itertools
import json
import logging
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import duckdb

from sequence_warehouse.database import literal
from sequence_warehouse.load import readers
from sequence_warehouse.load.discovery import LandedFile
from sequence_warehouse.load.exports import ExportNames
from sequence_warehouse.load.inspection import Inspection, spool
from sequence_warehouse.load.parsing import QUERIES
from sequence_warehouse.settings import MAX_DOCUMENT_BYTES

log = logging.getLogger(__name__)

# Small files are read together, up to this many bytes a part: numbering their lines needs them all.
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
        self._notes: list[dict[str, object]] = []
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
            elif file.file_format in {"csv", "parquet"}:
                yield lambda file=file: self._table(file)
            else:
                path = file.path
                if not inspection.clean:
                    path = spool(file, self._spool / f"{next(self._numbers)}.{file.file_format}")
                reader = "lines"
                if file.file_format == "json":
                    reader = readers.json_reader(file, path)
                    if reader == "documents" and path.stat().st_size > MAX_DOCUMENT_BYTES:
                        self._reject_file(
                            file,
                            "unreadable_file",
                            "The file is one JSON document of more than 256 MB: write JSON lines.",
                        )
                        continue
                    reader = "json_lines" if reader == "lines" else reader
                key = (file.family, reader)
                if sizes[key] + file.size_bytes > BATCH_BYTES and batches[key]:
                    yield self._batch(key, batches.pop(key))
                    sizes[key] = 0
                batches[key].append((file, path))
                sizes[key] += file.size_bytes
        for key, batch in batches.items():
            yield self._batch(key, batch)

    def note(self, file: LandedFile, content_hash: str, status: str) -> None:
        """Enter a file into the ledger."""
        self._notes.append(
            {
                "portal_id": file.portal_id,
                "source_file": file.source_file,
                "family": file.family,
                "file_format": file.file_format,
                "size_bytes": file.size_bytes,
                "modified_ns": file.modified_ns,
                "content_hash": content_hash,
                "status": status,
            }
        )

    def finish(self) -> None:
        """Write the rows of whole bad files, the empty parts that keep the schema, and the ledger."""
        for family in ("events", "objects"):
            self._copy_rows(family, self._failures[family])
        self._connection.execute("create or replace temp table counts (source_file varchar, family "
                                 "varchar, records bigint, rejected bigint)")
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
        self._copy_rows("files", self._notes, counted=True)
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

    def _batch(self, key: tuple[str, str], batch: list[tuple[LandedFile, Path]]) -> Callable[[], None]:
        return lambda: self._read_batch(*key, batch)

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
                self._reject_file(batch[0][0], "unreadable_file", _sentence("JSON", error))

    def _has_good_line(self, path: Path) -> bool:
        good = f"select 1 from ({readers.lines([path])}) where json_valid(text) and text[1] = '{{' limit 1"
        return self._cursor().execute(good).fetchone() is not None

    def _table(self, file: LandedFile) -> None:
        cursor = self._cursor()
        try:
            if file.file_format == "csv":
                self._copy(file.family, readers.csv_rows(file, self._names), [(file, file.path)], cursor)
                self._reject_rows(cursor, file)
            else:
                relation = readers.parquet_rows(cursor, file, self._names)
                self._copy(file.family, relation, [(file, file.path)], cursor)
        except (duckdb.Error, csv.Error) as error:
            self._reject_file(file, "unreadable_file", _sentence(file.file_format.upper(), error))

    def _copy(
        self,
        family: str,
        relation: str,
        batch: list[tuple[LandedFile, Path]],
        cursor: duckdb.DuckDBPyConnection | None = None,
    ) -> None:
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
                f"to {literal(unfinished)} (format parquet, compression zstd)"
            )
            unfinished.rename(part)
        finally:
            unfinished.unlink(missing_ok=True)

    def _reject_rows(self, cursor: duckdb.DuckDBPyConnection, file: LandedFile) -> None:
        """Write the rows of a CSV file that do not fit its header as a part of their own."""
        columns = {
            "portal_id": literal(file.portal_id),
            "source_file": literal(file.source_file),
            "line_number": "min(line)::bigint",
            "object_type": literal(file.object_type),
            "record": "trim(csv_line, E'\\r\\n')",
            "reason": "'malformed_row'",
            "message": "'The row does not fit the header: ' "
            "|| arg_min(error_message, column_idx) || '.'",
            "loaded_at": self._loaded_at,
        }
        selected = ", ".join(
            f"cast({columns.get(name, 'null')} as {kind}) as {name}"
            for name, kind in _columns(file.family).items()
        )
        rejects = f"select {selected} from {readers.CSV_REJECTS} group by line, csv_line"
        part = self._folder / file.family / f"part-{next(self._numbers):05d}.parquet"
        cursor.execute(f"copy ({rejects}) to {literal(part)} (format parquet, compression zstd)")

    def _reject_file(self, file: LandedFile, reason: str, message: str) -> None:
        self._fail(file, None, reason, message, None)

    def _fail(
        self, file: LandedFile, line: int | None, reason: str, message: str, text: str | None
    ) -> None:
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


def _sentence(what: str, error: Exception) -> str:
    first_line = str(error).strip().split("\n")[0].removeprefix("Invalid Input Error: ")
    return f"The file cannot be read as {what}: {first_line}"
