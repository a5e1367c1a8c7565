"""What a stream has done so far: its cursor, its open window and which records were landed, in one file.

SQLite, because page after page a cursor and a thousand hashes have to become durable together, and because
memory shall not grow with what was landed. A record takes 16 bytes of hash and a time, an object its id too.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

from sequence_warehouse.extract.errors import Busy, HubspotError
from sequence_warehouse.extract.names import state_name
from sequence_warehouse.storage import durable

log = logging.getLogger(__name__)

# key: hash of the id; content: hash of the record; at_ms: by when it may be forgotten, null: never
_TABLES = """
    create table if not exists state (name text primary key, value text not null) without rowid;
    create table if not exists landed (key integer primary key, content integer not null, at_ms integer);
    create table if not exists objects (id text primary key, listed integer not null, missed integer)
        without rowid;
    create index if not exists missed_objects on objects (id) where missed is not null;
"""
# of an object as it was landed last; null in a state that is older: not known
_LATER_COLUMNS = ("landed_ms", "updated_ms", "links", "archived")
# listed: the sweep in which an answer last held the object; missed: the sweep that was told to have missed it
_LISTED = """
    insert into objects (id, listed) values (?, ?)
    on conflict (id) do update set listed = excluded.listed where listed < excluded.listed
"""
# a listing after that, in any run, is one of that sweep or of a later one
_MISSED = """
    insert into objects (id, listed, missed) values (?, 0, 1)
    on conflict (id) do update set missed = listed + 1
"""
_CHANGED = "update objects set landed_ms = ?, updated_ms = ?, links = ?, archived = ? where id = ?"
_SLICE = 500


class Changed(NamedTuple):
    """What is noted of an object that was landed anew. landed_ms: by the extraction's clock; updated_ms: as
    HubSpot says; links: hash of the ids of its contacts."""

    landed_ms: int
    updated_ms: int | None
    links: int
    is_archived: bool
    id: str


class StreamState:
    """The state of one stream of one portal; one process at a time holds it. Use as a context manager.

    Raises Busy when another process holds it for longer than ``lock_wait`` seconds.
    """

    def __init__(self, folder: Path, stream: str, lock_wait: float = 30.0) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.stem = folder / state_name(stream)
        # not the database itself: closing a second handle of it would drop SQLite's own locks
        self._lock = os.open(f"{self.stem}.lock", os.O_CREAT | os.O_RDWR)
        _lock(self._lock, stream, lock_wait)
        self._database = self._open()

    def _open(self) -> sqlite3.Connection:
        """A damaged state is set aside: what was landed is then taken over from the landing folder."""
        try:
            return _open(self.stem)
        except sqlite3.OperationalError:
            raise  # a full disk, say
        except sqlite3.DatabaseError as error:
            set_aside(self.stem, str(error))
            return _open(self.stem)

    def __enter__(self) -> StreamState:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()
        if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError):
            set_aside(self.stem, str(error))
            os.close(self._lock)
            raise HubspotError(damaged_state(self.stem.name, error)) from error
        os.close(self._lock)

    @property
    def database(self) -> sqlite3.Connection:
        """For tables of a stream's own; each statement is durable by itself."""
        return self._database

    @property
    def folder(self) -> Path:
        """Where the states of the portal's streams lie."""
        return self.stem.parent

    def get(self, name: str, default: Any = None) -> Any:
        row = self._database.execute("select value from state where name = ?", [name]).fetchone()
        return default if row is None else json.loads(row[0])

    def landed(self, keys: Sequence[int]) -> dict[int, int]:
        """Which of the keys were landed: key -> hash of the content landed last."""
        found: dict[int, int] = {}
        for start in range(0, len(keys), _SLICE):
            part = keys[start : start + _SLICE]
            marks = ",".join("?" * len(part))
            query = f"select key, content from landed where key in ({marks})"
            found.update(self._database.execute(query, part).fetchall())
        return found

    @property
    def sweeps(self) -> int:
        """How many sweeps were begun: the number of the newest one."""
        return int(self.get("sweeps", 0))

    def missing(self, most: int) -> list[str]:
        """Ids of objects that no answer since the newest sweep began has held, and that were not told yet."""
        query = "select id from objects where listed < ? and missed is null order by id limit ?"
        return [row[0] for row in self._database.execute(query, [self.sweeps, most])]

    def found_again(self, most: int) -> list[str]:
        """Ids of objects that were told missing and have been listed since."""
        query = "select id from objects where missed is not null and missed <= listed order by id limit ?"
        return [row[0] for row in self._database.execute(query, [most])]

    def commit(
        self,
        records: Sequence[tuple[int, int, int | None]] = (),
        forget_before: int | None = None,
        listed: Sequence[str] = (),
        changed: Sequence[Changed] = (),
        missed: Sequence[str] = (),
        found: Sequence[str] = (),
        **values: Any,
    ) -> None:
        """Make durable, all or nothing: landed records (key, content, at_ms) and values; None deletes one.

        listed: ids of objects that an answer held; changed: what is now to be noted of some of them; missed,
        found: ids of those now told missing, or found again.
        """
        self._database.execute("begin immediate")
        self._database.executemany("insert or replace into landed values (?, ?, ?)", records)
        sweep = self.sweeps
        self._database.executemany(_LISTED, [(one, sweep) for one in listed])
        self._database.executemany(_CHANGED, changed)
        self._database.executemany(_MISSED, [(one,) for one in missed])
        self._database.executemany("update objects set missed = null where id = ?", [(i,) for i in found])
        if forget_before is not None:
            self._database.execute("delete from landed where at_ms < ?", [forget_before])
        for name, value in values.items():
            if value is None:
                self._database.execute("delete from state where name = ?", [name])
            else:
                self._database.execute(
                    "insert or replace into state values (?, ?)", [name, json.dumps(value)]
                )
        self._database.execute("commit")

    def write_summary(self, summary: dict[str, Any]) -> None:
        """How the last run ended, beside the state, for people and reports."""
        _write_summary(self.stem, summary)


