"""How this project opens DuckDB: in UTC, offline, in bounded memory, with errors that say what to do."""

from __future__ import annotations

import os
import re
import shutil
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import psutil

from sequence_warehouse.config import memory
from sequence_warehouse.config.errors import UserError
from sequence_warehouse.config.settings import Settings

# So many seconds another program may hold a database that this one needs: it may be about to let it go.
LOCK_WAIT = 5.0
_LOCKED = "Could not set lock on file"
_DAMAGED = re.compile(
    "not a valid DuckDB database|Could not read enough bytes|Corrupt database file|version number|"
    "Serialization Error|INTERNAL Error|FATAL Error|Failed to load metadata|Could not read from file|"
    "Corrupt WAL file"
)
# the machine's want and no damage: what was committed is there when the file is opened again
_WANT = re.compile("Could not write|No space left|[Oo]ut of [Mm]emory")


# what DuckDB is opened with, by name
Options = dict[str, str | bool | int | float | list[str]]


class BusyDatabase(UserError):
    """Another program holds the database file."""


class DamagedDatabase(UserError):
    """The file is no database that this DuckDB can read: cut off, garbage, or of a newer one."""


@contextmanager
def opening(path: Path) -> Iterator[None]:
    """DuckDB's errors about a database file as one sentence: BusyDatabase, DamagedDatabase or UserError."""
    try:
        yield
    except (duckdb.IOException, duckdb.SerializationException, duckdb.InternalException) as error:
        said = " ".join(str(error).split())
        if _LOCKED in said:
            holder = re.search(r"lock is held in (.+?)(?:\. See also|$)", said)
            raise BusyDatabase(
                f"The database {path} is in use by {holder[1] if holder else 'another program'}: close it "
                "there, or wait until it has ended, and try again."
            ) from error
        if is_damage(said, path):
            raise DamagedDatabase(f"The database {path} cannot be read: {said}") from error
        if str(path) in said:
            raise UserError(f"The database {path} cannot be opened: {said}") from error
        raise


def is_damage(message: str, path: Path) -> bool:
    """Whether an error of DuckDB says that the file is damaged, not that it may not be read, say."""
    others = set(re.findall(r'file "([^"]+)"', message))
    is_of_this = not others or not others.isdisjoint({str(path), f"{path}.wal"})
    return is_of_this and bool(_DAMAGED.search(message)) and not _WANT.search(message)


def config(settings: Settings) -> Options:
    """DuckDB's options for all that works on a warehouse, in every process of ours and of others.

    A process has one connection at a time that uses much, so the limit is one for the process; what does
    not fit goes to a folder of the process, which DuckDB empties when it closes the database.
    """
    settings.spill.mkdir(parents=True, exist_ok=True)
    return {
        **_config(settings.threads, settings.memory_limit),
        "temp_directory": str(settings.spill / f"{socket.gethostname()}-{os.getpid()}"),
    }


def _config(threads: int, memory_limit: int) -> Options:
    return {
        "threads": threads,
        "memory_limit": f"{memory_limit // 2**10}KiB",
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }


def connect(
    path: Path | None = None, *, settings: Settings | None = None, read_only: bool = False
) -> duckdb.DuckDBPyConnection:
    """Open a database file (None: in memory).

    settings: of the warehouse whose rows are worked on; None: for little work, in little memory.

    Raises BusyDatabase when another program holds the file for longer than LOCK_WAIT seconds, DamagedDatabase
    when it cannot be read, and UserError when it cannot be opened for another reason.
    """
    options: Options = config(settings) if settings else {**_config(2, memory.LEAST), "temp_directory": ""}
    if path is not None and not read_only:
        options["storage_compatibility_version"] = "v1.5.0"
    connection = _open(path, read_only, options)
    connection.execute("set global TimeZone = 'UTC'")  # for its cursors too
    return connection


def only_row(asked: duckdb.DuckDBPyConnection) -> tuple[Any, ...]:
    """The row of a query that always has one, such as a count."""
    row = asked.fetchone()
    assert row is not None
    return row


def _open(path: Path | None, read_only: bool, config: Options) -> duckdb.DuckDBPyConnection:
    if path is None:
        return duckdb.connect(config=config)
    deadline = time.monotonic() + LOCK_WAIT
    while True:
        try:
            with opening(path):
                return duckdb.connect(str(path), read_only=read_only, config=config)
        except BusyDatabase:
            if time.monotonic() >= deadline:
                raise
            time.sleep(0.1)


def clear_spill(settings: Settings) -> None:
    """Remove what processes that were killed left on disk of their memory.

    A process of another machine or container cannot be asked for: its files go when they are a day old.
    """
    for folder in settings.spill.glob("*"):
        if not folder.is_dir():  # of a version that had no folder a process
            folder.unlink(missing_ok=True)
            continue
        host, _, pid = folder.name.rpartition("-")
        is_mine = host == socket.gethostname() and pid.isdecimal()
        if is_mine and psutil.pid_exists(int(pid)) and int(pid) != os.getpid():
            continue
        try:
            is_old = is_mine or folder.stat().st_mtime < time.time() - 24 * 3600
        except FileNotFoundError:  # just now its process ended
            continue
        if is_old:
            shutil.rmtree(folder, ignore_errors=True)


def literal(value: object) -> str:
    """A value as a SQL string literal; None becomes ``null``."""
    if value is None:
        return "null"
    return "'" + str(value).replace("'", "''") + "'"


def mapping(values: Mapping[str, str]) -> str:
    """A SQL map of texts to texts."""
    keys, others = (", ".join(map(literal, part)) for part in (values.keys(), values.values()))
    return f"map([{keys}], [{others}])"


def identifier(name: str) -> str:
    """A name as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def json_path(*names: str) -> str:
    """DuckDB's path to a member of a JSON document, and from there to its own members."""
    quoted = (name.replace("\\", "\\\\").replace('"', '\\"') for name in names)
    return "$" + "".join(f'."{name}"' for name in quoted)


def path_literal(path: Path, pattern: str = "") -> str:
    """A path as DuckDB reads it, not taken for a pattern of names, and below it a pattern.

    A backslash cannot be told apart from a folder's end within a pattern, but most often prevents one.
    """
    name = str(path)
    name = name if "\\" in name else re.sub(r"[*?[]", r"[\g<0>]", name)
    return literal(f"{name}/{pattern}" if pattern else name)
