"""Mending: what raw storage has lost or holds otherwise than its inventory says is loaded again.

A folder is made anew as a whole, under its own name and with its own times, from the files that its ledger
names, as far as the landing folder still holds their content: under their name, under another one, or as
the beginning of a file that has grown since. Nothing is replaced unless all of it can be.
"""

from __future__ import annotations

import hashlib
import shutil
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from sequence_warehouse.config.errors import UserError
from sequence_warehouse.config.settings import Settings
from sequence_warehouse.load.discovery import LandedFile, classify, discover
from sequence_warehouse.load.inspection import CHUNK, Inspection, inspect
from sequence_warehouse.load.merging import NONE, merge_family, prepare
from sequence_warehouse.load.writing import write_load
from sequence_warehouse.storage import durable, inventory
from sequence_warehouse.storage.database import path_literal
from sequence_warehouse.storage.layout import INVENTORY, LOAD, MERGED
from sequence_warehouse.storage.raw import FAMILIES, folders

_UNREAD = Inspection(content_hash="", damage="The file could not be read when it was first loaded.")


@dataclass(frozen=True)
class _Row:
    """A row of the ledger: a file as it was when a load looked at it."""

    load_id: str
    source_file: str
    size_bytes: int
    modified_ns: int
    content_hash: str
    status: str
    loaded_at: str


def mend(connection: duckdb.DuckDBPyConnection, settings: Settings, is_thorough: bool = False) -> list[str]:
    """Load again what raw storage has lost; the lock must be held. Returns what was done, in sentences.

    is_thorough: read every part, not only those whose size or time is another one. Raises UserError, and
    changes nothing, when the landing folder no longer holds all that is needed.
    """
    raw = settings.raw
    damaged: dict[str, list[str]] = {}
    for name in folders(raw):
        if inventory.read(raw, name) is None and inventory.adopt(raw, name, connection):
            continue
        if inventory.read(raw, name) is None:
            damaged[name] = ["events"]
        elif wrong := inventory.flaws(raw, name, is_thorough, is_writer=True):
            damaged[name] = wrong
    if not damaged:
        return []
    ledgers = {name: _ledger(connection, raw, name) for name in damaged}
    landed = _Landed(settings)
    try:
        for name, rows in ledgers.items():
            if missing := [row.source_file for row in rows if not landed.has(row)]:
                raise UserError(_lost(settings, name, damaged[name], missing))
        return [_mend(connection, settings, name, ledgers[name], landed, damaged[name]) for name in damaged]
    finally:
        shutil.rmtree(landed.spool, ignore_errors=True)


def _mend(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    name: str,
    rows: list[_Row],
    landed: _Landed,
    wrong: list[str],
) -> str:
    raw = settings.raw
    scratch = raw / ".mending"
    shutil.rmtree(scratch, ignore_errors=True)
    loads: dict[str, list[_Row]] = defaultdict(list)
    if name.startswith(LOAD):
        loads[name.removeprefix(LOAD)] = []
    for row in rows:
        loads[row.load_id].append(row)
    for load_id, of_load in loads.items():
        at = datetime.fromisoformat(of_load[0].loaded_at) if of_load else datetime.now(UTC)
        changed = [landed.find(row) for row in of_load if row.status == "loaded"]
        touched = [(landed.file(row), row.content_hash) for row in of_load if row.status != "loaded"]
        write_load(connection, settings, scratch / f"{LOAD}{load_id}", at, changed, touched)
    if name.startswith(MERGED) and loads:
        for family in FAMILIES:
            (scratch / name / family).mkdir(parents=True)
            merge_family(connection, scratch, list(loads), family, scratch / name / family / "part.parquet")
    before = inventory.read(raw, name)
    mends = before.mends + 1 if before else 1
    if (raw / name).exists():
        (raw / name).rename(raw / f".lost-{name}")
    if loads:
        durable.replace(scratch / name, raw / name)
        inventory.enter(raw, name, raw / name, mends)
    else:  # the empty merged folder
        inventory.remove(raw, name)
        prepare(raw)
    shutil.rmtree(raw / f".lost-{name}", ignore_errors=True)
    shutil.rmtree(scratch, ignore_errors=True)
    files = sum(row.status == "loaded" for row in rows)
    return (
        f"Raw storage had lost or changed {_parts(name, wrong)}: the {files} files that were in "
        f"{name} were loaded again from the landing folder."
    )


