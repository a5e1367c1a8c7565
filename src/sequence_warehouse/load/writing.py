"""Writing one load: the files it reads become the parts of one folder."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import duckdb

from sequence_warehouse.config.settings import Settings
from sequence_warehouse.load.discovery import LandedFile
from sequence_warehouse.load.inspection import Inspection
from sequence_warehouse.load.parts import PartWriter
from sequence_warehouse.load.reading import FileReader
from sequence_warehouse.load.spellings import Spellings
from sequence_warehouse.load.values import missing_values
from sequence_warehouse.seeds import Seeds


def write_load(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    folder: Path,
    loaded_at: datetime,
    changed: list[tuple[LandedFile, Inspection]],
    touched: list[tuple[LandedFile, str]],
) -> PartWriter:
    """Write the records of changed files, and the ledger with these and the touched ones (and their hash).

    connection: one that has the loader's macros.
    """
    seeds = Seeds.of(settings)
    names = Spellings.from_seeds(seeds)
    parts = PartWriter(connection, folder, settings.work / "spool", loaded_at, names)
    for file, content_hash in touched:
        parts.note(file, content_hash, "unchanged")
    reader = FileReader(parts, names, missing_values(seeds))
    with ThreadPoolExecutor(settings.threads) as pool:
        for task in [pool.submit(work) for work in reader.plan(changed)]:
            task.result()
    parts.finish()
    return parts
