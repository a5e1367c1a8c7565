"""What a run and its tasks have done so far; when they end, it becomes rows of the history.

A task that is running stands in its run's record. Whatever ends it, its row is written: by itself when
it succeeds or fails, by the next task of its run or by the next run when it was cut off (``interrupted``).
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sequence_warehouse.config.errors import UserError
from sequence_warehouse.config.settings import Settings
from sequence_warehouse.storage import durable, history

log = logging.getLogger(__name__)


@contextmanager
def task(settings: Settings, run_id: str, name: str) -> Iterator[dict[str, object]]:
    """Record an attempt at a task, however it ends; yields its row, to which ``rows`` may be added."""
    record = RunRecord(settings, run_id)
    close_task(settings, record)
    attempts = record.content.get("attempts", {})
    attempts[name] = attempts.get(name, 0) + 1
    row: dict[str, object] = {
        "run_id": run_id,
        "task": name,
        "attempt": attempts[name],
        "started_at": now(),
    }
    record.update(attempts=attempts, running=row)
    try:
        yield row
    except BaseException as error:  # a signal that ends the process is a failed task, too
        first_line = str(error).strip().split("\n")[0]
        message = str(error) if isinstance(error, UserError) else f"{type(error).__name__}: {first_line}"
        _write(settings, record, finished(row, "failed", message))
        raise
    _write(settings, record, finished(row))


def finished(
    row: dict[str, object], outcome: str = "succeeded", message: str | None = None
) -> dict[str, Any]:
    """The row of a task that ends now."""
    ended_at = now()
    return {
        **row,
        "ended_at": ended_at,
        "seconds": seconds_between(row["started_at"], ended_at),
        "outcome": outcome,
        "message": message,
    }


def ended(run: dict[str, object]) -> dict[str, object]:
    """The row of a run that ends now."""
    ended_at = now()
    return {**run, "ended_at": ended_at, "seconds": seconds_between(run.get("started_at"), ended_at)}


def close_task(settings: Settings, record: RunRecord) -> None:
    """Write the row of a task that was cut off: nobody knows when it ended."""
    row = record.content.get("running")
    if row:
        message = "the process ended without a word, as when it is killed"
        _write(settings, record, {**row, "outcome": "interrupted", "message": message})


def close_cut_off_runs(settings: Settings, run_id: str) -> None:
    """Write the rows of earlier runs that never ended; the caller holds the warehouse, so they are gone.

    One that goes on nevertheless says so in the end: the last to speak of an outcome wins.
    """
    for path in sorted(_folder(settings).glob("*.json")):
        content = _read(path)
        if content is None:
            path.replace(path.with_name(f"{path.name}.damaged"))
            log.warning("The record of a run, %s, cannot be read: it is set aside.", path)
            continue
        other = content.get("run_id")
        if other is None or other == run_id or "started_at" not in content or "outcome" in content:
            continue
        record = RunRecord(settings, other)
        close_task(settings, record)
        if not content.get("is_cut_off"):
            record.update(is_cut_off=True)
            history.append(
                settings, "runs", other, [{**record.row("interrupted"), "ended_at": None, "seconds": None}]
            )


class RunRecord:
    """What a run has done so far, as a small JSON file that its steps add to."""

    def __init__(self, settings: Settings, run_id: str) -> None:
        self._settings = settings
        self.run_id = run_id
        safe = "".join(letter if letter.isalnum() else "_" for letter in run_id)
        self._path = _folder(settings) / f"{safe}.json"

    @property
    def content(self) -> dict[str, Any]:
        """What is known of the run; empty when it has not begun or its record cannot be read."""
        return _read(self._path) or {}

    def update(self, **items: object) -> None:
        content = {"run_id": self.run_id, **self.content, **items}
        durable.write(self._path, json.dumps(content, default=str, indent=1))

    def write_history(self, outcome: str) -> None:
        history.append(self._settings, "runs", self.run_id, [self.row(outcome)])

    def row(self, outcome: str) -> dict[str, object]:
        """The run as a row of ``ops.runs``."""
        content = self.content
        loaded = content.get("load", {})
        ended_at = content.get("ended_at", now())
        return {
            "run_id": self.run_id,
            "started_at": content.get("started_at"),
            "ended_at": ended_at,
            "seconds": seconds_between(content.get("started_at"), ended_at),
            "outcome": outcome,
            "load_id": loaded.get("load_id"),
            "files_loaded": loaded.get("files_loaded"),
            "events": loaded.get("events"),
            "objects": loaded.get("objects"),
            "rejected_records": loaded.get("rejected"),
            "full_refresh": content.get("full_refresh"),
            "version": content.get("version"),
            "message": content.get("message"),
        }


def seconds_between(started_at: object, ended_at: object) -> float | None:
    """Seconds between two times in ISO 8601; None when one is not known."""
    if not started_at or not ended_at:
        return None
    span = datetime.fromisoformat(str(ended_at)) - datetime.fromisoformat(str(started_at))
    return round(span.total_seconds(), 3)


def now() -> str:
    return datetime.now(UTC).isoformat()


def _read(path: Path) -> dict[str, Any] | None:
    """The content of a record, empty when there is none; None when it cannot be read."""
    try:
        content = json.loads(path.read_text())
        if not isinstance(content, dict):
            return None
        kinds = {"attempts": dict, "running": dict, "load": dict, "validations": dict, "run_id": str}
        wrong = any(not isinstance(content.get(name) or kind(), kind) for name, kind in kinds.items())
        return None if wrong else content
    except FileNotFoundError:
        return {}
    except ValueError:
        return None


def _folder(settings: Settings) -> Path:
    return settings.work / "runs"


def _write(settings: Settings, record: RunRecord, row: dict[str, object]) -> None:
    name = f"{row['run_id']}-{row['task']}-{row['attempt']}"
    history.append(settings, "task_results", name, [row])
    record.update(running=None)