class _Landed:
    """What the landing folder holds of what was loaded once."""

    def __init__(self, settings: Settings) -> None:
        self._landing = settings.landing
        self.spool = settings.work / "mending"
        self._found: dict[tuple[str, str], tuple[LandedFile, Inspection]] = {}
        self._by_name = {file.source_file: file for file in discover(settings.landing)}
        self._by_size: dict[int, list[LandedFile]] = defaultdict(list)
        for file in self._by_name.values():
            if file.is_regular:
                self._by_size[file.size_bytes].append(file)

    def file(self, row: _Row) -> LandedFile:
        """The file as the ledger knows it; its path may lead nowhere any more."""
        path = self._landing / row.source_file
        if row.source_file in self._by_name:
            path = self._by_name[row.source_file].path
        return classify(self._landing, path, row.size_bytes, row.modified_ns)

    def has(self, row: _Row) -> bool:
        """Whether the content is there that the row tells of."""
        if row.status != "loaded":
            return True
        key = (row.source_file, row.content_hash)
        if key not in self._found and (found := self._look_up(row)) is not None:
            self._found[key] = found
        return key in self._found

    def find(self, row: _Row) -> tuple[LandedFile, Inspection]:
        return self._found[row.source_file, row.content_hash]

    def _look_up(self, row: _Row) -> tuple[LandedFile, Inspection] | None:
        known, named = self.file(row), self._by_name.get(row.source_file)
        if known.refusal is None and not row.content_hash and named is not None:
            known = replace(known, refusal=named.refusal)
        if known.refusal is not None or not row.content_hash:
            return known, replace(_UNREAD, content_hash=row.content_hash)
        for path in self._candidates(row):
            one = replace(known, path=path)
            try:
                inspection = inspect(one)
            except OSError:
                continue
            if inspection.content_hash == row.content_hash:
                return one, inspection
        return None

    def _candidates(self, row: _Row) -> Iterator[Path]:
        named = self._by_name.get(row.source_file)
        if named is not None and not named.is_regular:
            named = None
        if named is not None and named.size_bytes == row.size_bytes:
            yield named.path
        elif named is not None and (beginning := self._beginning(named.path, row)) is not None:
            yield beginning
        for other in self._by_size[row.size_bytes]:
            if other is not named:
                yield other.path

    def _beginning(self, path: Path, row: _Row) -> Path | None:
        """A copy of as much of a file as it once was; None when it did not begin like this."""
        digest, left = hashlib.sha256(), row.size_bytes
        # named like the file: its name tells its format, and whether it is zipped
        copy = self.spool / row.content_hash / path.name
        copy.parent.mkdir(parents=True, exist_ok=True)
        with path.open("rb") as stream, copy.open("wb") as target:
            while left and (chunk := stream.read(min(CHUNK, left))):
                digest.update(chunk)
                target.write(chunk)
                left -= len(chunk)
        if digest.hexdigest() == row.content_hash:
            return copy
        shutil.rmtree(copy.parent)
        return None


def _ledger(connection: duckdb.DuckDBPyConnection, raw: Path, name: str) -> list[_Row]:
    """The rows of a folder's ledger, from the inventory's copy or else its own. Raises UserError."""
    load_id = "load_id" if name.startswith(MERGED) else f"'{name.removeprefix(LOAD)}'"
    columns = "source_file, size_bytes, modified_ns, content_hash, status, loaded_at::varchar"
    for files in (inventory.ledger_copy(raw, name), *sorted((raw / name).glob("files/*.parquet"))):
        try:
            rows = connection.execute(
                f"""
                select {load_id}, {columns}
                from read_parquet({path_literal(files)}, hive_partitioning = false)
                order by 1, 2
                """
            ).fetchall()
        except duckdb.Error:
            continue
        return [_Row(*row) for row in rows]
    if name == f"{MERGED}{NONE}":
        return []
    raise UserError(
        f"Raw storage has lost the ledger of {raw / name} and its copy, {inventory.ledger_copy(raw, name)}: "
        "put one of them back from a backup, or remove both folder and copy to have loaded what lies in the "
        "landing folder."
    )


def _lost(settings: Settings, name: str, wrong: list[str], missing: list[str]) -> str:
    more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
    entry = settings.warehouse / INVENTORY / name
    return (
        f"Raw storage has lost or changed {_parts(name, wrong)}, and the landing folder {settings.landing} "
        f"no longer holds the content that was loaded of {missing[0]}{more}: put the files back there, or "
        f"{settings.raw / name} from a backup; to go on without these records, remove {settings.raw / name} "
        f"and {entry}.json, and run with FULL_REFRESH=1."
    )


def _parts(name: str, wrong: list[str]) -> str:
    more = f" and {len(wrong) - 1} more" if len(wrong) > 1 else ""
    return f"{name}/{wrong[0]}{more}"
