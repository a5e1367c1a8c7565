"""
### Sequence warehouse: backfill

Triggered by hand only: pull a window of time from HubSpot again, rebuild the chosen models, publish.
**extract the window** → **acquire lock** → **load** → **validate raw** → **build** →
**validate marts** → **publish**.

* The extraction only adds files to the landing folder, so other runs may go on meanwhile. Once this run has
  the lock, runs of *Sequence warehouse* and of the maintenance wait, for twelve hours at the most.
* Without a portal nothing is extracted, only rebuilt.
* *Full refresh*: the facts refer to one another, so they are rebuilt together, with all that follows
  (`facts`), or with the staged records too (`all`). Every run rebuilds models that are not incremental.
"""

from __future__ import annotations

from airflow.sdk import Param, chain, dag, task, teardown

from sequence_warehouse.airflow import warehouse_tasks as tasks
from sequence_warehouse.airflow.assets import PUBLICATION
from sequence_warehouse.airflow.dag_arguments import DagArguments
from sequence_warehouse.runs import notify

ARGUMENTS = DagArguments()

DAY = {"type": ["null", "string"], "format": "date"}
PARAMS = {
    "portal": Param(
        None,
        type=["null", "string"],
        pattern=r"^[0-9]+$",
        title="HubSpot account",
        description="Its number; empty: extract nothing, only rebuild.",
    ),
    "streams": Param(
        [],
        type="array",
        items={"type": "string"},
        title="Streams",
        description="As in contacts, sequences, events/<event type>; one a line, none: all.",
    ),
    "from": Param(None, **DAY, title="From", description="First day of the window (UTC)."),
    "to": Param(None, **DAY, title="To", description="The day after the window (UTC); empty: until now."),
    "full_refresh": Param(
        "none",
        type="string",
        enum=["none", "facts", "all"],
        title="Full refresh",
        description="none; facts: every fact and report; all: the staged records too.",
    ),
}


def refreshed(params) -> dict[str, bool]:
    """The settings that a choice of models changes."""
    return {
        "full_refresh": params["full_refresh"] == "all",
        "refresh_facts": params["full_refresh"] == "facts",
    }


@dag(
    dag_display_name="Sequence warehouse: backfill",
    doc_md=__doc__,
    schedule=None,
    catchup=False,
    max_active_runs=1,
    params=PARAMS,
    default_args=ARGUMENTS.of_writers(),
    on_failure_callback=notify.run_failed,
    dagrun_timeout=ARGUMENTS.run_timeout(72),
    deadline=ARGUMENTS.deadline(hours=24),
    tags=["hubspot", "sequences"],
)
def sequence_warehouse_backfill():
    # not in the pool: hours of extraction must not keep the hourly runs from the warehouse
    @task(pool="default_pool")
    def plan(params=None) -> list[dict]:
        """Every stream that the window is extracted of; none without a portal."""
        from sequence_warehouse.airflow import extract_tasks

        return extract_tasks.plan_window(params)

    @task(pool="default_pool", map_index_template="{{ task.op_kwargs['stream'] | truncate(200) }}")
    def extract(portal: str, stream: str, since: str, until: str | None, run_id: str | None = None) -> dict:
        """Land the window of one stream; what is there already is loaded once only."""
        from sequence_warehouse.airflow import extract_tasks

        return extract_tasks.extract_window(portal, stream, since, until, run_id or "")

    # nothing to extract is no reason not to rebuild; a stream that failed is one
    @task.sensor(**ARGUMENTS.of_lock(), trigger_rule="none_failed")
    def acquire_lock(run_id: str | None = None, ti=None) -> bool:
        """Wait until no other run uses the warehouse, then lock it for this one."""
        return tasks.acquire_lock(run_id, ti)

    @task.short_circuit
    def load(run_id: str | None = None, params=None) -> bool:
        """Load what is new; go on when something changed or a refresh is asked for."""
        return tasks.load(run_id, **refreshed(params))

    @task
    def validate_raw(run_id: str | None = None) -> None:
        """Great Expectations over what was landed."""
        tasks.validate_raw(run_id)

    @task
    def build(run_id: str | None = None, params=None) -> None:
        """dbt, with the refresh that is asked for."""
        tasks.build(run_id, **refreshed(params))

    @task
    def validate_marts(run_id: str | None = None) -> None:
        """Great Expectations over what is about to be published."""
        tasks.validate_marts(run_id)

    @task(outlets=[PUBLICATION])
    def publish(run_id: str | None = None) -> None:
        """Switch readers to the new version, all tables at once."""
        tasks.publish(run_id)

    @teardown
    def end(run_id: str | None = None) -> None:
        """Record the outcome and give the warehouse back, whatever happened."""
        tasks.end(run_id)

    steps = [acquire_lock(), load(), validate_raw(), build(), validate_marts(), publish()]
    extract.expand_kwargs(plan()) >> steps[0]
    chain(*steps)
    steps >> end()


DAG = sequence_warehouse_backfill()
