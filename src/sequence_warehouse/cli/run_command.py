"""``sequence-warehouse run``: the main DAG over a landing folder, and what it did."""

from __future__ import annotations

import time

from sequence_warehouse import seeds
from sequence_warehouse.airflow.in_process import run_dag
from sequence_warehouse.cli.summary import print_summary
from sequence_warehouse.config.errors import UserError
from sequence_warehouse.config.settings import Settings
from sequence_warehouse.load.discovery import refuse_nothing
from sequence_warehouse.storage.records import RunRecord

DAG_FILE = "sequence_warehouse_dag.py"


def check(settings: Settings) -> None:
    """Raises UserError for what a run could not be begun with: a wrong seed, nothing to load."""
    seeds.check(settings.project / "seeds")
    refuse_nothing(settings)


def run(settings: Settings) -> None:
    """Run the DAG `sequence_warehouse` once, in this process. Raises UserError when it fails."""
    started = time.monotonic()
    print(f"Loading {settings.landing} into {settings.warehouse}", flush=True)
    log_file = settings.work / "logs" / "run.log"
    dag_run = run_dag(settings, DAG_FILE, "DAG", log_file, "sequence_warehouse.runs.steps")
    record = RunRecord(settings, dag_run.run_id).content
    if str(dag_run.state) != "success":
        raise UserError(f"{record.get('message') or 'A step of the run failed.'} (log: {log_file})")
    print_summary(settings, record)
    print(f"\n{time.monotonic() - started:.1f} s in all")
