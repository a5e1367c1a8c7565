"""
### Sequence warehouse: maintenance

Every night: old publications go (`SEQUENCE_WAREHOUSE_KEPT_VERSIONS` stay), raw storage is read against its
inventory and what it has lost loaded again from the landing folder, many small loads become one folder
of raw storage (from `SEQUENCE_WAREHOUSE_MERGED_LOADS` of them), logs older than
`SEQUENCE_WAREHOUSE_KEPT_LOG_DAYS` days go.

Under the lock on the warehouse: it waits for a run that is going on, and the next run waits for it. No table
changes: what is merged are the files, not their rows.
"""

from __future__ import annotations

import os

from airflow.sdk import chain, dag, task, teardown

from sequence_warehouse.airflow.tasks import (
    CLAIM_ARGUMENTS,
    DEFAULT_ARGUMENTS,
    claim,
    deadline,
    run_maintenance,
    timeout,
)
from sequence_warehouse.runs import notify


@dag(
    dag_display_name="Sequence warehouse: maintenance",
    doc_md=__doc__,
    schedule=os.environ.get("SEQUENCE_WAREHOUSE_MAINTENANCE_SCHEDULE") or "40 3 * * *",
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULT_ARGUMENTS,
    on_failure_callback=notify.run_failed,
    dagrun_timeout=timeout("RUN", 24),
    deadline=deadline(hours=14),
    tags=["hubspot", "sequences"],
)
def sequence_warehouse_maintenance():
    @task.sensor(**CLAIM_ARGUMENTS)
    def claim_warehouse(run_id: str | None = None, ti=None) -> bool:
        """Wait until no other run uses the warehouse, then claim it for this one."""
        return claim(run_id, ti)

    @task
    def retention(run_id: str | None = None) -> None:
        """Remove old publications."""
        run_maintenance("retention_step", run_id)

    @task
    def verification(run_id: str | None = None) -> None:
        """Read raw storage and load again what is damaged."""
        run_maintenance("verification_step", run_id)

    @task
    def compaction(run_id: str | None = None) -> None:
        """Merge many small loads."""
        run_maintenance("compaction_step", run_id)

    @task
    def logs(run_id: str | None = None) -> None:
        """Remove old logs."""
        run_maintenance("logs_step", run_id)

    @teardown
    def end(run_id: str | None = None) -> None:
        """Give the warehouse back, whatever happened."""
        run_maintenance("end_step", run_id)

    steps = [claim_warehouse(), retention(), verification(), compaction(), logs()]
    chain(*steps)
    steps >> end()


DAG = sequence_warehouse_maintenance()
