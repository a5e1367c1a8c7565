"""The DAG files: exact ids and edges first (an empty bag is green too), then how cheap they are."""

from __future__ import annotations

import json
import subprocess
import sys

from sequence_warehouse.settings import PROJECT

EDGES = {
    "load": {"validate_raw", "end"},
    "validate_raw": {"build", "end"},
    "build": {"validate_marts", "end"},
    "validate_marts": {"publish", "end"},
    "publish": {"end"},
    "end": set(),
}


def test_the_folder_holds_exactly_these_dags(airflow_home):
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(PROJECT / "dags")
    assert bag.import_errors == {}
    assert set(bag.dags) == {"sequence_warehouse", "hubspot_extract", "hubspot_extract_sweep"}


def test_the_tasks_and_edges_are_these(airflow_home):
    from tests.dags.conftest import load_dag

    dag = load_dag()
    assert {task.task_id: task.downstream_task_ids for task in dag.tasks} == EDGES


def test_one_run_one_writer_and_documentation(airflow_home):
    from tests.dags.conftest import load_dag

    dag = load_dag()
    assert dag.max_active_runs == 1
    assert {task.pool for task in dag.tasks} == {"duckdb_writer"}
    assert "Sequence warehouse" in dag.doc_md
    assert dag.get_task("end").is_teardown
    assert [asset.name for asset in dag.get_task("publish").outlets] == ["sequence_warehouse_publication"]


def test_importing_the_dag_file_imports_nothing_heavy(airflow_home):
    """Schedulers import DAG files every few seconds: airflow itself is all that may be loaded."""
    code = """
import json, sys, time
import airflow.sdk
before, started = set(sys.modules), time.process_time()
import hubspot_extract_dag, sequence_warehouse_dag
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
