"""Raw storage: where loads lie, and how all of them are read.

    raw/load_id=<id>/<family>/*.parquet        one load; the path tells its id
    raw/merged_to=<id>/<family>/part.parquet   many loads up to this one; the rows tell their ids

A merged folder holds every load after the merged folder before it up to its own name. It becomes visible
by one rename, and from then on a load up to that id is read from it only: ``relation`` does not look at
the load's own folder any more, whether it has been removed or not. A merge that is cut off at any moment
therefore changes nothing that a reader sees. dbt's source says the same in
``models/staging/_hubspot__sources.yml``.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from sequence_warehouse.storage import inventory
from sequence_warehouse.storage.database import path_literal
from sequence_warehouse.storage.layout import LOAD, MERGED

FAMILIES = ("events", "objects", "files")


def relation(raw: Path, family: str) -> str:
    """SQL that reads every load's rows of a family (events, objects, files), ``load_id`` with them."""
    hive = "hive_partitioning = true, hive_types_autocast = false"
    merged_files = path_literal(raw, f"{MERGED}*/{family}/*.parquet")
    return f"""(
        select * exclude (merged_to)
        from read_parquet({merged_files}, {hive})
        union all by name
        select *
        from read_parquet({path_literal(raw, f"{LOAD}*/{family}/*.parquet")}, {hive})
        where load_id > (
            select max(regexp_extract(file, '{MERGED}([^/]*)/[^/]*/[^/]*$', 1)) from glob({merged_files})
        )
    )"""


def load_ids(raw: Path) -> list[str]:
    """The loads that have a folder of their own, oldest first."""
    return sorted(path.name.removeprefix(LOAD) for path in raw.glob(f"{LOAD}*"))


def newest_load(raw: Path) -> str:
    """The newest load that raw storage holds, be it merged; "" when there is none."""
    return max([*load_ids(raw), newest_merged(raw)], default="")


def newest_merged(raw: Path) -> str:
    """The last load that a merged folder holds; "" when there is no such folder."""
    return max((path.name.removeprefix(MERGED) for path in raw.glob(f"{MERGED}*")), default="")


def folders(raw: Path) -> list[str]:
    """Names of the folders that are read, or would be if they had not been lost; the merged ones first."""
    found = {path.name for path in (*raw.glob(f"{LOAD}*"), *raw.glob(f"{MERGED}*"))} | {*inventory.names(raw)}
    merged = sorted(name for name in found if name.startswith(MERGED))
    last = merged[-1].removeprefix(MERGED) if merged else ""
    return merged + sorted(name for name in found if name.startswith(LOAD) and name.removeprefix(LOAD) > last)


def clear_up(raw: Path) -> None:
    """Remove what a load, a merge or a mend left behind that was cut off; the lock must be held."""
    for left_over in [*raw.glob(f".{LOAD}*"), *raw.glob(f".{MERGED}*")]:
        if not (raw / left_over.name[1:]).exists():
            inventory.remove(raw, left_over.name[1:])  # it never became visible, or is merged
        shutil.rmtree(left_over)
    for left_over in [*raw.glob(".mending"), *raw.glob(".lost-*")]:
        shutil.rmtree(left_over)
    remove_merged_loads(raw)


def remove_merged_loads(raw: Path) -> None:
    """Remove the folders of loads that a merged folder holds, and their entries in the inventory."""
    merged = newest_merged(raw)
    for load in load_ids(raw):
        if load <= merged:
            # renamed first: a folder that is half removed must not be read by anyone
            hidden = raw / f".{LOAD}{load}"
            (raw / f"{LOAD}{load}").rename(hidden)
            shutil.rmtree(hidden)
    for name in inventory.names(raw):
        if name.startswith(LOAD) and name.removeprefix(LOAD) <= merged:
            inventory.remove(raw, name)
