"""The account that is served: a landing folder read into DuckDB, from which every page is one query.

Tables, in the order in which pages walk them, so that a page reads few row groups:

* ``events``: position (from 0, by type, time, id), event_type, event_id, object_type, object_id,
  occurred_ms, document (the JSON line as it is);
* ``objects``: position (by kind, archived, id), kind (the folder's name), id, number (the id as a number;
  null for pipelines), created_ms, updated_ms, archived, document;
* ``links``: from_kind, to_kind, from_id, to_id, link_type, position: associations, both ways.

The database is a file that memory only caches: a million events take no more than the cache.
"""

from __future__ import annotations

import shutil
import threading
from pathlib import Path
from typing import Any

import duckdb

from hubspot_simulator.api import clean, describing, enrollments, performance
from hubspot_simulator.api.kinds import CRM_KINDS, SERVED_KINDS
from hubspot_simulator.landing import simulate
from sequence_warehouse.config.errors import UserError
from sequence_warehouse.storage.database import connect, literal, path_literal

_LOADING_MEMORY = "768MB"
_SERVING_MEMORY = "256MB"
_JSON_ENDINGS = (".jsonl", ".jsonl.gz", ".json", ".json.gz")

# Lines are documents; a page holds them in "results".
_LINES = """
    select json as document, filename
    from read_json_objects([{files}], format = 'newline_delimited', filename = true)
"""
_PAGES = """
    select
        unnest(coalesce((json->'results')::json[], [json])) as document,
        filename,
    from read_json_objects(
        [{files}], format = 'unstructured', filename = true, maximum_object_size = 268435456
    )
"""

# What is there twice is there once, events as they are, objects in their latest version.
_EVENTS = """
    create table events as
    with keyed as (
        select
            json_extract_string(
                document, ['$.eventType', '$.id', '$.objectType', '$.objectId', '$.occurredAt']
            ) as fields,
            document::varchar as document,
        from ({documents})
    ),

    single as (
        select fields, any_value(document) as document
        from keyed
        group by fields
    ),

    ordered as (
        select
            fields[1] as event_type,
            fields[2] as event_id,
            fields[3] as object_type,
            fields[4] as object_id,
            epoch_ms(fields[5]::timestamptz) as occurred_ms,
            document,
        from single
        order by event_type, occurred_ms, event_id
    )

    select row_number() over () - 1 as position, * from ordered
"""

# Most kinds have text, templates have epoch milliseconds.
_TIME = "coalesce(try_cast(document->>'{0}' as bigint), epoch_ms((document->>'{0}')::timestamptz))"

_READ_OBJECTS = f"""
    insert into read_objects
    select
        {{kind}} as kind,
        document->>'id' as id,
        try_cast(document->>'id' as ubigint) as number,
        {_TIME.format("createdAt")} as created_ms,
        {_TIME.format("updatedAt")} as updated_ms,
        coalesce((document->>'archived')::boolean, false) as archived,
        document::varchar as document,
    from ({{documents}})
    qualify row_number() over (partition by id order by updated_ms desc nulls last, filename desc) = 1
"""

_OBJECTS = """
    create or replace table objects as
    with ordered as (select * from read_objects order by kind, archived, number, id)

    select row_number() over () - 1 as position, * from ordered
"""

# A name like deal_to_contact says which way it goes.
_LINKS = f"""
    create or replace table links as
    with sides as (
        select
            kind, id, document, unnest(json_keys(document->'associations')) as to_kind
        from objects
        where kind in ({", ".join(map(literal, CRM_KINDS))})
    ),

    given as (
        select
            kind as from_kind, to_kind, id as from_id, link->>'id' as to_id, link->>'type' as link_type
        from (
            select
                kind, id, to_kind,
                unnest((document->'associations'->to_kind->'results')::json[]) as link
            from sides
        )
    ),

    both_ways as (
        select * from given
        union
        select
            to_kind, from_kind, to_id, from_id,
            split_part(link_type, '_to_', 2) || '_to_' || split_part(link_type, '_to_', 1)
        from given
    )

    select *, row_number() over () - 1 as position
    from (select * from both_ways order by from_kind, to_kind, from_id, try_cast(to_id as ubigint), to_id)
"""


