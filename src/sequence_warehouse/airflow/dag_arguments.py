"""What all DAGs have in common: the pool, retries, and when a task or a run has taken too long.

DAG files import this every few seconds: nothing heavy at the top.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import DeadlineAlert, DeadlineReference, SyncCallback

from sequence_warehouse.config.settings import Settings
from sequence_warehouse.runs import notify

# one slot, because DuckDB has one writer; docker-compose.yml makes it too
POOL = "duckdb_writer"
OWNER = "sequence_warehouse"
TASK_HOURS = 6


class DagArguments:
    """Arguments of one DAG file, by the settings at the time when it is parsed."""

    def __init__(self) -> None:
        settings = Settings.from_environment()
        self.settings = settings.airflow
        self._notify = settings.notify

    def task_timeout(self) -> timedelta | None:
        """How long a task may take before Airflow ends it and tries again; None for ever."""
        return _hours(self.settings.task_hours, TASK_HOURS)

    def run_timeout(self, hours: float) -> timedelta | None:
        """How long a run may take before Airflow ends it; None for ever."""
        return _hours(self.settings.run_hours, hours)

    def deadline(self, hours: float) -> DeadlineAlert | None:
        """An alert for a run that takes longer than so many hours; None when nobody is to be told."""
        after = _hours(self.settings.deadline_hours, hours)
        if after is None or not notify.is_configured(self._notify):
            return None
        return DeadlineAlert(
            name="not ended in time",
            reference=DeadlineReference.DAGRUN_QUEUED_AT,
            interval=after,
            callback=SyncCallback(f"{notify.__name__}.{notify.deadline_missed.__name__}"),
        )

    def of_writers(self) -> dict[str, Any]:
        """Default arguments of the tasks that write the warehouse."""
        return {
            "owner": OWNER,
            "pool": POOL,
            "retries": self.settings.retries,
            "retry_delay": timedelta(seconds=30),
            "execution_timeout": self.task_timeout(),
        }

    def of_lock(self) -> dict[str, Any]:
        """Arguments of the sensor that waits for the lock, outside the pool.

        In the pool a waiting run would keep the running one from its slot.
        """
        return {
            "pool": "default_pool",
            "mode": "reschedule",
            "poke_interval": self.settings.lock_poll_seconds,
            "timeout": timedelta(hours=12).total_seconds(),
            # on a busy machine Airflow 3.3 may take the end of the last question for that of the next one,
            # still queued, and fail the task; asking once more does no harm
            "retries": 20,
            "retry_delay": timedelta(seconds=5),
        }


def _hours(setting: float | None, default: float) -> timedelta | None:
    hours = default if setting is None else setting
    return timedelta(hours=hours) if hours else None
