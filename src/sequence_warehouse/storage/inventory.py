"""The inventory of raw storage: which parts each of its folders has, so that a loss is noticed in time.

    inventory/<folder>.json      bytes, modification time (ns since 1970) and SHA-256 of each part
    inventory/<folder>.parquet   a copy of the folder's ledger of files: what to load again

An entry is written before its folder becomes visible; a load or merge that was cut off between the two leaves
its hidden folder, and ``raw.clear_up`` removes both.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb

from sequence_warehouse.config.errors import UserError
from sequence_warehouse.storage import durable
from sequence_warehouse.storage.database import only_row, path_literal
from sequence_warehouse.storage.layout import INVENTORY


@dataclass(frozen=True)
class Part:
    size: int
    modified_ns: int
    sha256: str


@dataclass(frozen=True)
class Entry:
    """What is known of a folder. mends: how often its records were loaded again."""

    parts: dict[str, Part]
    mends: int = 0


def names(raw: Path) -> list[str]:
    """Names of the folders that have an entry, readable or not.

    A folder that only its hidden name is there of is being written, or never was whole.
    """
    found = (path.stem for path in _folder(raw).glob("*_*=*.json"))
    return sorted(name for name in found if (raw / name).exists() or not (raw / f".{name}").exists())


def read(raw: Path, name: str) -> Entry | None:
    """The entry of a folder; None when there is none that can be read."""
    try:
        content = json.loads(_path(raw, name).read_text())
        parts = {part: Part(**values) for part, values in content["parts"].items()}
        return Entry(parts, int(content["mends"]))
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def enter(raw: Path, name: str, folder: Path, mends: int = 0) -> None:
    """Write the entry of a folder, which is whole and may still have another name."""
    parts = {part: _describe(folder / part) for part in _parts(folder)}
    durable.write(ledger_copy(raw, name), next(folder.glob("files/*.parquet")).read_bytes())
    _write(raw, name, Entry(parts, mends))


def remove(raw: Path, name: str) -> None:
    _path(raw, name).unlink(missing_ok=True)
    ledger_copy(raw, name).unlink(missing_ok=True)


def ledger_copy(raw: Path, name: str) -> Path:
    return _folder(raw) / f"{name}.parquet"


def mends(raw: Path) -> int:
    """How often records were loaded again because raw storage had lost them."""
    return sum(entry.mends for name in names(raw) if (entry := read(raw, name)))


def flaws(raw: Path, name: str, is_thorough: bool = False, is_writer: bool = False) -> list[str]:
    """Parts of a folder, as in ``events/part-00000.parquet``, that are missing, changed or too many.

    Sizes and modification times are looked at, and the content where a time is another one, or of all when
    is_thorough. is_writer: the lock is held, so that a new time may be noted down.
    """
    entry, folder = read(raw, name), raw / name
    if entry is None:
        return []
    found = set(_parts(folder))
    wrong = sorted(found ^ entry.parts.keys())
    moved = {}
    for part in sorted(found & entry.parts.keys()):
        status, known = (folder / part).stat(), entry.parts[part]
        if status.st_size != known.size:
            wrong.append(part)
        elif is_thorough or status.st_mtime_ns != known.modified_ns:
            if (now := _describe(folder / part)).sha256 != known.sha256:
                wrong.append(part)
            else:
                moved[part] = now
    if is_writer and any(entry.parts[part] != now for part, now in moved.items()):
        _write(raw, name, Entry(entry.parts | moved, entry.mends))
    return wrong


def refuse_losses(raw: Path, folders: Iterable[str]) -> None:
    """Raises UserError when one of the folders is not whole: what is built from them would not be either."""
    for name in folders:
        if wrong := flaws(raw, name):
            raise UserError(
                f"Raw storage has lost or changed {raw / name / wrong[0]}{_more(wrong)}: `make run` loads it "
                "again from the landing folder."
            )


def adopt(raw: Path, name: str, connection: duckdb.DuckDBPyConnection) -> bool:
    """Enter a folder that has no entry, if it holds as many rows as its own ledger says; whether it does."""
    folder = raw / name
    records = ", ".join(path_literal(folder, f"{family}/*.parquet") for family in ("events", "objects"))
    try:
        told, held = only_row(
            connection.execute(
                f"""
            select
                (
                    select coalesce(sum(records + rejected), 0)
                    from read_parquet({path_literal(folder, "files/*.parquet")})
                ),
                (
                    select coalesce(sum(num_rows), 0)
                    from parquet_file_metadata([{records}])
                )
            """
            )
        )
    except duckdb.Error:
        return False
    is_whole: bool = told == held
    if is_whole:
        enter(raw, name, folder)
    return is_whole


def _more(parts: list[str]) -> str:
    return f" and {len(parts) - 1} more" if len(parts) > 1 else ""


def _parts(folder: Path) -> list[str]:
    return [str(path.relative_to(folder)) for path in folder.glob("*/*.parquet")]


def _describe(path: Path) -> Part:
    status = path.stat()
    with path.open("rb") as stream:
        return Part(status.st_size, status.st_mtime_ns, hashlib.file_digest(stream, "sha256").hexdigest())


def _write(raw: Path, name: str, entry: Entry) -> None:
    durable.write(_path(raw, name), json.dumps(asdict(entry), indent=1))


def _path(raw: Path, name: str) -> Path:
    return _folder(raw) / f"{name}.json"


def _folder(raw: Path) -> Path:
    return raw.parent / INVENTORY
