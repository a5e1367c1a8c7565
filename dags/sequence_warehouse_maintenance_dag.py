"""
### Sequence warehouse: maintenance

Every night:

* remove old publications, keeping `SEQUENCE_WAREHOUSE_KEPT_VERSIONS`;
* verify raw storage against its inventory, and load what is lost again from the landing folder;
* merge many small loads into one folder of raw storage, from `SEQUENCE_WAREHOUSE_MERGED_LOADS` of them on;
* remove logs older than `SEQUENCE_WAREHOUSE_KEPT_LOG_DAYS` days.

It holds the lock on the warehouse: it waits for an active run, and the next run waits for it. No table
changes: files are merged, not rows.
"""

from __future__ import annotations

from airflow.sdk import chain, dag, task, teardown

from sequence_warehouse.airflow import warehouse_tasks as tasks
from sequence_warehouse.airflow.dag_arguments import DagArguments
from sequence_warehouse.runs import notify

ARGUMENTS = DagArguments()


@dag(
    dag_display_name="Sequence warehouse: maintenance",
    doc_md=__doc__,
    schedule=ARGUMENTS.settings.maintenance_schedule or None,
    catchup=False,
    max_active_runs=1,
    default_args=ARGUMENTS.of_writers(),
    on_failure_callback=notify.run_failed,
    dagrun_timeout=ARGUMENTS.run_timeout(24),
    deadline=ARGUMENTS.deadline(hours=14),
    tags=["hubspot", "sequences"],
)
def sequence_warehouse_maintenance():
    @task.sensor(**ARGUMENTS.of_lock())
    def acquire_lock(run_id: str | None = None, ti=None) -> bool:
        """Wait until no other run uses the warehouse, then lock it for this one."""
        return tasks.acquire_lock(run_id, ti)

    @task
    def retention(run_id: str | None = None) -> None:
        """Remove old publications."""
        tasks.remove_old_publications(run_id)

    @task
    def verification(run_id: str | None = None) -> None:
        """Read raw storage and load again what is damaged."""
        tasks.verify_raw(run_id)

    @task
    def compaction(run_id: str | None = None) -> None:
        """Merge many small loads."""
        tasks.merge_small_loads(run_id)

    @task
    def logs(run_id: str | None = None) -> None:
        """Remove old logs."""
        tasks.remove_old_logs(run_id)

    @teardown
    def end(run_id: str | None = None) -> None:
        """Give the warehouse back, whatever happened."""
        tasks.end_maintenance(run_id)

    steps = [acquire_lock(), retention(), verification(), compaction(), logs()]
    chain(*steps)
    steps >> end()


DAG = sequence_warehouse_maintenance()
