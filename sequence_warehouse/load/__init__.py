"""Load: whatever is new in a landing folder becomes one immutable folder of Parquet below ``raw``.

    raw/load_id=<id>/events/*.parquet    one row a landed event, good or rejected (``reason``)
    raw/load_id=<id>/objects/*.parquet   one row a landed object, good or rejected
    raw/load_id=<id>/files/*.parquet     the ledger: one row a file that was looked at

A load is written under a hidden name and made visible by one rename: readers see all of it or nothing.
"""

from __future__ import annotations

import logging
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from sequence_warehouse import origin
from sequence_warehouse.database import connect
from sequence_warehouse.load.discovery import LandedFile, discover, refuse_nothing, unreadable
from sequence_warehouse.load.inspection import Inspection, inspect
from sequence_warehouse.load.ledger import Ledger
from sequence_warehouse.load.merging import prepare
from sequence_warehouse.load.parsing import macros
from sequence_warehouse.load.parts import PartWriter
from sequence_warehouse.load.reading import FileReader
from sequence_warehouse.load.spellings import Spellings
from sequence_warehouse.load.values import missing_values
from sequence_warehouse.raw import clear_up
from sequence_warehouse.settings import NO_LANDING, Settings, UsageError

log = logging.getLogger(__name__)


@dataclass
class LoadReport:
    """What one load did. load_id is None when there was nothing new and no folder was written."""

    load_id: str | None = None
    files_seen: int = 0
    files_loaded: int = 0
    files_unchanged: int = 0
    events: int = 0
    objects: int = 0
    rejected: int = 0
    seconds: float = 0.0
    portals: list[str] = field(default_factory=list)


def load(settings: Settings) -> LoadReport:
    """Load every new, grown or changed file.

    Raises UsageError when the landing folder is missing, holds another kind of data than the warehouse, or
    nothing at all while the warehouse is empty too.

    Nobody else may be loading into the warehouse: what another load left unfinished is removed.
    """
    if not settings.landing.is_dir():
        raise UsageError(NO_LANDING.format(settings.landing))
    origin.refuse_mixture(settings)
    refuse_nothing(settings)
    started = time.monotonic()
    settings.raw.mkdir(parents=True, exist_ok=True)
    clear_up(settings.raw)
    prepare(settings.raw)
    origin.remember(settings)

    report = LoadReport()
    spill = settings.work / "spill"
    shutil.rmtree(spill, ignore_errors=True)
    spill.mkdir(parents=True)
    with connect(threads=settings.threads, spill=spill) as connection:
        connection.execute(macros(settings.project))
        ledger = Ledger(connection, settings.raw)
        pending = []
        for file in discover(settings.landing):
            report.files_seen += 1
            if ledger.is_known(file):
                report.files_unchanged += 1
            else:
                pending.append(file)
        _load_files(connection, settings, ledger, pending, report)
    report.seconds = time.monotonic() - started
    return report


def _load_files(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    ledger: Ledger,
    pending: list[LandedFile],
    report: LoadReport,
) -> None:
    with ThreadPoolExecutor(settings.threads) as pool:
        changed, touched = [], []
        for file, inspection in zip(pending, pool.map(_inspect, pending), strict=True):
            if inspection is None:
                continue  # moved away after it was listed: when it comes back, it is new
            if ledger.has_content(file, inspection.content_hash):
                report.files_unchanged += 1
                if inspection.content_hash:
                    touched.append((file, inspection))
            else:
                changed.append((file, inspection))
        is_first = not any(settings.raw.glob("load_id=*"))
        if not (changed or touched or is_first):
            return

        load_id = _next_load_id(settings.raw)
        folder = settings.raw / f".load_id={load_id}"
        names = Spellings.from_seeds(settings.project / "seeds")
        parts = PartWriter(connection, folder, settings.work / "spool", datetime.now(UTC), names)
        for file, inspection in touched:
            parts.note(file, inspection.content_hash, "unchanged")
        reader = FileReader(parts, names, missing_values(settings.project))
        for task in [pool.submit(work) for work in reader.plan(changed)]:
            task.result()
    parts.finish()
    folder.rename(settings.raw / f"load_id={load_id}")
    report.load_id = load_id
    report.files_loaded = len(changed)
    report.portals = sorted({file.portal_id for file, _ in changed if file.portal_id})
    report.events, report.objects, report.rejected = parts.totals
    for source_file, records, rejected in parts.counts():
        log.info("loaded %s: %s records, %s rejected", source_file, records, rejected)


def _inspect(file: LandedFile) -> Inspection | None:
    if not file.is_regular:
        return Inspection(content_hash="")
    try:
        return inspect(file)
    except FileNotFoundError:
        return None
    except OSError as error:
        return Inspection(content_hash="", damage=unreadable(error))


def _next_load_id(raw: Path) -> str:
    """A counter before the time: loads sort in their order whatever the clock does."""
    last = max((path.name for path in raw.glob("load_id=*")), default="load_id=000000")
    number = int(last.removeprefix("load_id=")[:6]) + 1
    return f"{number:06d}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
