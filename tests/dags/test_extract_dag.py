"""The extraction's DAGs: exact tasks and edges, the command, and a token that nobody can find afterwards."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hubspot_simulator.api import serve
from sequence_warehouse.airflow.in_process import load_dag
from sequence_warehouse.config.project import PROJECT
from sequence_warehouse.extract import Account, running
from sequence_warehouse.extract.connection import DEFAULT_URL
from sequence_warehouse.extract.errors import HubspotError
from sequence_warehouse.extract.state import StreamState
from sequence_warehouse.storage import lock, origin
from tests.extract.conftest import records
from tests.support.modes import open_to_others

TOKEN = "pat-na1-7b0c1f9e-never-to-be-found"
EDGES = {
    "plan": {"extract", "announce"},
    "extract": {"announce", "report"},
    "announce": set(),
    "report": set(),
}


@pytest.fixture
def extract_tasks(airflow_home):
    """Not imported before Airflow's home is set: it imports airflow, which reads its settings then."""
    from sequence_warehouse.airflow import extract_tasks

    return extract_tasks


@pytest.mark.parametrize("variable", ["EXTRACT", "SWEEP"])
def test_the_tasks_and_edges_are_these(airflow_home, variable):
    dag = load_dag("hubspot_extract_dag.py", variable)
    assert {task.task_id: task.downstream_task_ids for task in dag.tasks} == EDGES
    assert dag.max_active_runs == 1
    assert [asset.name for asset in dag.get_task("announce").outlets] == ["hubspot_landing"]


def test_the_landing_schedules_the_warehouse(airflow_home):
    dag = load_dag("sequence_warehouse_dag.py", "DAG")
    assert [asset.name for asset in dag.schedule] == ["hubspot_landing"]


def connection(token: str, url: str = "") -> str:
    return json.dumps({"conn_type": "http", "host": url, "password": token})


def test_a_portals_own_connection_goes_before_the_token_for_all(airflow_home, monkeypatch):
    monkeypatch.setenv("AIRFLOW_CONN_HUBSPOT_77", connection(" own\n", "https://eu.test/"))
    monkeypatch.setenv("AIRFLOW_CONN_HUBSPOT_DEFAULT", connection("default"))
    found = [Account.find(portal, {"HUBSPOT_TOKEN": "all"}) for portal in ("77", "78")]
    found.append(Account.find("78", {}))
    assert [account.token.reveal() for account in found] == ["own", "all", "default"]
    assert [account.base_url for account in found] == ["https://eu.test", DEFAULT_URL, DEFAULT_URL]


@pytest.fixture
def two_portals(airflow_home, monkeypatch, tmp_path):
    """Portal 77 of a served account, and 78, of which there is no token."""
    with serve(enrollments=20, seed=2, token=TOKEN) as hubspot:
        for name in ("HUBSPOT_TOKEN", "AIRFLOW_CONN_HUBSPOT_DEFAULT", lock.PROCESS_VARIABLE):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("AIRFLOW_CONN_HUBSPOT_77", connection(TOKEN, hubspot.base_url))
        monkeypatch.setenv("SEQUENCE_WAREHOUSE_PORTALS", "78,77")
        monkeypatch.setenv("SEQUENCE_WAREHOUSE_LANDING", str(tmp_path / "landing"))
        yield hubspot


