"""One run at a time in a warehouse, from load to publication, whoever started it.

The lock is a small file that names its owner. A run started by hand is one process: when that process
is gone, so is its claim. A scheduled run is many processes, but Airflow runs one of each DAG at a time, so
a newer scheduled run may take over from an older one of its DAG that was cut off; from one of another DAG
when Airflow says that it is over.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sequence_warehouse.config.errors import UserError
from sequence_warehouse.config.settings import Settings
from sequence_warehouse.storage import durable
from sequence_warehouse.storage.layout import LOCK_FILE

log = logging.getLogger(__name__)

# A run that claims to have begun longer ago was cut off where nobody could notice.
_LONGEST_RUN = timedelta(hours=24)

# Set by whoever runs the DAG in one process: the process that lives as long as the run does.
PROCESS_VARIABLE = "SEQUENCE_WAREHOUSE_RUN_PROCESS"
# Set by Airflow in the process of a task.
_DAG_VARIABLE = "AIRFLOW_CTX_DAG_ID"


@dataclass(frozen=True)
class Owner:
    """Who holds the warehouse. process: None for a run under a scheduler."""

    run_id: str
    since: str
    host: str
    process: int | None
    process_start: str | None
    dag_id: str | None = None

    @classmethod
    def of_this_run(cls, run_id: str) -> Owner:
        process = int(os.environ.get(PROCESS_VARIABLE, "0")) or None
        return cls(
            run_id=run_id,
            since=datetime.now(UTC).isoformat(timespec="seconds"),
            host=os.uname().nodename,
            process=process,
            process_start=_process_start(process) if process else None,
            dag_id=None if process else os.environ.get(_DAG_VARIABLE),
        )

    def is_same_run(self, other: Owner) -> bool:
        return (self.dag_id, self.run_id) == (other.dag_id, other.run_id)

    def gives_way_to(self, other: Owner) -> bool:
        """Whether ``other`` may take the lock: it is the same run, or this one cannot be alive."""
        if self.is_same_run(other):
            return True
        if datetime.now(UTC) - datetime.fromisoformat(self.since) > _LONGEST_RUN:
            return True
        if self.process is None:
            return other.process is None and self.dag_id == other.dag_id
        return self.host == other.host and _process_start(self.process) != self.process_start


def acquire(
    settings: Settings, run_id: str, is_over: Callable[[str, str], bool] = lambda dag_id, run_id: False
) -> None:
    """Claim the warehouse for a run, again and again if need be. Raises UserError after lock_wait.

    is_over: whether a scheduled run of another DAG (its id, the run's) has ended without giving it back.
    """
    me = Owner.of_this_run(run_id)
    deadline = time.monotonic() + settings.lock_wait
    waiting = False
    while True:
        with _mutex(settings.warehouse):
            owner = _read(settings.warehouse)
            if (
                owner is None
                or owner.gives_way_to(me)
                or (owner.dag_id and is_over(owner.dag_id, owner.run_id))
            ):
                if owner is None or not owner.is_same_run(me):
                    durable.write(_path(settings.warehouse), json.dumps(asdict(me)))
                return
        if time.monotonic() >= deadline:
            raise UserError(
                f"Another run ({owner.run_id}, since {owner.since}) is using the warehouse "
                f"{settings.warehouse}: wait until it has ended, or stop it; if it was cut off on "
                f"another machine, remove {_path(settings.warehouse)}."
            )
        if not waiting:
            log.info("waiting for run %s, which is using the warehouse", owner.run_id)
            waiting = True
        time.sleep(0.5)


def release(settings: Settings, run_id: str) -> None:
    """Give the warehouse back, if this run holds it."""
    me = Owner.of_this_run(run_id)
    with _mutex(settings.warehouse):
        owner = _read(settings.warehouse)
        if owner is not None and owner.is_same_run(me):
            _path(settings.warehouse).unlink()


def _path(warehouse: Path) -> Path:
    return warehouse / LOCK_FILE


def _read(warehouse: Path) -> Owner | None:
    try:
        owner = Owner(**json.loads(_path(warehouse).read_text()))
        is_readable = datetime.fromisoformat(owner.since).tzinfo is not None
        return owner if is_readable and isinstance(owner.process, int | None) else None
    except FileNotFoundError:
        return None
    except (ValueError, TypeError):
        return None  # of another version, or damaged: it cannot tell who holds the warehouse


@contextmanager
def _mutex(warehouse: Path) -> Iterator[None]:
    warehouse.mkdir(parents=True, exist_ok=True)
    with (warehouse / ".lock").open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def _process_start(process: int) -> str | None:
    """A mark that a process id keeps until it is given to another process; None when it is gone."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[19]
    except OSError:
        pass
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        pass
    return "alive"
