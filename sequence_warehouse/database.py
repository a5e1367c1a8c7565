"""How this project opens DuckDB: in UTC, offline, with bounded memory."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import duckdb

from sequence_warehouse.settings import UserError

# So many seconds another program may hold a database that this one needs: it may be about to let it go.
LOCK_WAIT = 5.0
_LOCKED = "Could not set lock on file"
_DAMAGED = re.compile(
    "not a valid DuckDB database|Could not read enough bytes|Corrupt database file|version number|"
    "Serialization Error|INTERNAL Error|FATAL Error|Failed to load metadata|Could not read from file"
)


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
    others = re.findall(r'file "([^"]+)"', message)
    return bool(_DAMAGED.search(message)) and (not others or str(path) in others)


def connect(
    path: Path | None = None,
    *,
    threads: int = 2,
    read_only: bool = False,
    spill: Path | None = None,
) -> duckdb.DuckDBPyConnection:
    """Open a database file (None: in memory); ``spill`` is where large operations overflow to.

    Raises BusyDatabase when another program holds the file for longer than LOCK_WAIT seconds, DamagedDatabase
    when it cannot be read, and UserError when it cannot be opened for another reason.
    """
    config: dict[str, object] = {
        "threads": threads,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    if spill is not None:
        config["temp_directory"] = str(spill)
    if path is not None and not read_only:
        config["storage_compatibility_version"] = "v1.5.0"
    connection = _open(path, read_only, config)
    connection.execute("set global TimeZone = 'UTC'")  # for its cursors too
    return connection


def _open(path: Path | None, read_only: bool, config: dict[str, object]) -> duckdb.DuckDBPyConnection:
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


def path_literal(path: Path, pattern: str = "") -> str:
    """A path as DuckDB reads it, not taken for a pattern of names, and below it a pattern.

    A backslash cannot be told apart from a folder's end within a pattern, but most often prevents one.
    """
    name = str(path)
    name = name if "\\" in name else re.sub(r"[*?[]", r"[\g<0>]", name)
    return literal(f"{name}/{pattern}" if pattern else name)