def test_what_is_wrong_with_one_portal_or_scope_stops_no_other_stream(
    extract_tasks, two_portals, tmp_path, monkeypatch
):
    from airflow.sdk.exceptions import AirflowFailException

    planned = extract_tasks.plan({}, "run-1")
    assert {one["portal"] for one in planned} == {"77", "78"}
    two_portals.faults = "403/event-types"
    refused = extract_tasks.plan({}, "run-1")
    assert {"contacts", "deals", "sequences"} < {one["stream"] for one in refused if one["portal"] == "77"}
    assert "events/e_v2_sequence_step_executed" in {one["stream"] for one in refused}

    with pytest.raises(AirflowFailException, match="no token for portal 78"):
        extract_tasks.extract("78", "owners", run_id="run-1")
    assert extract_tasks.extract("77", "owners", run_id="run-1")["landed"] > 0
    landing = tmp_path / "landing"
    assert "no token for portal 78" in running.failure_of_run(landing, "run-1", "78")
    assert [one["outcome"] for one in running.summaries(landing, "run-1", "77")] == ["done", "failed"]

    monkeypatch.setenv("SEQUENCE_WAREHOUSE_PORTALS", "../79,77")
    planned = extract_tasks.plan({}, "run-2")
    assert [one["stream"] for one in planned if one["portal"] != "77"] == ["owners"]
    with pytest.raises(AirflowFailException, match=r"'\.\./79' is no portal: give the number"):
        extract_tasks.extract("../79", "owners", run_id="run-2")
    assert {path.name for path in tmp_path.rglob("portal=*")} == {
        "portal=77",
        "portal=78",
        "portal=%2E%2E%2F79",
    }


def test_a_report_counts_all_streams_and_names_the_skipped(extract_tasks, two_portals):
    two_portals.faults = "403/email-templates"
    summaries = [extract_tasks.extract("77", stream) for stream in ("owners", "templates")]
    found = extract_tasks.total(summaries)
    assert (found["streams"], found["skipped"]) == (2, ["77 templates"])
    assert found["landed"] == summaries[0]["landed"] > 0


def test_the_schedule_extracts_nothing_among_simulated_data(extract_tasks, two_portals, tmp_path):
    from airflow.sdk.exceptions import AirflowFailException

    origin.mark_simulated(tmp_path / "landing")
    with pytest.raises(AirflowFailException, match="holds simulated data: extract into a folder of its own"):
        extract_tasks.plan({}, "run-1")
    assert [path.name for path in (tmp_path / "landing").iterdir()] == ["_simulated"]


def test_an_hourly_run_leaves_a_stream_to_the_longer_run_that_has_it(
    extract_tasks, two_portals, tmp_path, monkeypatch
):
    from airflow.sdk.exceptions import AirflowSkipException

    monkeypatch.setattr(extract_tasks, "HOURLY_WAIT_SECONDS", 0.1)
    monkeypatch.setattr(extract_tasks, "LONGER_WAIT_SECONDS", 0.2)
    with StreamState(tmp_path / "landing" / "_state" / "portal=77", "owners"):
        with pytest.raises(AirflowSkipException, match="Another process is extracting owners"):
            extract_tasks.extract("77", "owners")
        with pytest.raises(HubspotError, match="Another process is extracting owners"):
            extract_tasks.extract("77", "owners", sweep=True)


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
        umask=0o022,
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
        assert open_to_others(landing) == [], "its state and its log too"
        everything = records(hubspot.landing)
        assert sum(records(landing / "portal=77" / "..").values()) == sum(everything.values())

        hubspot.faults = "500@0.05,403/deals"
        status, failed = run_extract(landing, airflow_home, hubspot.base_url, TOKEN, look, "deals,owners")
        assert status == 1
        assert failed.strip().splitlines()[-1].startswith("error: The token of portal 77 may not read deals")
        assert "crm.objects.deals.read" in failed

        hubspot.faults = (
            "403-plan/events/v3/events?eventType=e_visited_page,"
            "403/account-info,403/exchange-rates,403/email-templates"
        )
        streams = "events/e_visited_page,owners,accounts,exchange_rates,templates"
        status, told = run_extract(landing, airflow_home, hubspot.base_url, TOKEN, look, streams)
        assert status == 0, told
        (line,) = (one for one in told.splitlines() if one.startswith("events/e_visited_page (skipped): "))
        assert "subscription does not include" in line
        for stream in ("accounts", "exchange_rates", "templates"):
            (line,) = (one for one in told.splitlines() if one.startswith(f"{stream} (skipped): "))
            assert "403" in line
        assert "5 streams" in told.strip().splitlines()[-1]

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
        assert not any(token in text for text in (shown, failed, told, refused, *listings))
        assert holders_of(token, landing, airflow_home) == []
