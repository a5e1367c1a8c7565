"""The deployment for real: PostgreSQL and the processes of docker-compose.yml, started without containers.

A HubSpot on loopback is extracted, loaded, built, validated and published by the real scheduler.
"""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from hubspot_simulator.api import HubSpot, serve
from sequence_warehouse.config.settings import Settings
from sequence_warehouse.runs import steps
from tests.dags.test_published_under_faults import copy_what_is_told, published_by_portal
from tests.dags.test_scheduler import wait_for
from tests.deployment import compose
from tests.deployment.stack import PROCESSES, Stack
from tests.support.projects import light_project
from tests.support.receivers import web_hook

pytestmark = [pytest.mark.slow, pytest.mark.clients]

TOKEN = "pat-na1-5d2e8a40-only-in-the-environment"
HOOK_SECRET = "very-secret"


@dataclass
class Deployment:
    """What runs: Airflow's processes, the HubSpot that they ask, and what their notifications were."""

    stack: Stack
    settings: Settings
    hubspot: HubSpot
    received: list[dict]
    processes: list[str] = field(default_factory=list)

    def extract(self, **conf: object) -> str:
        return self.stack.run("hubspot_extract", conf)


@pytest.fixture(scope="module")
def deployment(tmp_path_factory) -> Iterator[Deployment]:
    """Started, and the account extracted and published once."""
    folder = tmp_path_factory.mktemp("deployment")
    settings = Settings(folder / "landing", folder / "warehouse", light_project(folder / "project"))
    settings.landing.mkdir()
    with (
        web_hook() as (address, received),
        serve(enrollments=120, seed=3, token=TOKEN, requests_per_10s=190, searches_per_second=5) as hubspot,
    ):
        connection = {"conn_type": "http", "host": hubspot.base_url, "password": TOKEN}
        more = {
            "SEQUENCE_WAREHOUSE_PROJECT": str(settings.project),
            "SEQUENCE_WAREHOUSE_RETRIES": "0",
            "SEQUENCE_WAREHOUSE_CLAIM_SECONDS": "5",
            "SEQUENCE_WAREHOUSE_NOTIFY_URL": address,
            "SEQUENCE_WAREHOUSE_DEADLINE_HOURS": "0.001",
            # triggered here: the full hour may strike while this runs
            "SEQUENCE_WAREHOUSE_EXTRACT_SCHEDULE": "",
            "SEQUENCE_WAREHOUSE_SWEEP_SCHEDULE": "",
            "AIRFLOW_CONN_HUBSPOT_1001": json.dumps(connection),
        }
        with Stack(folder / "airflow", settings.landing, settings.warehouse, more) as stack:
            found = Deployment(stack, settings, hubspot, received)
            with _listing_processes(found.processes):
                variable = {"key": "sequence_warehouse_portals", "value": hubspot.portal}
                stack.call("/api/v2/variables", variable)
                assert found.extract() == "success", stack.logs()
                assert stack.wait_for_new_run("sequence_warehouse") == "success", stack.logs()
                yield found
        assert all(child.poll() is not None for child in stack.children.values())


def test_what_the_schedule_publishes_is_what_the_served_files_publish(deployment, tmp_path):
    landing = tmp_path / "landing"
    copy_what_is_told(deployment.hubspot.landing, landing)
    served = replace(deployment.settings, landing=landing, warehouse=tmp_path / "served")
    for name in ("load", "build", "publish"):
        getattr(steps, f"{name}_step")(served, "served")
    expected = published_by_portal(served)
    assert expected["reports.step_funnel"]["1001"] and expected["reports.reconciliation"]["1001"]
    found = published_by_portal(deployment.settings)
    for table, rows in expected.items():
        assert found[table] == rows, table
    health_checks_pass(deployment.stack)