class Known(NamedTuple):
    """What the state of a stream knows of an object. updated_ms, links: as in ``Changed``; None: unknown."""

    id: str
    updated_ms: int | None
    links: int | None


def known_objects(
    folder: Path, stream: str, after: str, most: int, since: tuple[int, int] | None = None
) -> list[Known]:
    """The next objects of a stream by id that are neither archived nor missing, without waiting for its lock.

    since: only those that were landed after the first time, or changed at HubSpot since the second.
    """
    path = folder / f"{state_name(stream)}.sqlite"
    if not path.exists():
        return []
    try:
        return _known_objects(path, after, most, since)
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError as error:
        raise HubspotError(
            f"The state of {stream}, {path}, is damaged ({error}): extract {stream} first, which mends it."
        ) from error


def _known_objects(path: Path, after: str, most: int, since: tuple[int, int] | None) -> list[Known]:
    # writable: a killed writer may have left something to be rolled back
    with closing(sqlite3.connect(path, timeout=60)) as database:
        there = {row[1] for row in database.execute("pragma table_info(objects)")}
        landed, updated, links, archived = (name if name in there else "null" for name in _LATER_COLUMNS)
        query = f"""
            select id, {updated}, {links} from objects
            where id > ? and missed is null and coalesce({archived}, 0) = 0
        """
        if since is not None:
            query += f" and ({landed} > ? or {updated} >= ?)"
        if not there:  # created, but not filled yet
            return []
        rows = database.execute(f"{query} order by id limit ?", [after, *(since or ()), most])
        return [Known(*row) for row in rows]


def write_summary(folder: Path, stream: str, summary: dict[str, Any]) -> None:
    """The same of a stream whose state could not be opened."""
    folder.mkdir(parents=True, exist_ok=True)
    _write_summary(folder / state_name(stream), summary)


def _write_summary(stem: Path, summary: dict[str, Any]) -> None:
    path = Path(f"{stem}.json")
    durable.write(path, json.dumps(summary, indent=1) + "\n")


def _open(stem: Path) -> sqlite3.Connection:
    database = sqlite3.connect(f"{stem}.sqlite", isolation_level=None)
    try:
        database.executescript(f"pragma synchronous = full; pragma journal_mode = truncate; {_TABLES}")
        there = {row[1] for row in database.execute("pragma table_info(objects)")}
        for column in _LATER_COLUMNS:
            if column not in there:
                database.execute(f"alter table objects add column {column} integer")
        # of a file that was cut off much may be read before that is noticed
        pages, size = (
            database.execute(f"pragma {name}").fetchone()[0] for name in ("page_count", "page_size")
        )
        if Path(f"{stem}.sqlite").stat().st_size < pages * size:
            raise sqlite3.DatabaseError("the file was cut off")
    except BaseException:
        database.close()
        raise
    return database


def damaged_state(stream: str, error: Exception) -> str:
    """What a person is told when a state turned out to be damaged while it was used."""
    return f"The state of {stream} is damaged ({error}) and was set aside: extract the stream again."


def set_aside(stem: Path, damage: str) -> None:
    """Move a damaged state out of the way; the lock must be held."""
    aside = Path(f"{stem}.sqlite.damaged")
    os.replace(f"{stem}.sqlite", aside)
    Path(f"{stem}.sqlite-journal").unlink(missing_ok=True)
    log.warning(
        "The state of %s is damaged (%s) and set aside as %s: another one is made of what was landed.",
        stem.name,
        damage,
        aside,
    )


def _lock(descriptor: int, stream: str, seconds: float) -> None:
    # the machine's clock, not the extraction's: another process moves by it
    deadline = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > deadline:
                os.close(descriptor)
                raise Busy(f"Another process is extracting {stream} of this portal.") from None
            time.sleep(0.1)
