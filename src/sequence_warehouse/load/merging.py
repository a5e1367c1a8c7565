"""Merging: many small loads become one folder of raw storage, and nobody can tell from the rows."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb

from sequence_warehouse.config.settings import Settings
from sequence_warehouse.load.parts import empty_part
from sequence_warehouse.storage import durable, inventory
from sequence_warehouse.storage.database import connect, literal, path_literal
from sequence_warehouse.storage.layout import LOAD, MERGED
from sequence_warehouse.storage.publication import published_load
from sequence_warehouse.storage.raw import FAMILIES, clear_up, load_ids, remove_merged_loads

NONE = "000000"  # before any load: its folder is empty, so that there is always one to read


def prepare(raw: Path) -> None:
    """Make the empty merged folder, if there is none: nothing could be read otherwise."""
    if any(raw.glob(f"{MERGED}*")):
        return
    raw.mkdir(parents=True, exist_ok=True)
    unfinished = raw / f".{MERGED}{NONE}"
    shutil.rmtree(unfinished, ignore_errors=True)
    with connect() as connection:
        for family in FAMILIES:
            (unfinished / family).mkdir(parents=True)
            empty_part(connection, family, unfinished / family / "part.parquet")
    inventory.enter(raw, f"{MERGED}{NONE}", unfinished)
    durable.replace(unfinished, raw / f"{MERGED}{NONE}")


def merge(settings: Settings) -> dict[str, int]:
    """Make one folder of the loads that are published, but the newest, when there are enough of them.

    The lock must be held. Returns how many loads were merged, and the files of raw storage before and
    after.
    """
    raw = settings.raw
    clear_up(raw)
    before = _file_count(raw)
    # the newest load stays as it is: the next id is counted from it, and validation looks at it
    published = published_load(settings.published)
    loads = [load for load in load_ids(raw)[:-1] if load <= published]
    if not settings.merged_loads or len(loads) < settings.merged_loads:
        return {"merged_loads": 0, "files_before": before, "files_after": before}
    prepare(raw)
    inventory.refuse_losses(raw, [f"{LOAD}{load}" for load in loads])
    unfinished = raw / f".{MERGED}{loads[-1]}"
    with connect(settings=settings) as connection:
        for family in FAMILIES:
            (unfinished / family).mkdir(parents=True)
            merge_family(connection, raw, loads, family, unfinished / family / "part.parquet")
    entries = [inventory.read(raw, f"{LOAD}{load}") for load in loads]
    inventory.enter(
        raw, f"{MERGED}{loads[-1]}", unfinished, mends=sum(entry.mends for entry in entries if entry)
    )
    durable.replace(unfinished, raw / f"{MERGED}{loads[-1]}")
    remove_merged_loads(raw)
    return {"merged_loads": len(loads), "files_before": before, "files_after": _file_count(raw)}


def merge_family(
    connection: duckdb.DuckDBPyConnection, raw: Path, loads: list[str], family: str, target: Path
) -> None:
    """Write the rows that loads below ``raw`` have of a family into one part."""
    files = ", ".join(path_literal(raw, f"{LOAD}{load}/{family}/*.parquet") for load in loads)
    source = f"read_parquet([{files}], hive_partitioning = true, hive_types_autocast = false)"
    connection.execute(
        f"copy (select * from {source}) "
        f"to {literal(target)} (format parquet, compression zstd, row_group_size 30_720)"
    )
    written = f"read_parquet({path_literal(target)}, hive_partitioning = false)"
    sums = [
        connection.execute(f"select count(*), sum(hash(landed)::hugeint) from {rows} as landed").fetchone()
        for rows in (source, written)
    ]
    if sums[0] != sums[1]:
        raise RuntimeError(f"The merged {family} differ from their loads: nothing was changed.")


def _file_count(raw: Path) -> int:
    return sum(1 for path in raw.rglob("*.parquet"))
