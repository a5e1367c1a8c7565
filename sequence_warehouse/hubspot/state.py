"""What a stream has done so far: its cursor, its open window and which records were landed, in one file.

SQLite, because page after page a cursor and a thousand hashes have to become durable together, and because
memory shall not grow with what was landed. A record takes 16 bytes of hash and a time.
"""

from __future__ import annotations

import fcntl
import json
import os
import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from sequence_warehouse.hubspot.errors import Busy

# key: hash of the id; content: hash of the record; at_ms: by when it may be forgotten, null: never
_TABLES = """
    create table if not exists state (name text primary key, value text not null) without rowid;
    create table if not exists landed (key integer primary key, content integer not null, at_ms integer);
"""
_SLICE = 500


class StreamState:
    """The state of one stream of one portal; one process at a time holds it. Use as a context manager.

    Raises Busy when another process holds it for longer than ``lock_wait`` seconds.
    """

    def __init__(self, folder: Path, stream: str, lock_wait: float = 30.0) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.stem = folder / stream.replace("/", ".")
        # not the database itself: closing a second handle of it would drop SQLite's own locks
        self._lock = os.open(f"{self.stem}.lock", os.O_CREAT | os.O_RDWR)
        _lock(self._lock, stream, lock_wait)
        self._database = sqlite3.connect(f"{self.stem}.sqlite", isolation_level=None)
        self._database.executescript(f"pragma synchronous = full; pragma journal_mode = truncate; {_TABLES}")

    def __enter__(self) -> StreamState:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()
        os.close(self._lock)

    def get(self, name: str, default: object = None) -> object:
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

    def commit(
        self, records: Sequence[tuple[int, int, int | None]] = (), forget_before: int | None = None, **values
    ) -> None:
        """Make durable, all or nothing: landed records (key, content, at_ms) and values; None deletes one."""
        self._database.execute("begin immediate")
        self._database.executemany("insert or replace into landed values (?, ?, ?)", records)
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

    def write_summary(self, summary: dict) -> None:
        """How the last run ended, beside the state, for people and reports."""
        _write_summary(self.stem, summary)


def write_summary(folder: Path, stream: str, summary: dict) -> None:
    """The same of a stream whose state could not be opened."""
    folder.mkdir(parents=True, exist_ok=True)
    _write_summary(folder / stream.replace("/", "."), summary)


def _write_summary(stem: Path, summary: dict) -> None:
    path = Path(f"{stem}.json")
    building = Path(f"{path}.{os.getpid()}.tmp")
    building.write_text(json.dumps(summary, indent=1) + "\n")
    os.replace(building, path)


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
