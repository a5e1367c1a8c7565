"""The state of the build database: whether it can be used, and what its incremental models were built from.

It stands in the database itself, as ``audit.build_state``: a copy from a backup tells of itself.
"""

from __future__ import annotations

import logging
from dataclasses import astuple, dataclass
from pathlib import Path

import duckdb

from sequence_warehouse.config.settings import Settings
from sequence_warehouse.storage import inventory
from sequence_warehouse.storage.database import DamagedDatabase, connect, opening
from sequence_warehouse.storage.raw import newest_load

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class BuildState:
    """definition: of the incremental models, empty until a build has succeeded. mends: how often raw storage
    had been loaded again. newest_load: the newest that was there."""

    definition: str
    mends: int
    newest_load: str

    @classmethod
    def of_now(cls, settings: Settings, definition: str) -> BuildState:
        return cls(definition, inventory.mends(settings.raw), newest_load(settings.raw))


def read(settings: Settings) -> BuildState | None:
    """What the database says; None when it says nothing.

    Raises BusyDatabase when another program holds it, and DamagedDatabase.
    """
    # what is damaged may be read only now
    with connect(settings.database, settings=settings) as connection, opening(settings.database):
        try:
            row = connection.execute(
                "select definition, mends, newest_load from audit.build_state"
            ).fetchone()
        except (duckdb.CatalogException, duckdb.BinderException):
            return None
    return BuildState(*row) if row else None


def write(settings: Settings, state: BuildState) -> None:
    with connect(settings.database, settings=settings) as connection:
        connection.execute("create schema if not exists audit")
        connection.execute(
            "create or replace table audit.build_state "
            "(definition varchar, mends bigint, newest_load varchar)"
        )
        connection.execute("insert into audit.build_state values (?, ?, ?)", list(astuple(state)))


def forget(settings: Settings) -> None:
    """Nobody knows by which definition the rows are built, from now on."""
    with connect(settings.database, settings=settings) as connection:
        connection.execute("drop table if exists audit.build_state")


def reason_to_rebuild(settings: Settings, now: BuildState) -> str | None:
    """Why everything must be rebuilt; None when the increments will do.

    A damaged database is set aside. Raises BusyDatabase.
    """
    reason = "FULL_REFRESH=1" if settings.full_refresh else None
    if not settings.database.exists():
        if settings.published.is_symlink():
            reason = reason or "the build database was gone"
        return reason
    try:
        before = read(settings)
    except DamagedDatabase as error:
        return set_aside(settings.database, str(error))
    if reason:
        return reason
    if before is None or not before.definition:
        return "the incremental models were not built to the end, or by hand"
    if before.definition != now.definition:
        return "a model, macro, seed or var below the incremental models has changed"
    if before.mends != now.mends:
        return "raw storage had lost or changed records, which were loaded again"
    if before.newest_load > now.newest_load:
        return "raw storage is older than what was built from it"
    return None


def set_aside(database: Path, damage: str) -> str:
    """Move a damaged database, and what was not yet written into it, out of the way; says so."""
    aside = database.with_name(f"{database.stem}.damaged{database.suffix}")
    for suffix in ("", ".wal"):
        there = database.with_name(database.name + suffix)
        if there.exists():
            there.replace(aside.with_name(aside.name + suffix))
    sentence = f"the build database was damaged and is set aside as {aside}"
    log.warning("%s: %s", sentence, damage)
    return sentence
