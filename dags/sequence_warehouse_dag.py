"""
### Sequence warehouse

Turns landed HubSpot sequence events into validated, published reports:
**load** new files → **validate raw** → **build** the dbt models → **validate marts** → **publish**.

* A run that finds nothing new stops after *load*: the publication stands.
* A failed border stops the run; the last good publication stays.
* DuckDB has one writer: one active run, one slot in the pool `duckdb_writer`, one lock on the warehouse.
* Rows and seconds of every task are in `ops.task_results`, those of every model in the log of *build* and in
  `ops.model_results`; expectations in `ops.validation_results` and in Data Docs.
* Settings come from the environment: `SEQUENCE_WAREHOUSE_LANDING`, `SEQUENCE_WAREHOUSE_HOME`,
  `SEQUENCE_WAREHOUSE_FULL_REFRESH`.
"""

from __future__ import annotations

import os
from datetime import timedelta

from airflow.sdk import Asset, chain, dag, task, teardown

PUBLICATION = Asset("sequence_warehouse_publication", uri="sequence-warehouse://published")


def step(name: str, run_id: str) -> bool | None:
    """Run one step of the job; what a user must mend is not tried again."""
    from airflow.sdk.exceptions import AirflowFailException

    from sequence_warehouse import steps
    from sequence_warehouse.settings import Settings, UserError

    settings = Settings.from_environment()
    try:
        return getattr(steps, name)(settings, run_id)
    except UserError as error:
        steps.RunRecord(settings, run_id).update(message=str(error))
        raise AirflowFailException(str(error)) from None
    except Exception as error:
        first_line = str(error).strip().split("\n")[0]
        steps.RunRecord(settings, run_id).update(message=f"{name}: {type(error).__name__}: {first_line}")
        raise


@dag(
    dag_display_name="Sequence warehouse",
    doc_md=__doc__,
    schedule=None,
    catchup=False,
    max_active_runs=1,
    default_args={
        "owner": "sequence_warehouse",
        "pool": "duckdb_writer",
        "retries": int(os.environ.get("SEQUENCE_WAREHOUSE_RETRIES", "2")),
        "retry_delay": timedelta(seconds=30),
    },
    tags=["hubspot", "sequences"],
)
def sequence_warehouse():
    @task.short_circuit
    def load(run_id: str | None = None) -> bool:
        """Load new, grown and changed files; go on only when something changed."""
        return step("load_step", run_id)

    @task
    def validate_raw(run_id: str | None = None) -> None:
        """Great Expectations over what was landed."""
        step("validate_raw_step", run_id)

    @task
    def build(run_id: str | None = None) -> None:
        """One dbt build of seeds, models and their tests."""
        step("build_step", run_id)

    @task
    def validate_marts(run_id: str | None = None) -> None:
        """Great Expectations over what is about to be published."""
        step("validate_marts_step", run_id)

    @task(outlets=[PUBLICATION])
    def publish(run_id: str | None = None) -> None:
        """Switch readers to the new version, all tables at once."""
        step("publish_step", run_id)

    # a teardown does not count for the run's state: a failed step stays a failed run
    @teardown
    def end(run_id: str | None = None) -> None:
        """Record the outcome and give the warehouse back, whatever happened."""
        step("end_step", run_id)

    steps = [load(), validate_raw(), build(), validate_marts(), publish()]
    chain(*steps)
    steps >> end()


DAG = sequence_warehouse()
