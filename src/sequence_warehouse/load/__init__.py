"""Load: whatever is new in a landing folder becomes one immutable folder of Parquet below ``raw``.

    raw/load_id=<id>/events/*.parquet    one row a landed event, good or rejected (``reason``)
    raw/load_id=<id>/objects/*.parquet   one row a landed object, good or rejected
    raw/load_id=<id>/files/*.parquet     the ledger: one row a file that was looked at

Before that, what raw storage has lost is loaded again (mending.py).

A load is written under a hidden name and made visible by one rename: readers see all of it or nothing.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import duckdb

from sequence_warehouse.config.errors import UsageError
from sequence_warehouse.config.settings import NO_LANDING, Settings
from sequence_warehouse.load.discovery import LandedFile, discover, refuse_nothing, unreadable
from sequence_warehouse.load.inspection import Inspection, inspect
from sequence_warehouse.load.ledger import Ledger
from sequence_warehouse.load.mending import mend
from sequence_warehouse.load.merging import prepare
from sequence_warehouse.load.parsing import macros
from sequence_warehouse.load.writing import write_load
from sequence_warehouse.seeds import Seeds
from sequence_warehouse.storage import durable, inventory, origin
from sequence_warehouse.storage.database import clear_spill, connect
from sequence_warehouse.storage.layout import LOAD
from sequence_warehouse.storage.publication import published_load
from sequence_warehouse.storage.raw import clear_up, folders, load_ids, newest_load

log = logging.getLogger(__name__)


@dataclass
class LoadReport:
    """What one load did. load_id is None when there was nothing new and no folder was written.

    mended: what raw storage had lost and was loaded again, in sentences.
    """

    load_id: str | None = None
    files_seen: int = 0
    files_loaded: int = 0
    files_unchanged: int = 0
    events: int = 0
    objects: int = 0
    rejected: int = 0
    seconds: float = 0.0
    portals: list[str] = field(default_factory=list)
    mended: list[str] = field(default_factory=list)


def load(settings: Settings) -> LoadReport:
    """Load every new, grown or changed file.

    Raises UsageError when the landing folder is missing, holds another kind of data than the warehouse, or
    nothing at all while the warehouse is empty too, and UserError when raw storage has lost what the landing
    folder no longer holds.

    Nobody else may be loading into the warehouse: what another load left unfinished is removed.
    """
    if not settings.landing.is_dir():
        raise UsageError(NO_LANDING.format(settings.landing))
    origin.refuse_mixture(settings)
    refuse_nothing(settings)
    started = time.monotonic()
    report = LoadReport()
    with _opened(settings) as connection:
        report.mended = mend(connection, settings)
        prepare(settings.raw)
        origin.remember(settings)
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


def verify(settings: Settings) -> list[str]:
    """Read all of raw storage, and load again what it has lost; returns what was done, in sentences.

    Nobody else may be loading. Raises UserError when the landing folder no longer holds what was lost.
    """
    if not folders(settings.raw):
        return []
    with _opened(settings) as connection:
        return mend(connection, settings, is_thorough=True)


@contextmanager
def _opened(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with the loader's macros, after what another load left unfinished was removed."""
    settings.raw.mkdir(parents=True, exist_ok=True)
    clear_up(settings.raw)
    clear_spill(settings)
    with connect(settings=settings) as connection:
        connection.execute(macros(Seeds.of(settings)))
        yield connection


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
    if not (changed or touched) and load_ids(settings.raw):
        return
    load_id = _next_load_id(settings)
    folder = settings.raw / f".{LOAD}{load_id}"
    noted = [(file, inspection.content_hash) for file, inspection in touched]
    parts = write_load(connection, settings, folder, datetime.now(UTC), changed, noted)
    inventory.enter(settings.raw, f"{LOAD}{load_id}", folder)
    durable.replace(folder, settings.raw / f"{LOAD}{load_id}")
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


def _next_load_id(settings: Settings) -> str:
    """A counter before the time: loads sort in their order whatever the clock does."""
    last = max(newest_load(settings.raw), published_load(settings.published)) or "000000"
    return f"{int(last[:6]) + 1:06d}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
