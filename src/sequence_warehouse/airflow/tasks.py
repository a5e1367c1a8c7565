"""What the tasks of the DAGs call: a step of the job, the claim on the warehouse, and settings of all DAGs.

Importing this is cheap: DAG files are read every few seconds.
"""

from __future__ import annotations

import logging
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from airflow.sdk import DeadlineAlert, DeadlineReference, SyncCallback
from airflow.sdk.exceptions import AirflowFailException

from sequence_warehouse.config.errors import UserError
from sequence_warehouse.config.settings import Settings
from sequence_warehouse.runs import notify

log = logging.getLogger(__name__)

POOL = "duckdb_writer"


def timeout(of: str, hours: float) -> timedelta | None:
    """How long a TASK or a RUN may take at the most before Airflow ends it; None for ever.

    Every task and every run of every DAG has one, long enough for all that goes on: what it ends makes no
    progress. SEQUENCE_WAREHOUSE_TASK_HOURS and SEQUENCE_WAREHOUSE_RUN_HOURS overrule the hours of every DAG;
    0 is for none. A task that was ended is tried again and goes on where it was.
    """
    hours = float(os.environ.get(f"SEQUENCE_WAREHOUSE_{of}_HOURS") or hours)
    return timedelta(hours=hours) if hours else None


DEFAULT_ARGUMENTS = {
    "owner": "sequence_warehouse",
    "pool": POOL,
    "retries": int(os.environ.get("SEQUENCE_WAREHOUSE_RETRIES", "2")),
    "retry_delay": timedelta(seconds=30),
    "execution_timeout": timeout("TASK", 6),
}
# The claim waits outside the pool: a waiting run must not keep the running one from its slot.
CLAIM_ARGUMENTS = {
    "pool": "default_pool",
    "mode": "reschedule",
    "poke_interval": float(os.environ.get("SEQUENCE_WAREHOUSE_CLAIM_SECONDS") or 15),
    "timeout": timedelta(hours=12).total_seconds(),
    # on a busy machine Airflow 3.3 may take the end of the last question for that of the next one, still
    # queued, and fail the task; asking once more does no harm, and what cannot succeed is not retried
    "retries": 20,
    "retry_delay": timedelta(seconds=5),
}


def deadline(hours: float) -> DeadlineAlert | None:
    """An alert for a run that has not ended so long after it was queued; None when nobody is to be told.

    SEQUENCE_WAREHOUSE_DEADLINE_HOURS overrules the hours of every DAG; 0 is for none.
    """
    hours = float(os.environ.get("SEQUENCE_WAREHOUSE_DEADLINE_HOURS") or hours)
    if not hours or not notify.is_configured():
        return None
    return DeadlineAlert(
        name="not ended in time",
        reference=DeadlineReference.DAGRUN_QUEUED_AT,
        interval=timedelta(hours=hours),
        callback=SyncCallback("sequence_warehouse.runs.notify.deadline_missed"),
    )


def run_step(name: str, run_id: str, **changes: Any) -> Any:
    """Run a step of the job, with settings changed for this run; what a user must mend is not tried again."""
    from sequence_warehouse.runs import steps

    settings = replace(_begin(), **changes)
    record = steps.RunRecord(settings, run_id)
    try:
        result = getattr(steps, name)(settings, run_id)
        if record.content.get("message") and name != "end_step":
            record.update(message=None)  # of an attempt before this one
        return result
    except UserError as error:
        record.update(message=str(error))
        raise AirflowFailException(str(error)) from None
    except Exception as error:
        first_line = str(error).strip().split("\n")[0]
        record.update(message=f"{name}: {type(error).__name__}: {first_line}")
        raise


def claim(run_id: str, ti: Any) -> bool:
    """Claim the warehouse for a run. False: another one uses it, ask again later.

    A run by hand waits here, for as long as the settings say, and then fails in one sentence.
    """
    from sequence_warehouse.runs import steps
    from sequence_warehouse.storage import lock

    settings = _begin()
    record = steps.RunRecord(settings, run_id)
    is_by_hand = bool(os.environ.get(lock.PROCESS_VARIABLE))
    try:
        lock.acquire(settings if is_by_hand else replace(settings, lock_wait=0), run_id, _is_over(ti))
    except UserError as error:
        record.update(message=str(error))
        if is_by_hand:
            raise AirflowFailException(str(error)) from None
        log.info("%s", error)
        return False
    if record.content:
        record.update(message=None)
    return True


def run_maintenance(name: str, run_id: str) -> Any:
    """Run a step of the maintenance."""
    from airflow.sdk.configuration import conf

    from sequence_warehouse.runs import maintenance

    settings = _begin()
    more = (Path(conf.get("logging", "base_log_folder")),) if name == "logs_step" else ()
    try:
        return getattr(maintenance, name)(settings, run_id, *more)
    except UserError as error:
        raise AirflowFailException(str(error)) from None


def plan_window(params: Any) -> list[dict]:
    """What a backfill extracts, one item a stream: the arguments of `extract_window`. No portal: nothing."""
    portal, since, until = params["portal"], params["from"], params["to"]
    if not portal:
        log.info("no portal was named: nothing is extracted")
        return []
    if not since:
        raise AirflowFailException("A window needs its first day: give `from`, as in 2026-01-31.")
    if until and until <= since:
        raise AirflowFailException(f"The window ends ({until}) before it begins ({since}).")
    from sequence_warehouse.airflow import extract_tasks

    planned = extract_tasks.plan({"portals": [portal], "streams": list(params["streams"])})
    return [
        {"portal": item["portal"], "stream": item["stream"], "since": since, "until": until}
        for item in planned
    ]


def extract_window(portal: str, stream: str, since: str, until: str | None, run_id: str) -> Any:
    """Land one stream's records of a window of days; what is there already is loaded once only."""
    from sequence_warehouse.airflow import extract_tasks

    first, last = (datetime.fromisoformat(day).replace(tzinfo=UTC) if day else None for day in (since, until))
    return extract_tasks.extract(portal, stream, run_id=run_id, since=first, until=last)


def _begin() -> Settings:
    """The settings of a task, which from now on writes files for its user alone."""
    from sequence_warehouse.storage import permissions

    permissions.keep_private()
    try:
        return Settings.from_environment()
    except UserError as error:
        raise AirflowFailException(str(error)) from None


def _is_over(ti: Any):
    def is_over(dag_id: str, run_id: str) -> bool:
        try:
            return str(ti.get_dagrun_state(dag_id, run_id)) in {"success", "failed"}
        except Exception as error:
            log.info("Airflow does not know run %s of %s: %s", run_id, dag_id, error)
            return False

    return is_over
