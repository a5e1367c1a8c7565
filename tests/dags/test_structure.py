"""The DAG files: exact ids and edges first (an empty bag is green too), then how cheap they are."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import timedelta

import pytest

from sequence_warehouse.config.project import PROJECT

WRITERS = {"sequence_warehouse", "sequence_warehouse_backfill", "sequence_warehouse_maintenance"}
EXTRACTORS = {"hubspot_extract", "hubspot_extract_sweep"}
EDGES = {
    "acquire_lock": {"load", "end"},
    "load": {"validate_raw", "end"},
    "validate_raw": {"build", "end"},
    "build": {"validate_marts", "end"},
    "validate_marts": {"publish", "end"},
    "publish": {"end"},
    "end": set(),
}
BACKFILL_EDGES = {"plan": {"extract"}, "extract": {"acquire_lock"}, **EDGES}
MAINTENANCE_EDGES = {
    "acquire_lock": {"retention", "end"},
    "retention": {"verification", "end"},
    "verification": {"compaction", "end"},
    "compaction": {"logs", "end"},
    "logs": {"end"},
    "end": set(),
}
OUTSIDE_THE_POOL = {"acquire_lock", "plan", "extract"}


def test_the_folder_holds_exactly_these_dags_one_run_each_in_one_pool(airflow_home):
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(PROJECT / "dags")
    assert bag.import_errors == {}
    assert set(bag.dags) == WRITERS | EXTRACTORS
    assert {dag.max_active_runs for dag in bag.dags.values()} == {1}
    for dag in (bag.dags[name] for name in WRITERS):
        pools = {task.task_id: task.pool for task in dag.tasks if task.task_id not in OUTSIDE_THE_POOL}
        assert set(pools.values()) == {"duckdb_writer"}
        assert dag.get_task("end").is_teardown
        assert dag.get_task("acquire_lock").reschedule, "a run that waits must not keep a slot"
    backfill, maintenance = (bag.dags[f"sequence_warehouse_{name}"] for name in ("backfill", "maintenance"))
    assert {task.task_id: task.downstream_task_ids for task in backfill.tasks} == BACKFILL_EDGES
    assert {task.task_id: task.downstream_task_ids for task in maintenance.tasks} == MAINTENANCE_EDGES


def all_dags() -> dict:
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(PROJECT / "dags")
    assert bag.import_errors == {}
    return bag.dags


def test_every_task_and_every_run_ends_in_time_and_one_setting_says_when(airflow_home, monkeypatch):
    dags = all_dags()
    assert set(dags) == WRITERS | EXTRACTORS
    for dag in dags.values():
        longest = max(task.execution_timeout for task in dag.tasks)
        assert all(timedelta(0) < task.execution_timeout <= longest for task in dag.tasks)
        retries = min(task.retries for task in dag.tasks)
        assert longest * (retries + 1) <= dag.dagrun_timeout, "a task's own attempts fit into the run"
    for hours, expected in (("0.5", timedelta(minutes=30)), ("0", None)):
        monkeypatch.setenv("SEQUENCE_WAREHOUSE_TASK_HOURS", hours)
        monkeypatch.setenv("SEQUENCE_WAREHOUSE_RUN_HOURS", hours)
        for dag in all_dags().values():
            assert {dag.dagrun_timeout, *(task.execution_timeout for task in dag.tasks)} == {expected}


def test_the_deployment_makes_the_pool_that_the_tasks_run_in(airflow_home):
    from sequence_warehouse.airflow.dag_arguments import POOL

    assert f"airflow pools set {POOL} 1 " in (PROJECT / "docker-compose.yml").read_text()


def test_the_tasks_and_edges_are_these(airflow_home):
    from tests.dags.conftest import load_dag

    dag = load_dag()
    assert {task.task_id: task.downstream_task_ids for task in dag.tasks} == EDGES


def test_one_run_one_writer_and_documentation(airflow_home):
    from tests.dags.conftest import load_dag

    dag = load_dag()
    assert dag.max_active_runs == 1
    assert "Sequence warehouse" in dag.doc_md
    assert dag.get_task("end").is_teardown
    assert [asset.name for asset in dag.get_task("publish").outlets] == ["sequence_warehouse_publication"]


def test_importing_the_dag_files_imports_nothing_heavy(airflow_home):
    """Schedulers import DAG files every few seconds: airflow itself is all that may be loaded."""
    code = """
import json, sys, time
import airflow.sdk
before, started = set(sys.modules), time.process_time()
import hubspot_extract_dag, sequence_warehouse_backfill_dag, sequence_warehouse_dag
import sequence_warehouse_maintenance_dag
seconds = time.process_time() - started
print(json.dumps({"new": sorted(set(sys.modules) - before), "seconds": seconds}))
"""
    finished = subprocess.run(
        [sys.executable, "-c", code],
        cwd=PROJECT / "dags",
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(finished.stdout.splitlines()[-1])
    heavy = {"great_expectations", "pandas", "dbt", "duckdb", "numpy", "pyarrow", "hypothesis"}
    assert heavy.isdisjoint(name.split(".")[0] for name in found["new"])
    assert len(found["new"]) < 400, "the file itself must stay thin"


@pytest.mark.parametrize(
    "changes, error",
    [
        ({"portal": "1001"}, "needs its first day"),
        ({"portal": "1001", "from": "2026-02-01", "to": "2026-02-01"}, "ends .* before it begins"),
        ({"portal": "1001", "from": "1 February"}, None),
        ({"portal": "acme"}, None),
        ({"full_refresh": "some"}, None),
        ({"streams": "contacts"}, None),
    ],
)
def test_a_backfill_with_wrong_params_does_not_begin(airflow_home, changes, error):
    from airflow.dag_processing.dagbag import DagBag
    from airflow.sdk.exceptions import AirflowFailException

    from sequence_warehouse.airflow.extract_tasks import plan_window

    params = DagBag(PROJECT / "dags").dags["sequence_warehouse_backfill"].params
    if error is None:
        with pytest.raises(Exception, match="Invalid input for param"):
            params.update(changes)
        return
    params.update(changes)
    with pytest.raises(AirflowFailException, match=error):
        plan_window(params.validate())
