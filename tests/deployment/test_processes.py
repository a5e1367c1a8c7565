"""The deployment for real: PostgreSQL and the processes of docker-compose.yml, started without containers."""

from __future__ import annotations

import json
import subprocess

import pytest

from sequence_warehouse.settings import Settings
from sequence_warehouse.simulator import simulate
from tests.dags.test_dag_run import published_tables
from tests.dags.test_scheduler import wait_for
from tests.deployment import compose
from tests.deployment.stack import PROCESSES, Stack
from tests.receivers import web_hook

pytestmark = pytest.mark.slow

# DAGs that are triggered one after the other; what an asset triggers is waited for
CHAIN = ("sequence_warehouse",)


def test_the_services_publish_wait_for_each_other_and_tell_when_a_run_is_late(tmp_path):
    settings = Settings(tmp_path / "landing", tmp_path / "warehouse")
    simulate(settings.landing, ["1001"], enrollments=120, seed=3)
    with web_hook() as (address, received):
        more = {
            "SEQUENCE_WAREHOUSE_RETRIES": "0",
            "SEQUENCE_WAREHOUSE_CLAIM_SECONDS": "5",
            "SEQUENCE_WAREHOUSE_NOTIFY_URL": address,
            "SEQUENCE_WAREHOUSE_DEADLINE_HOURS": "0.001",
        }
        with Stack(tmp_path / "airflow", settings.landing, settings.warehouse, more) as stack:
            for dag_id in CHAIN:
                assert stack.run(dag_id) == "success", stack.logs()
            first = published_tables(settings)
            assert first["reports.step_funnel"]

            # while one run uses the warehouse, another one waits, and keeps nobody from going on
            backfill = stack.trigger("sequence_warehouse_backfill", {"full_refresh": "facts"})
            wait_for(lambda: stack.tasks("sequence_warehouse_backfill", backfill)["load"] == "success", 120)
            maintenance = stack.trigger("sequence_warehouse_maintenance")
            wait_for(lambda: is_waiting(stack, maintenance), 60)
            assert stack.wait("sequence_warehouse_backfill", backfill) == "success", stack.logs()
            assert stack.wait("sequence_warehouse_maintenance", maintenance) == "success", stack.logs()
            assert published_tables(settings) == first
            assert not (settings.warehouse / "lock.json").exists()

            settings.landing.rename(tmp_path / "moved")
            assert stack.run("sequence_warehouse") == "failed"
            health_checks_pass(stack)
            wait_for(lambda: {"run_failed", "deadline_missed"} <= {item["event"] for item in received}, 60)
            secrets = [stack.variables["POSTGRES_PASSWORD"], stack.variables["ADMIN_PASSWORD"], "very-secret"]
        for path in (tmp_path / "airflow").rglob("*.log"):
            assert not [secret for secret in secrets if secret in path.read_text(errors="replace")], path
    assert all(child.poll() is not None for child in stack.children.values())
    failed = next(item for item in received if item["event"] == "run_failed")
    assert failed["text"].startswith("sequence_warehouse failed: There is no landing folder at ")
    late = next(item for item in received if item["event"] == "deadline_missed")
    assert late["dag_id"] in {
        "sequence_warehouse",
        "sequence_warehouse_backfill",
        "sequence_warehouse_maintenance",
    }


def is_waiting(stack: Stack, maintenance: str) -> bool:
    return stack.tasks("sequence_warehouse_maintenance", maintenance)["claim_warehouse"] in {
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