def test_while_a_run_uses_the_warehouse_another_one_waits(deployment):
    stack, settings = deployment.stack, deployment.settings
    first = published_by_portal(settings)
    backfill = stack.trigger("sequence_warehouse_backfill", {"full_refresh": "facts"})
    wait_for(lambda: stack.tasks("sequence_warehouse_backfill", backfill)["load"] == "success", 180)
    maintenance = stack.trigger("sequence_warehouse_maintenance")
    wait_for(lambda: is_waiting(stack, maintenance), 90)
    assert stack.wait("sequence_warehouse_backfill", backfill) == "success", stack.logs()
    assert stack.wait("sequence_warehouse_maintenance", maintenance) == "success", stack.logs()
    assert published_by_portal(settings) == first
    assert not (settings.warehouse / "lock.json").exists()


def test_who_fails_or_is_late_is_told_and_no_secret_is_shown_anywhere(deployment):
    stack, received = deployment.stack, deployment.received
    # of a second account, whose token is kept by Airflow and refused by HubSpot
    wrong = TOKEN.replace("only-in-the-environment", "kept-by-airflow")
    connection = {"connection_id": "hubspot_77", "conn_type": "http", "password": wrong}
    stack.call("/api/v2/connections", {**connection, "host": deployment.hubspot.base_url})
    assert deployment.extract(portals=["77"], streams=["owners"]) == "failed"
    wait_for(lambda: {"run_failed", "deadline_missed"} <= {item["event"] for item in received}, 90)
    failed = next(item for item in received if item["event"] == "run_failed")
    assert failed["text"].startswith("hubspot_extract failed: ")
    assert {item["dag_id"] for item in received if item["event"] == "deadline_missed"} <= {
        "hubspot_extract",
        "sequence_warehouse",
        "sequence_warehouse_backfill",
        "sequence_warehouse_maintenance",
    }

    pages = stack.pages()
    assert "put a valid one into the connection hubspot_77" in pages, "a person reads what to mend"
    database = (stack.variables["POSTGRES_PASSWORD"], stack.variables["ADMIN_PASSWORD"])
    assert deployment.processes and any("airflow" in listing for listing in deployment.processes)
    texts = {"pages": pages, "processes": "".join(deployment.processes), "told": json.dumps(received)}
    folders = (stack.folder / "airflow", deployment.settings.landing, deployment.settings.warehouse)
    for secret in (TOKEN, wrong, HOOK_SECRET, *database):
        assert [name for name, text in texts.items() if secret in text] == []
        if secret != database[1]:  # Airflow's accounts lie in the file that it asks for
            assert [str(path) for path in files(*folders) if secret.encode() in path.read_bytes()] == []
        assert [path for path in stack.folder.glob("*.log") if secret in path.read_text()] == []


def files(*folders: Path) -> Iterator[Path]:
    for folder in folders:
        yield from (path for path in folder.rglob("*") if path.is_file())


class _listing_processes:
    """Every process with all its arguments, again and again, as any user of the machine sees them."""

    def __init__(self, listings: list[str]) -> None:
        self._listings = listings
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._list)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *error: object) -> None:
        self._over.set()
        self._thread.join()

    def _list(self) -> None:
        while not self._over.wait(0.5):
            listed = subprocess.run(["ps", "axww", "-o", "args"], capture_output=True, text=True)
            self._listings.append(listed.stdout)


def is_waiting(stack: Stack, maintenance: str) -> bool:
    return stack.tasks("sequence_warehouse_maintenance", maintenance)["acquire_lock"] in {
        "up_for_reschedule",
        "up_for_retry",
    }


def health_checks_pass(stack: Stack) -> None:
    """The health checks of the file, run as they are."""
    for name in PROCESSES:
        service = stack.services[name]
        kind, *check = service["healthcheck"]["test"]
        command, environment = compose.native({**service, "command": check}, stack.places)
        if kind == "CMD-SHELL":
            command = ["sh", "-c", *command]
        done = subprocess.run(
            command, env=environment | stack.more, cwd=stack.folder, capture_output=True, text=True
        )
        assert done.returncode == 0, json.dumps([name, done.stdout, done.stderr], indent=1)
