"""Where a warehouse lives on disk, and the few switches of a run, read from the environment."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from sequence_warehouse.config import memory
from sequence_warehouse.config.errors import UsageError
from sequence_warehouse.config.project import PROJECT, home

# Names of the folders of publications; they sort by age.
VERSION = "[0-9][0-9][0-9][0-9][0-9][0-9]-*"

_Number = TypeVar("_Number", int, float)
# DuckDB's units: thousands, or powers of two with an i
_UNITS = {"kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12}
_UNITS |= {"kib": 2**10, "mib": 2**20, "gib": 2**30, "tib": 2**40}

NO_LANDING = "There is no landing folder at {}: create it, or name another one with LANDING=<folder>."


@dataclass(frozen=True)
class Settings:
    """Folders and switches of one warehouse.

    landing: folder that holds ``portal=<id>/``; warehouse: folder that this project owns.
    project: the dbt project, suites and seeds that are run. threads: of DuckDB, and files side by side.
    memory_limit: bytes that DuckDB may use in one process, more goes to disk. lock_wait: seconds
    that a run waits for another one to finish. refresh_facts: rebuild the facts and what follows from
    them, not the staged records. kept_versions: publications that stay. kept_log_days: how long logs do.
    merged_loads: so many small loads become one folder of raw storage; 0 for never. readers_group: name or
    number of the group of users who may read publications; empty: nobody but the owner.
    """

    landing: Path
    warehouse: Path
    project: Path = PROJECT
    full_refresh: bool = False
    threads: int = 2
    memory_limit: int = field(default_factory=memory.half_of_what_is_left)
    lock_wait: float = 30.0
    refresh_facts: bool = False
    kept_versions: int = 3
    kept_log_days: int = 30
    merged_loads: int = 50
    readers_group: str = ""

    @classmethod
    def from_environment(cls) -> Settings:
        """Read SEQUENCE_WAREHOUSE_LANDING, _HOME, _PROJECT, _FULL_REFRESH, _THREADS, _MEMORY_LIMIT,
        _LOCK_WAIT, _KEPT_VERSIONS, _KEPT_LOG_DAYS, _MERGED_LOADS, _READERS_GROUP.

        Raises UsageError for a number or a size that is none.
        """
        limit = _size("MEMORY_LIMIT", memory.half_of_what_is_left())
        threads = max(1, min(os.cpu_count() or 2, limit // memory.A_THREAD))
        return cls(
            landing=Path(_variable("LANDING") or PROJECT / "sample").absolute(),
            warehouse=Path(_variable("HOME") or home() / "warehouse").absolute(),
            project=Path(_variable("PROJECT") or PROJECT).absolute(),
            full_refresh=_variable("FULL_REFRESH").lower() in {"1", "true", "yes"},
            threads=_number(int, "THREADS", threads, least=1),
            memory_limit=limit,
            lock_wait=_number(float, "LOCK_WAIT", 30),
            kept_versions=_number(int, "KEPT_VERSIONS", 3, least=1),
            kept_log_days=_number(int, "KEPT_LOG_DAYS", 30),
            merged_loads=_number(int, "MERGED_LOADS", 50),
            readers_group=_variable("READERS_GROUP"),
        )

    def environment(self) -> dict[str, str]:
        """The variables that make another process (a task, dbt) see these same settings."""
        return {
            "SEQUENCE_WAREHOUSE_LANDING": str(self.landing),
            "SEQUENCE_WAREHOUSE_HOME": str(self.warehouse),
            "SEQUENCE_WAREHOUSE_PROJECT": str(self.project),
            "SEQUENCE_WAREHOUSE_FULL_REFRESH": "1" if self.full_refresh else "0",
            "SEQUENCE_WAREHOUSE_THREADS": str(self.threads),
            "SEQUENCE_WAREHOUSE_MEMORY_LIMIT": f"{self.memory_limit // 2**10}KiB",
            "SEQUENCE_WAREHOUSE_LOCK_WAIT": str(self.lock_wait),
            "SEQUENCE_WAREHOUSE_KEPT_VERSIONS": str(self.kept_versions),
            "SEQUENCE_WAREHOUSE_KEPT_LOG_DAYS": str(self.kept_log_days),
            "SEQUENCE_WAREHOUSE_MERGED_LOADS": str(self.merged_loads),
            "SEQUENCE_WAREHOUSE_READERS_GROUP": self.readers_group,
        }

    @property
    def raw(self) -> Path:
        """Immutable Parquet, one folder ``load_id=<id>`` a load; old loads merged (see raw.py)."""
        return self.warehouse / "raw"

    @property
    def work(self) -> Path:
        """What no reader looks at: the database that dbt writes, spooled files, dbt's own output."""
        return self.warehouse / "work"

    @property
    def database(self) -> Path:
        return self.work / "sequences.duckdb"

    @property
    def spill(self) -> Path:
        """Where DuckDB puts what does not fit in memory: a folder a process, see ``database.py``."""
        return self.work / "spill"

    @property
    def docs(self) -> Path:
        """The documentation of the built models; each publication carries it."""
        return self.work / "docs"

    @property
    def history(self) -> Path:
        """Append-only Parquet: runs and the results of their tasks, models and expectations."""
        return self.warehouse / "history"

    @property
    def versions(self) -> Path:
        return self.warehouse / "versions"

    @property
    def published(self) -> Path:
        """A symbolic link to the newest validated version."""
        return self.warehouse / "published"

    @property
    def data_docs(self) -> Path:
        return self.warehouse / "data_docs"


def _variable(name: str) -> str:
    return os.environ.get(f"SEQUENCE_WAREHOUSE_{name}", "").strip()


def _number(kind: type[_Number], name: str, default: _Number, least: int = 0) -> _Number:
    """A variable as a number of a kind; its default where it is not set or empty."""
    text = _variable(name)
    try:
        number = kind(text) if text else default
    except ValueError:
        number = None
    if number is None or not least <= number < float("inf"):
        what = "whole number" if kind is int else "number"
        raise _wrong(name, text, f"a {what}, {least} or greater")
    return number


def _size(name: str, default: int) -> int:
    """A variable that is a size, such as 2GB, in bytes; its default where it is not set or empty."""
    if not (text := _variable(name)):
        return default
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([kmgt]i?b)", text.lower())
    size = int(float(found[1]) * _UNITS[found[2]]) if found else 0
    if size < memory.LEAST:
        raise _wrong(name, text, f"a size such as 2GB or 1536MiB, {memory.LEAST // 2**20}MiB or greater")
    return size


def _wrong(name: str, text: str, allowed: str) -> UsageError:
    return UsageError(f"SEQUENCE_WAREHOUSE_{name} is {text!r}: it must be {allowed}.")