class Account:
    """One portal of a landing folder, open for questions from several threads until closed."""

    def __init__(self, landing: Path, portal: str, work: Path) -> None:
        """Reads ``landing/portal=<portal>``; work: a folder for the database.

        Raises UserError if the folder is not there or holds what cannot be served (CSV, Parquet, bad lines).
        """
        self.landing = landing
        self.portal = portal
        self._threads = threading.local()
        self._connection = connect(work / "account.duckdb")
        # A progress bar would be printed among the one line that the command promises.
        self._connection.execute(
            f"set enable_progress_bar = false; set memory_limit = '{_LOADING_MEMORY}'; "
            f"set temp_directory = {literal(work / 'spill')}"
        )
        try:
            self._load(landing / f"portal={portal}")
        except duckdb.Error as error:
            self.close()
            reason = str(error).splitlines()[0]
            raise UserError(f"The landing folder {landing} cannot be served: {reason}") from error
        except UserError:
            self.close()
            raise
        self._settle()

    @classmethod
    def simulated(cls, landing: Path, portal: str, work: Path, enrollments: int, seed: int) -> Account:
        """A simulated account: quirks of real accounts, but each record once and each line good.

        ``landing/portal=<portal>`` is written anew and holds exactly what is served, as JSON lines.
        """
        raw = work / "raw"
        try:
            simulate(raw, [portal], enrollments, seed=seed, file_format="jsonl")
        except ValueError as error:
            raise UserError(f"This account cannot be simulated: {error}.") from error
        account = cls(raw, portal, work)
        shutil.rmtree(raw)
        account.landing = landing
        account._connection.execute(f"set memory_limit = '{_LOADING_MEMORY}'")
        clean.complete(account._connection)
        describing.complete(account._connection, portal)
        account._connection.execute(_OBJECTS)
        account._connection.execute(_LINKS)
        clean.write(account._connection, landing / f"portal={portal}")
        account._settle()
        return account

    def _load(self, place: Path) -> None:
        if not place.is_dir():
            raise UserError(f"There is no folder {place} to serve.")
        self._connection.execute(_EVENTS.format(documents=self._documents(place / "events")))
        self._connection.execute(
            """
            create table read_objects (
                kind varchar, id varchar, number ubigint, created_ms bigint, updated_ms bigint,
                archived boolean, document varchar
            )
            """
        )
        for kind in SERVED_KINDS:
            documents = self._documents(place / "objects" / kind)
            self._connection.execute(_READ_OBJECTS.format(kind=literal(kind), documents=documents))
        self._connection.execute(_OBJECTS)
        unnumbered = self.rows(
            "select kind, id from objects where number is null and kind <> 'pipelines' limit 1"
        )
        if unnumbered:
            kind, identifier = unnumbered[0]
            raise UserError(f"The id {identifier!r} of {kind} is not a number: HubSpot's ids are.")
        self._connection.execute(_LINKS)
        performance.prepare(self._connection)
        enrollments.prepare(self._connection)

    def _documents(self, folder: Path) -> str:
        """SQL for (document, filename) of all files below the folder."""
        files = [
            path
            for path in sorted(folder.rglob("*"))
            if path.is_file() and path.name[0] not in "._" and not path.name.endswith(".tmp")
        ]
        strange = [path for path in files if not path.name.endswith(_JSON_ENDINGS)]
        if strange:
            raise UserError(f"Only JSON lines and API pages can be served, not {strange[0]}.")
        parts = []
        for query, endings in ((_LINES, (".jsonl", ".jsonl.gz")), (_PAGES, (".json", ".json.gz"))):
            names = ", ".join(path_literal(path) for path in files if path.name.endswith(endings))
            if names:
                parts.append(query.format(files=names))
        return " union all ".join(parts) or "select null::json as document, '' as filename where false"

    def _settle(self) -> None:
        """From loading to serving: little memory, and each query in the thread that asks."""
        self._connection.execute("checkpoint")
        self._connection.execute(f"set memory_limit = '{_SERVING_MEMORY}'; set threads = 1")
        self.types: dict[str, tuple[int, int]] = {
            name: (first, last)
            for name, first, last in self.rows(
                "select event_type, min(position), max(position) from events group by all order by all"
            )
        }
        self._kinds: dict[tuple[str, bool], tuple[int, int]] = {
            (kind, archived): (first, last)
            for kind, archived, first, last in self.rows(
                "select kind, archived, min(position), max(position) from objects group by all"
            )
        }
        self.newest_ms: int = self.rows(
            "select coalesce(max(ms), 0) from (select max(occurred_ms) as ms from events "
            "union all select max(updated_ms) from objects)"
        )[0][0]

    def objects_page(
        self,
        kind: str,
        archived: bool,
        after: int | None,
        limit: int,
        condition: str = "true",
        values: tuple[Any, ...] = (),
    ) -> list[tuple[int, str]]:
        """(position, document) of the next ``limit`` objects after that position, by id."""
        first, last = self._kinds.get((kind, archived), (0, -1))
        start = first if after is None else max(first, after + 1)
        return self.walk("objects", start, last + 1, limit, condition, values)

    def rows(self, query: str, parameters: list[Any] | None = None) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        return self.cursor.execute(query, parameters or []).fetchall()

    @property
    def cursor(self) -> duckdb.DuckDBPyConnection:
        """This thread's own way to the database."""
        if not hasattr(self._threads, "cursor"):
            self._threads.cursor = self._connection.cursor()
        cursor: duckdb.DuckDBPyConnection = self._threads.cursor
        return cursor

    def walk(
        self,
        table: str,
        first: int,
        end: int,
        limit: int,
        condition: str = "true",
        values: tuple[Any, ...] = (),
    ) -> list[tuple[int, str]]:
        """(position, document) of the first ``limit`` rows from ``first`` to before ``end`` that fit."""
        rows: list[tuple[int, str]] = []
        # Most rows of a span are wanted, so one query makes a page; spans grow where they are not.
        span = limit
        while first < end and len(rows) < limit:
            rows += self.rows(
                f"""
                select position, document from {table}
                where position >= ? and position < ? and {condition}
                order by position limit {limit - len(rows)}
                """,
                [first, min(first + span, end), *values],
            )
            first, span = first + span, span * 4
        return rows

    def close(self) -> None:
        self._connection.close()
