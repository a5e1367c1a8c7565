"""The extraction's DAGs: exact tasks and edges, the command, and a token that nobody can find afterwards."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sequence_warehouse import console
from sequence_warehouse.hubspot_sim import serve
from sequence_warehouse.settings import PROJECT
from tests.hubspot.conftest import records

TOKEN = "pat-na1-7b0c1f9e-never-to-be-found"
EDGES = {
    "plan": {"extract", "announce"},
    "extract": {"announce", "report"},
    "announce": set(),
    "report": set(),
}


@pytest.mark.parametrize("variable", ["EXTRACT", "SWEEP"])
def test_the_tasks_and_edges_are_these(airflow_home, variable):
    dag = console.load_dag("hubspot_extract_dag.py", variable)
    assert {task.task_id: task.downstream_task_ids for task in dag.tasks} == EDGES
    assert dag.max_active_runs == 1
    assert [asset.name for asset in dag.get_task("announce").outlets] == ["hubspot_landing"]


def test_the_landing_schedules_the_warehouse(airflow_home):
    dag = console.load_dag("sequence_warehouse_dag.py", "DAG")
    assert [asset.name for asset in dag.schedule] == ["hubspot_landing"]


def run_extract(
    landing: Path, home: Path, base_url: str, token: str, while_running=lambda: None, streams: str = ""
):
    variables = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AIRFLOW", "SEQUENCE_WAREHOUSE_", "HUBSPOT_"))
    }
    variables |= {"SEQUENCE_WAREHOUSE_AIRFLOW_HOME": str(home), "HUBSPOT_BASE_URL": base_url}
    if streams:
        variables["SEQUENCE_WAREHOUSE_HUBSPOT_STREAMS"] = streams
    if token:
        variables["HUBSPOT_TOKEN"] = token
    command = [sys.executable, "-m", "sequence_warehouse", "extract", "--landing", str(landing)]
    with subprocess.Popen(
        [*command, "--portal", "77"],
        cwd=PROJECT,
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        while process.poll() is None:
            while_running()
            time.sleep(0.3)
        return process.returncode, process.stdout.read()


def holders_of(token: str, *folders: Path) -> list[str]:
    """Files below the folders that hold the token, the database of Airflow among them."""
    return [
        str(path)
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file() and token.encode() in path.read_bytes()
    ]


@pytest.mark.slow
def test_the_command_extracts_fails_in_a_sentence_and_never_shows_the_token(airflow_home, tmp_path):
    landing, listings = tmp_path / "landing", []

    def look() -> None:
        # every process with all its arguments
        found = subprocess.run(["ps", "axww", "-o", "args"], capture_output=True, text=True)
        listings.append(found.stdout)

    with serve(enrollments=30, seed=2, token=TOKEN) as hubspot:
        status, shown = run_extract(landing, airflow_home, hubspot.base_url, TOKEN, look)
        assert status == 0, shown
        assert "contacts: " in shown and " records/s" in shown and shown.count("new of") == 1
        everything = records(hubspot.landing)
        assert sum(records(landing / "portal=77" / "..").values()) == sum(everything.values())

        hubspot.faults = "500@0.05,403/deals"
        status, failed = run_extract(landing, airflow_home, hubspot.base_url, TOKEN, look, "deals,owners")
        assert status == 1
        assert failed.strip().splitlines()[-1].startswith("error: The token of portal 77 may not read deals")
        assert "crm.objects.deals.read" in failed

        hubspot.faults = ""
        wrong = TOKEN[:-5] + "wrong"
        status, refused = run_extract(landing, airflow_home, hubspot.base_url, wrong, look)
        assert status == 1
        assert "refused the token of portal 77 (401)" in refused.strip().splitlines()[-1]

    status, missing = run_extract(landing, airflow_home, "http://127.0.0.1:9", "")
    assert status == 1
    last_line = missing.strip().splitlines()[-1]
    assert last_line.startswith("error: There is no token") and "HUBSPOT_TOKEN" in last_line

    assert listings and any("sequence_warehouse extract" in listing for listing in listings)
    for token in (TOKEN, wrong):
        assert not any(token in text for text in (shown, failed, refused, *listings))
        assert holders_of(token, landing, airflow_home) == []
