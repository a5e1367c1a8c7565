"""What keeps a warehouse small and whole: old publications, damaged or many small loads, old logs.

The lock must be held.
"""

from __future__ import annotations

import logging
import os
import time
from pathlib import Path

from sequence_warehouse.config.settings import Settings
from sequence_warehouse.load import verify
from sequence_warehouse.load.merging import merge
from sequence_warehouse.publish.publishing import remove_old_versions
from sequence_warehouse.storage import lock

log = logging.getLogger(__name__)


def retention_step(settings: Settings, run_id: str) -> list[str]:
    """Remove publications but the newest; returns their names."""
    lock.acquire(settings, run_id)
    removed = remove_old_versions(settings)
    log.info("retention: %d publications removed, the newest %d stay", len(removed), settings.kept_versions)
    return removed


def verification_step(settings: Settings, run_id: str) -> list[str]:
    """Read all of raw storage against its inventory, and load again what was lost; returns what was done.

    Raises UserError that names what the landing folder no longer holds.
    """
    lock.acquire(settings, run_id)
    mended = verify(settings)
    for sentence in mended:
        log.warning(sentence)
    log.info("verification: raw storage was read, %d of its folders were made again", len(mended))
    return mended


def compaction_step(settings: Settings, run_id: str) -> dict[str, int]:
    """Merge the many small loads that are published; returns what was done, as counts."""
    lock.acquire(settings, run_id)
    counts = merge(settings)
    log.info(
        "compaction: %d loads merged, %d files before, %d after",
        counts["merged_loads"],
        counts["files_before"],
        counts["files_after"],
    )
    return counts


def logs_step(settings: Settings, run_id: str, airflow_logs: Path | None = None) -> int:
    """Remove logs of Airflow, of dbt and of runs that are older than the setting; returns their number."""
    folders = [settings.work / "logs", settings.work / "runs"]
    if airflow_logs is not None:
        folders.append(airflow_logs)
    oldest = time.time() - settings.kept_log_days * 24 * 3600
    removed = sum(_remove_older(folder, oldest) for folder in folders)
    log.info("logs: %d files older than %d days removed", removed, settings.kept_log_days)
    return removed


def end_step(settings: Settings, run_id: str) -> None:
    """Give the warehouse back."""
    lock.release(settings, run_id)


def _remove_older(folder: Path, oldest: float) -> int:
    removed = 0
    for parent, folders, files in os.walk(folder, topdown=False):
        for name in files:
            path = Path(parent) / name
            if path.lstat().st_mtime < oldest:
                path.unlink(missing_ok=True)
                removed += 1
        for name in folders:
            path = Path(parent) / name
            # a young empty folder may be about to get its first file
            if not path.is_symlink() and path.stat().st_mtime < oldest and not any(path.iterdir()):
                path.rmdir()
    return removed
