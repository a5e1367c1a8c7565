"""The Parquet parts of one load: how records, rejected rows and the ledger are written."""

from __future__ import annotations

import itertools
import json
import logging
import threading
from collections import defaultdict
from datetime import datetime
from pathlib import Path

import duckdb

from sequence_warehouse.load import tabular
from sequence_warehouse.load.dialects import Dialect
from sequence_warehouse.load.discovery import LandedFile
from sequence_warehouse.load.foreign import Foreign
from sequence_warehouse.load.inspection import PAGE
from sequence_warehouse.load.parser import Parser
from sequence_warehouse.load.rows import LONG_MARK, MARK, landed_row
from sequence_warehouse.load.spellings import Spellings
from sequence_warehouse.storage.database import literal, only_row, path_literal

log = logging.getLogger(__name__)

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


class PartWriter:
    """Writes the parts of one load into ``folder``; safe to use from several threads."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        folder: Path,
        spool: Path,
        loaded_at: datetime,
        names: Spellings,
    ) -> None:
        self._connection = connection
        self._names = names
        self._parser = Parser(names)
        self._foreign = Foreign(names, self._parser)
        self._folder = folder
        self._spool = spool
        self._loaded_at = f"timestamptz {literal(loaded_at.isoformat())}"
        self._numbers = itertools.count()
        self._lock = threading.Lock()
        self._notes: dict[str, dict[str, object]] = {}
        self._failures: dict[str, list[dict[str, object]]] = defaultdict(list)
        for family in _COLUMNS:
            (folder / family).mkdir(parents=True)
        spool.mkdir(parents=True, exist_ok=True)
        self.totals = (0, 0, 0)

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A connection of its own for the calling thread."""
        with self._lock:
            return self._connection.cursor()

    def spooled(self, extension: str) -> Path:
        """A new name for a temporary copy, gone when the load ends."""
        return self._spool / f"{next(self._numbers)}.{extension}"

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

    def forget(self, file: LandedFile) -> None:
        """Take a file out of the ledger again: the next load sees it as new."""
        self._notes.pop(file.source_file, None)

    def reject_file(self, file: LandedFile, reason: str, message: str) -> None:
        """One rejected row for a whole file, its line unknown."""
        log.warning("%s: %s", file.source_file, message)
        with self._lock:
            self._failures["objects" if file.family == "objects" else "events"].append(
                {
                    "portal_id": file.portal_id,
                    "source_file": file.source_file,
                    "object_type": file.object_type,
                    "reason": reason,
                    "message": message,
                }
            )

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
                from read_parquet({path_literal(self._folder / family, "*.parquet")})
                group by source_file
                """
            )
        self._copy_rows("files", list(self._notes.values()), counted=True)
        events, objects, rejected = only_row(
            self._connection.execute(
                """
            select
                coalesce(sum(records) filter (family = 'events'), 0),
                coalesce(sum(records) filter (family = 'objects'), 0),
                coalesce(sum(rejected), 0)
            from counts
            """
            )
        )
        self.totals = int(events), int(objects), int(rejected)
        for path in self._spool.iterdir():
            path.unlink()

    def counts(self) -> list[tuple[str, int, int]]:
        """(source_file, records, rejected) of each file that was read, by path."""
        return self._connection.execute(
            "select source_file, sum(records)::bigint, sum(rejected)::bigint from counts "
            "group by source_file order by source_file"
        ).fetchall()

    def copy(
        self,
        family: str,
        relation: str,
        batch: list[tuple[LandedFile, Path]],
        cursor: duckdb.DuckDBPyConnection | None = None,
        is_typed: bool = False,
        is_shaped: bool = False,
    ) -> Path:
        """Parse a relation of records and write it as one part, or nothing when it fails.

        is_typed: the relation tells the type of each object, null where the file does. is_shaped: its records
        are all in HubSpot's shape.
        """
        cursor = cursor or self.cursor()
        files = "values " + ", ".join(
            f"({literal(path)}, {literal(file.portal_id)}, {literal(file.source_file)}, "
            f"{literal(self._object_type(file))}, {literal(self._event_type(file))})"
            for file, path in batch
        )
        object_type = "coalesce(read.object_type, files.object_type)" if is_typed else "files.object_type"
        landed = f"""
            select files.portal_id, files.source_file, {object_type} as object_type, files.event_type,
                read.line_number, read.text, null::varchar as original, null::varchar as envelope
            from ({relation}) as read
            inner join ({files}) as files (filename, portal_id, source_file, object_type, event_type)
                on read.filename = files.filename
        """
        part = self._folder / family / f"part-{next(self._numbers):05d}.parquet"
        self._write(cursor, self._parser.query(family, landed, is_last=is_shaped), part)
        types = f"""
            select source_file, event_type
            from ({files}) as files (filename, portal_id, source_file, object_type, event_type)
        """
        try:
            if (mended := self._foreign.mend(cursor, family, part, types)) is not None:
                self._write(cursor, mended, part)
        except duckdb.Error:
            part.unlink()  # it is read again, file by file
            raise
        return part

    def _object_type(self, file: LandedFile) -> str | None:
        return self._names.type_of_file(file.source_file) if file.family == "objects" else None

    def _event_type(self, file: LandedFile) -> str | None:
        return self._names.event_type(file.source_file) if file.family == "events" else None

    def _write(self, cursor: duckdb.DuckDBPyConnection, query: str, part: Path) -> None:
        unfinished = part.with_name("." + part.name)
        try:
            cursor.execute(
                f"copy (select *, {self._loaded_at} as loaded_at from ({query})) "
                f"to {literal(unfinished)} ({_PART_FORMAT})"
            )
            unfinished.rename(part)
        finally:
            unfinished.unlink(missing_ok=True)

    def has_torn_rows(self, cursor: duckdb.DuckDBPyConnection) -> bool:
        """Whether, of the rows of a CSV file that do not fit, one is of several lines, good ones perhaps."""
        torn = f"""
            select 1 from {tabular.CSV_REJECTS}
            where error_type not in ('MISSING COLUMNS', 'TOO MANY COLUMNS', 'INVALID ENCODING')
                or csv_line is null or contains(trim(csv_line, E'\\r\\n'), E'\\n')
            limit 1
        """
        return cursor.execute(torn).fetchone() is not None

    def has_damaged_page(self, part: Path) -> bool:
        """Whether a record that was rejected in a part is an array or an API's page."""
        found = f"""
            select 1 from read_parquet({path_literal(part)}, hive_partitioning = false)
            where reason = 'not_json' and regexp_matches(record, '{PAGE}')
            limit 1
        """
        return self.cursor().execute(found).fetchone() is not None

    def reject_rows(
        self, cursor: duckdb.DuckDBPyConnection, file: LandedFile, part: Path, dialect: Dialect
    ) -> None:
        """Write the rows of a CSV file that do not fit its header as a part of their own.

        The rows that do fit were numbered without them, in ``part``: move these on.
        """
        if cursor.execute(f"select count(*) from {tabular.CSV_REJECTS}").fetchone() == (0,):
            return
        unfinished = part.with_name("." + part.name)
        cursor.execute(
            f"""
            copy (
                with rejected_lines as (
                    select line, row_number() over (order by line) as rows_before
                    from (select distinct line from {tabular.CSV_REJECTS})
                ),
                shifts as (
                    select line - rows_before + 1 as place, max(rows_before) as rows_before
                    from rejected_lines
                    group by all
                )
                select
                    part.* replace (line_number + coalesce(rows_before, 0) as line_number)
                from read_parquet({path_literal(part)}, hive_partitioning = false) as part
                asof left join shifts on part.line_number >= shifts.place
            ) to {literal(unfinished)} (format parquet, compression zstd)
            """
        )
        unfinished.rename(part)
        line = "trim(csv_line, E'\\r\\n')"
        width = len(dialect.header)
        is_too_large = (
            f"bool_or(error_type = 'LINE SIZE OVER MAXIMUM' or starts_with({line}, {literal(LONG_MARK)}))"
        )
        columns = {
            "portal_id": literal(file.portal_id),
            "source_file": literal(file.source_file),
            "line_number": "min(line)::bigint",
            "object_type": literal(file.object_type),
            "record": landed_row(line, dialect.delimiter, dialect.quote, width),
            "reason": f"if({is_too_large}, 'record_too_large', 'malformed_row')",
            "message": f"if({is_too_large}, 'The record is longer than 4 million characters.', "
            f"if(starts_with({line}, {literal(MARK)}), 'A quote of the row is open or out of place.', "
            "'The row does not fit the header: ' || "
            "rtrim(coalesce(arg_min(error_message, column_idx), any_value(error_message)), '.') || '.'))",
            "loaded_at": self._loaded_at,
        }
        selected = ", ".join(
            f"cast({columns.get(name, 'null')} as {kind}) as {name}"
            for name, kind in _columns(file.known_family).items()
        )
        rejects = f"select {selected} from {tabular.CSV_REJECTS} group by line, csv_line"
        rejects_part = self._folder / file.known_family / f"part-{next(self._numbers):05d}.parquet"
        cursor.execute(f"copy ({rejects}) to {literal(rejects_part)} (format parquet, compression zstd)")

    def _copy_rows(self, family: str, rows: list[dict[str, object]], counted: bool = False) -> None:
        """Write rows known in Python (one a file or a damaged row) as a part, through JSON lines."""
        source = self._spool / f"{family}.ndjson"
        with source.open("w", encoding="utf-8") as stream:
            stream.writelines(json.dumps(row) + "\n" for row in rows)
        given = {name: kind for name, kind in _columns(family).items() if name != "loaded_at"}
        typed = ", ".join(f"{name}: '{kind}'" for name, kind in given.items())
        values = f"select * from read_json({path_literal(source)}, columns = {{{typed}}}, format = 'nd')"
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


def empty_part(connection: duckdb.DuckDBPyConnection, family: str, path: Path) -> None:
    """Write a part of no rows, with the column ``load_id`` that merged loads have."""
    columns = {**_columns(family), "load_id": "varchar"}
    selected = ", ".join(f"cast(null as {kind}) as {name}" for name, kind in columns.items())
    connection.execute(f"copy (select {selected} where false) to {literal(path)} (format parquet)")


def _columns(family: str) -> dict[str, str]:
    """Name and type of each column of a family's parts."""
    return dict(column.split() for column in _COLUMNS[family].split(","))
