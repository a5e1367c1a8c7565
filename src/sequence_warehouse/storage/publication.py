"""The current publication: which version it is, how this project reads it, whether all of it is still there.

Nothing here opens the published DuckDB file: a BI tool may hold it open for writing, and whoever opens it
then is refused. And nothing reads through the link ``published``: it may be switched between two reads, which
would then be of two versions.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb

from sequence_warehouse.config.errors import UserError
from sequence_warehouse.config.settings import Settings
from sequence_warehouse.storage import durable
from sequence_warehouse.storage.database import connect, identifier, path_literal
from sequence_warehouse.storage.layout import VERSION, VERSION_FILE


def current_version(settings: Settings) -> Path | None:
    """The folder that ``published`` leads to now; None when nothing is published.

    Ask once and read all that belongs together below it: it never changes, and the last versions stay.
    """
    folder = settings.published.resolve()
    return folder if settings.published.is_symlink() and folder.is_dir() else None


def content(version: Path) -> dict[str, Any]:
    """The version's ``version.json``; empty when it cannot be read: the next version can do without."""
    try:
        found = json.loads((version / VERSION_FILE).read_text())
    except (OSError, ValueError):
        return {}
    if not isinstance(found, dict):
        return {}
    kinds = (found.get("rows", {}), found.get("event_partitions", {}))
    return found if all(isinstance(kind, dict) for kind in kinds) else {}


def rows(version: Path) -> dict[tuple[str, str], int]:
    """Rows of each table of a version, by schema and name, as its publication counted them."""
    counted = content(version).get("rows", {})
    return {tuple(table.split(".", 1)): count for table, count in counted.items()}


def published_load(published: Path) -> str:
    """The newest load that the current publication holds; "" when there is none that can be told."""
    load = content(published).get("load_id")
    return load if isinstance(load, str) and load[:6].isdigit() else ""


def relation(version: Path, schema: str, table: str) -> str:
    """SQL that reads a table of a version."""
    files = path_literal(version / "parquet" / schema / table, "**/*.parquet")
    return f"read_parquet({files}, hive_partitioning = false)"


def connect_to(version: Path, settings: Settings | None = None) -> duckdb.DuckDBPyConnection:
    """A version's tables as views in a database in memory, by the names that they have in the DuckDB file.

    Raises UserError when Parquet of it was lost or changed.
    """
    if wrong := next((name for name in flaws(version) if name.endswith(".parquet")), None):
        raise UserError(f"{version} has lost or changed {wrong}: `make run` publishes another.")
    connection = connect(settings=settings)
    connection.execute("attach ':memory:' as sequences")
    connection.execute("use sequences")
    tables = sorted(folder for folder in (version / "parquet").glob("*/*") if folder.is_dir())
    for schema in sorted({folder.parent.name for folder in tables}):
        connection.execute(f"create schema {identifier(schema)}")
    for folder in tables:
        schema, table = folder.parent.name, folder.name
        name = f"{identifier(schema)}.{identifier(table)}"
        connection.execute(f"create view {name} as from {relation(version, schema, table)}")
    return connection


def sizes(version: Path) -> dict[str, int]:
    """Bytes of each file of a version folder, but its ``version.json``, by its path in it."""
    return {
        str(path.relative_to(version)): path.stat().st_size
        for path in sorted(version.rglob("*"))
        if path.is_file() and path.name != VERSION_FILE
    }


def flaws(version: Path) -> list[str]:
    """Files of a version that are missing or of another size than when it was published."""
    known = content(version)
    if not isinstance(known.get("rows"), dict) or not isinstance(known.get("event_partitions"), dict):
        return [VERSION_FILE]
    files = known.get("files")
    if not isinstance(files, dict):  # of a version from before sizes were written down
        files = {"sequences.duckdb": None}
    return [name for name, size in files.items() if not _is_whole(version / name, size)]


def _is_whole(path: Path, size: int | None) -> bool:
    try:
        return path.stat().st_size == size if size is not None else path.stat().st_size > 0
    except OSError:
        return False


def told_sizes(version: Path) -> dict[str, int]:
    """The sizes that ``version.json`` tells; empty when it does not, as of an older version."""
    files = content(version).get("files")
    return files if isinstance(files, dict) else {}


def has(version: Path, path: Path, sizes: dict[str, int]) -> bool:
    """Whether a file of a version is there as it was published. sizes: those that the version tells."""
    return _is_whole(path, sizes.get(str(path.relative_to(version))))


def is_damaged(settings: Settings) -> bool:
    """Whether there is a current publication, and not all of it is there any more."""
    return settings.published.is_dir() and bool(flaws(settings.published.resolve()))


def mend(settings: Settings) -> list[str]:
    """Have ``published`` point somewhere, if it can; the lock must be held.

    Returns what was wrong, in sentences. A publication that is not whole stays until the next one.
    """
    published = settings.published
    told = []
    if published.exists() and not published.is_symlink():
        aside = published.with_name(f"{published.name}.aside")
        number = 0
        while aside.exists():
            number += 1
            aside = published.with_name(f"{published.name}.aside-{number}")
        published.rename(aside)
        told.append(f"{published} was no link to a version and is set aside as {aside}.")
    if not published.is_dir():
        versions = sorted(settings.versions.glob(VERSION), reverse=True)
        whole = next((version for version in versions if not flaws(version)), None)
        if whole is not None:
            switch(published, whole)
            told.append(f"{published} led nowhere and points to {whole.name} again.")
        elif published.is_symlink() or versions:
            told.append(f"{published} leads nowhere: another publication is made.")
    elif wrong := flaws(published.resolve()):
        more = f" and {len(wrong) - 1} more" if len(wrong) > 1 else ""
        told.append(
            f"The publication {published.resolve().name} has lost or changed {wrong[0]}{more}: another one "
            "is made."
        )
    return told


def switch(link: Path, version: Path) -> None:
    """Point ``published`` to a version in one step: readers see the old or the new one."""
    unfinished = link.with_name(f".{link.name}")
    unfinished.unlink(missing_ok=True)
    unfinished.symlink_to(version.relative_to(link.parent))
    durable.replace(unfinished, link)
