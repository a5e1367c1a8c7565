"""How this project opens DuckDB: in UTC, offline, with bounded memory."""

from __future__ import annotations

import os
import re
import shutil
import socket
import time
from collections.abc import Mapping
from pathlib import Path

import duckdb
import psutil

from sequence_warehouse import memory
from sequence_warehouse.settings import Settings


def config(settings: Settings) -> dict[str, object]:
    """DuckDB's options for all that works on a warehouse, in every process of ours and of others.

    A process has one connection at a time that uses much, so the limit is one for the process; what does
    not fit goes to a folder of the process, which DuckDB empties when it closes the database.
    """
    settings.spill.mkdir(parents=True, exist_ok=True)
    return {
        **_config(settings.threads, settings.memory_limit),
        "temp_directory": str(settings.spill / f"{socket.gethostname()}-{os.getpid()}"),
    }


def _config(threads: int, memory_limit: int) -> dict[str, object]:
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
    """
    options = config(settings) if settings else {**_config(2, memory.LEAST), "temp_directory": ""}
    if path is not None and not read_only:
        options["storage_compatibility_version"] = "v1.5.0"
    connection = duckdb.connect(str(path or ":memory:"), read_only=read_only, config=options)
    connection.execute("set global TimeZone = 'UTC'")  # for its cursors too
    return connection


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


def path_literal(path: Path, pattern: str = "") -> str:
    """A path as DuckDB reads it, not taken for a pattern of names, and below it a pattern.

    A backslash cannot be told apart from a folder's end within a pattern, but most often prevents one.
    """
    name = str(path)
    name = name if "\\" in name else re.sub(r"[*?[]", r"[\g<0>]", name)
    return literal(f"{name}/{pattern}" if pattern else name)
