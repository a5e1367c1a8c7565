"""
### Sequence warehouse

Turns landed HubSpot sequence events into validated, published reports:
**acquire lock** → **load** new files → **validate raw** → **build** the dbt models →
**validate marts** → **publish**.

* Runs after each `hubspot_extract`, or when triggered by hand; loads what is new in the landing folder.
* A run that finds nothing new stops after *load* and keeps the current publication.
* A failed validation stops the run; the last good publication stays.
* DuckDB has one writer: one active run, one slot in the pool `duckdb_writer`, one lock on the warehouse.
* `ops.task_results` has rows and seconds of every task, `ops.model_results` those of every model, and
  `ops.validation_results` and Data Docs the expectations.
* Settings come from the environment: `SEQUENCE_WAREHOUSE_LANDING`, `SEQUENCE_WAREHOUSE_HOME`,
  `SEQUENCE_WAREHOUSE_FULL_REFRESH`.
"""

from __future__ import annotations

from airflow.sdk import chain, dag, task, teardown

from sequence_warehouse.airflow import warehouse_tasks as tasks
from sequence_warehouse.airflow.assets import LANDING, PUBLICATION
from sequence_warehouse.airflow.dag_arguments import DagArguments
from sequence_warehouse.runs import notify

ARGUMENTS = DagArguments()


@dag(
    dag_display_name="Sequence warehouse",
    doc_md=__doc__,
    schedule=[LANDING],
    catchup=False,
    max_active_runs=1,
    default_args=ARGUMENTS.of_writers(),
    on_failure_callback=notify.run_failed,
    dagrun_timeout=ARGUMENTS.run_timeout(24),
    deadline=ARGUMENTS.deadline(hours=2),
    tags=["hubspot", "sequences"],
)
def sequence_warehouse():
    @task.sensor(**ARGUMENTS.of_lock())
    def acquire_lock(run_id: str | None = None, ti=None) -> bool:
        """Wait until no other run uses the warehouse, then lock it for this one."""
        return tasks.acquire_lock(run_id, ti)

    @task.short_circuit
    def load(run_id: str | None = None) -> bool:
        """Load new, grown and changed files; go on only when something changed."""
        return tasks.load(run_id)

    @task
    def validate_raw(run_id: str | None = None) -> None:
        """Great Expectations over what was landed."""
        tasks.validate_raw(run_id)

    @task
    def build(run_id: str | None = None) -> None:
        """One dbt build of seeds, models and their tests."""
        tasks.build(run_id)

    @task
    def validate_marts(run_id: str | None = None) -> None:
        """Great Expectations over what is about to be published."""
        tasks.validate_marts(run_id)

    @task(outlets=[PUBLICATION])
    def publish(run_id: str | None = None) -> None:
        """Switch readers to the new version, all tables at once."""
        tasks.publish(run_id)

    # a teardown does not count for the run's state: a failed step stays a failed run
    @teardown
    def end(run_id: str | None = None) -> None:
        """Record the outcome and give the warehouse back, whatever happened."""
        tasks.end(run_id)

    steps = [acquire_lock(), load(), validate_raw(), build(), validate_marts(), publish()]
    chain(*steps)
    steps >> end()


DAG = sequence_warehouse()
