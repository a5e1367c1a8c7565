"""
### HubSpot extract

Extracts what is new in each HubSpot account into the landing folder: one mapped task per portal and stream
(`contacts`, `events/e_v2_sequence_step_executed`, …). Then the DAG `sequence_warehouse` runs.

* `hubspot_extract` runs hourly and looks back 72 hours; `hubspot_extract_sweep` runs at night, looks back
  30 days, lists every object, so that removed ones are noticed, and reads all links.
* Portals: the environment variable `SEQUENCE_WAREHOUSE_PORTALS` or the Airflow variable
  `sequence_warehouse_portals`, separated by commas. Without any, nothing is extracted.
* Token: the password of the connection `hubspot_<portal>` or `hubspot_default` (its host replaces
  HubSpot's address), or the environment variable `HUBSPOT_TOKEN`.
* Data that the account may lack (an event type, rates, templates) is skipped; the summary says so.
* A failed stream does not stop the others: what was landed is loaded, and the run is marked failed.
* A task ends after six hours, a run after a day (`SEQUENCE_WAREHOUSE_TASK_HOURS`, `…_RUN_HOURS`); a task that
  timed out is retried and resumes where it stopped.
* Schedules: `SEQUENCE_WAREHOUSE_EXTRACT_SCHEDULE`, `SEQUENCE_WAREHOUSE_SWEEP_SCHEDULE`; all other settings:
  `SEQUENCE_WAREHOUSE_HUBSPOT_…`, see `src/sequence_warehouse/extract/options.py`.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import Param, TriggerRule, dag, task

from sequence_warehouse.airflow.assets import LANDING
from sequence_warehouse.airflow.dag_arguments import OWNER, DagArguments
from sequence_warehouse.runs import notify

ARGUMENTS = DagArguments()


@task
def plan(params: dict | None = None, run_id: str | None = None) -> list[dict]:
    """Every stream of every portal; skipped when there is no portal to extract."""
    from sequence_warehouse.airflow import extract_tasks

    return extract_tasks.plan(params or {}, run_id or "")


@task(map_index_template="{{ task.op_kwargs['portal'] }} {{ task.op_kwargs['stream'] | truncate(200) }}")
def extract(portal: str, stream: str, sweep: bool, run_id: str | None = None) -> dict:
    """Land what is new of one stream; returns its counts."""
    from sequence_warehouse.airflow import extract_tasks

    return extract_tasks.extract(portal, stream, sweep, run_id or "")


@task(outlets=[LANDING], trigger_rule=TriggerRule.ALL_DONE)
def announce(planned: list[dict] | None) -> None:
    """Have the landing folder loaded, also when a stream failed: the others' files lie there."""
    from sequence_warehouse.airflow import extract_tasks

    extract_tasks.announce(planned)


@task
def report(summaries: list[dict]) -> dict:
    """The counts of all streams together; not reached when one of them failed, so that the run fails."""
    from sequence_warehouse.airflow import extract_tasks

    return extract_tasks.total(summaries)


def build(dag_id: str, schedule: str | None, sweep: bool):
    """The DAG that extracts by one schedule."""

    @dag(
        dag_id=dag_id,
        dag_display_name="HubSpot sweep" if sweep else "HubSpot extract",
        doc_md=__doc__,
        schedule=schedule,
        catchup=False,
        max_active_runs=1,
        params={
            "portals": Param([], type="array", items={"type": "string"}, description="empty: all"),
            "streams": Param([], type="array", items={"type": "string"}, description="empty: all"),
            "sweep": Param(
                sweep, type="boolean", description="look back 30 days instead of 72 hours, list every object"
            ),
        },
        default_args={
            "owner": OWNER,
            "retries": ARGUMENTS.settings.retries,
            "retry_delay": timedelta(minutes=2),
            # what is ended goes on in the next attempt: the first extraction of a large account too
            "execution_timeout": ARGUMENTS.task_timeout(),
        },
        on_failure_callback=notify.run_failed,
        dagrun_timeout=ARGUMENTS.run_timeout(24),
        # the first extraction of a large account takes longer: to be told so once is no harm
        deadline=ARGUMENTS.deadline(hours=12 if sweep else 2),
        tags=["hubspot", "extract"],
    )
    def extraction():
        planned = plan()
        extracted = extract.expand_kwargs(planned)
        extracted >> announce(planned)
        report(extracted)

    return extraction()


EXTRACT = build("hubspot_extract", ARGUMENTS.settings.extract_schedule or None, sweep=False)
SWEEP = build("hubspot_extract_sweep", ARGUMENTS.settings.sweep_schedule or None, sweep=True)
