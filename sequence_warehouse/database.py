"""How this project opens DuckDB: in UTC, offline, with bounded memory."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import duckdb


def connect(
    path: Path | None = None,
    *,
    threads: int = 2,
    read_only: bool = False,
    spill: Path | None = None,
) -> duckdb.DuckDBPyConnection:
    """Open a database file (None: in memory); ``spill`` is where large operations overflow to."""
    config: dict[str, object] = {
        "threads": threads,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    if spill is not None:
        config["temp_directory"] = str(spill)
    if path is not None and not read_only:
        config["storage_compatibility_version"] = "v1.5.0"
    connection = duckdb.connect(str(path or ":memory:"), read_only=read_only, config=config)
    connection.execute("set global TimeZone = 'UTC'")  # for its cursors too
    return connection


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
