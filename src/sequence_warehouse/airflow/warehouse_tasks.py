"""The tasks of the warehouse's DAGs: the lock, the steps of a run, and those of the maintenance.

Importing this is cheap: DAG files are read every few seconds.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow.sdk.exceptions import AirflowFailException

from sequence_warehouse.airflow.task_errors import begin, final_user_errors
from sequence_warehouse.config.errors import UserError
from sequence_warehouse.config.settings import Settings

if TYPE_CHECKING:
    from sequence_warehouse.storage.records import RunRecord

log = logging.getLogger(__name__)


def acquire_lock(run_id: str, ti: Any) -> bool:
    """Take the lock on the warehouse for a run. False: another run has it, ask again later.

    A run by hand waits here, for as long as the settings say, and then fails in one sentence.
    """
    from sequence_warehouse.storage import lock

    settings = begin()
    record = _record(settings, run_id)
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


def load(run_id: str, full_refresh: bool | None = None, refresh_facts: bool | None = None) -> bool:
    """Load what is new. False: nothing changed. A refresh that is asked for is another reason to go on."""
    from sequence_warehouse.runs import steps

    is_changed: bool = _run(steps.load_step, run_id, full_refresh, refresh_facts)
    return is_changed


def validate_raw(run_id: str) -> None:
    from sequence_warehouse.runs import steps

    _run(steps.validate_raw_step, run_id)


def build(run_id: str, full_refresh: bool | None = None, refresh_facts: bool | None = None) -> None:
    from sequence_warehouse.runs import steps

    _run(steps.build_step, run_id, full_refresh, refresh_facts)


def validate_marts(run_id: str) -> None:
    from sequence_warehouse.runs import steps

    _run(steps.validate_marts_step, run_id)


def publish(run_id: str) -> None:
    from sequence_warehouse.runs import steps

    _run(steps.publish_step, run_id)


def end(run_id: str) -> None:
    from sequence_warehouse.runs import steps

    _run(steps.end_step, run_id, keeps_message=True)


def remove_old_publications(run_id: str) -> None:
    from sequence_warehouse.runs import maintenance

    _maintain(maintenance.retention_step, run_id)


def verify_raw(run_id: str) -> None:
    from sequence_warehouse.runs import maintenance

    _maintain(maintenance.verification_step, run_id)


def merge_small_loads(run_id: str) -> None:
    from sequence_warehouse.runs import maintenance

    _maintain(maintenance.compaction_step, run_id)


def remove_old_logs(run_id: str) -> None:
    from airflow.sdk.configuration import conf

    from sequence_warehouse.runs import maintenance

    _maintain(maintenance.logs_step, run_id, Path(conf.get("logging", "base_log_folder")))


def end_maintenance(run_id: str) -> None:
    from sequence_warehouse.runs import maintenance

    _maintain(maintenance.end_step, run_id)


def _run(
    step: Callable[[Settings, str], Any],
    run_id: str,
    full_refresh: bool | None = None,
    refresh_facts: bool | None = None,
    keeps_message: bool = False,
) -> Any:
    """Run a step; why it fails is written down. keeps_message: that of a step before this one, too."""
    settings = begin()
    asked: dict[str, Any] = {"full_refresh": full_refresh, "refresh_facts": refresh_facts}
    settings = replace(settings, **{name: value for name, value in asked.items() if value is not None})
    record = _record(settings, run_id)
    try:
        with final_user_errors():
            result = step(settings, run_id)
        if record.content.get("message") and not keeps_message:
            record.update(message=None)  # of an attempt before this one
        return result
    except AirflowFailException as error:
        record.update(message=str(error))
        raise
    except Exception as error:
        first_line = str(error).strip().split("\n")[0]
        record.update(message=f"{step.__name__}: {type(error).__name__}: {first_line}")
        raise


def _maintain(step: Callable[..., Any], run_id: str, *more: Any) -> Any:
    settings = begin()
    with final_user_errors():
        return step(settings, run_id, *more)


def _record(settings: Settings, run_id: str) -> RunRecord:
    from sequence_warehouse.storage.records import RunRecord

    return RunRecord(settings, run_id)


def _is_over(ti: Any) -> Callable[[str, str], bool]:
    def is_over(dag_id: str, run_id: str) -> bool:
        try:
            return str(ti.get_dagrun_state(dag_id, run_id)) in {"success", "failed"}
        except Exception as error:
            log.info("Airflow does not know run %s of %s: %s", run_id, dag_id, error)
            return False

    return is_over
