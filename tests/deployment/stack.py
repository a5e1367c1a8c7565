"""The services of docker-compose.yml as processes on loopback, and DAGs triggered over REST."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
import urllib.error
from pathlib import Path

from sequence_warehouse.config.project import PROJECT
from tests.dags.test_scheduler import call, free_port, wait_for
from tests.deployment import compose, postgres

INIT = "init"
PROCESSES = ("api-server", "scheduler", "dag-processor", "triggerer")


class Stack:
    """``with Stack(folder, landing, warehouse) as stack: stack.run("sequence_warehouse")``.

    more: variables of connections.env. Logs and Airflow's folder lie below ``folder``.
    """

    def __init__(self, folder: Path, landing: Path, warehouse: Path, more: dict[str, str]) -> None:
        self.folder, self.landing, self.warehouse, self.more = folder, landing, warehouse, more
        self.port = free_port()
        folder.mkdir(exist_ok=True)
        subprocess.run([PROJECT / "scripts" / "new_env.sh", folder], check=True, capture_output=True)
        self.variables = compose.env_file(folder / ".env")
        self.services = compose.read(self.variables)["services"]
        self.children: dict[str, subprocess.Popen] = {}
        self._token = ""
        self._ending = contextlib.ExitStack()

    def __enter__(self) -> Stack:
        try:
            self._start()
        except BaseException:
            self._ending.close()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        self._ending.close()

    def run(self, dag_id: str, conf: dict | None = None, seconds: float = 300) -> str:
        """Trigger a DAG and wait for the end of its run; returns its state."""
        return self.wait(dag_id, self.trigger(dag_id, conf), seconds)

    def trigger(self, dag_id: str, conf: dict | None = None) -> str:
        """Trigger a DAG, as soon as Airflow knows it; returns the run's id."""
        body = {"logical_date": None, "conf": conf or {}}
        run = wait_for(lambda: self.call(f"/api/v2/dags/{dag_id}/dagRuns", body), 90)
        return run["dag_run_id"]

    def wait(self, dag_id: str, run_id: str, seconds: float = 300) -> str:
        """The state in which a run ended."""
        ended = {"success", "failed"}
        return wait_for(lambda: (found := self.state(dag_id, run_id)) in ended and found, seconds)

    def wait_for_new_run(self, dag_id: str, seconds: float = 300) -> str:
        """The end state of the newest run of a DAG that something else triggers, as an asset does."""
        listing = f"/api/v2/dags/{dag_id}/dagRuns?order_by=-run_after&limit=1"
        run = wait_for(lambda: next(iter(self.call(listing)["dag_runs"]), None), seconds)
        return self.wait(dag_id, run["dag_run_id"], seconds)

    def state(self, dag_id: str, run_id: str) -> str:
        return self.call(f"/api/v2/dags/{dag_id}/dagRuns/{run_id}")["state"]

    def tasks(self, dag_id: str, run_id: str) -> dict[str, str | None]:
        """The state of each task of a run."""
        found = self.call(f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances")["task_instances"]
        return {task["task_id"]: task["state"] for task in found}

    def call(self, path: str, body: dict | None = None) -> dict:
        return call(self.port, path, body, self._token)

    def pages(self) -> str:
        """All that Airflow shows of its configuration and runs: what its web page is made of."""
        dags = [dag["dag_id"] for dag in self.call("/api/v2/dags")["dags"]]
        paths = ["connections", "variables", "config", "pools", "eventLogs?limit=1000", "importErrors"]
        paths += [f"dags/{dag_id}/details" for dag_id in dags] + [f"dagSources/{dag_id}" for dag_id in dags]
        shown = []
        for dag_id in dags:
            for run in self.call(f"/api/v2/dags/{dag_id}/dagRuns")["dag_runs"]:
                of_run = f"dags/{dag_id}/dagRuns/{run['dag_run_id']}"
                paths += [of_run, f"{of_run}/taskInstances"]
                for task in self.call(f"/api/v2/{of_run}/taskInstances")["task_instances"]:
                    of_task = f"{of_run}/taskInstances/{task['task_id']}"
                    index = f"map_index={task['map_index']}"
                    paths.append(f"{of_task}/xcomEntries/return_value?{index}")
                    paths += [
                        f"{of_task}/logs/{number}?{index}" for number in range(1, task["try_number"] + 1)
                    ]
        for path in paths:
            try:
                shown.append(json.dumps(self.call(f"/api/v2/{path}")))
            except urllib.error.HTTPError as error:
                shown.append(error.read().decode())
        return "\n".join(shown)

    def logs(self) -> str:
        """The end of every log, for a failed assertion."""
        paths = sorted(self.folder.glob("**/*.log"))
        return "\n".join(f"--- {path}\n{path.read_text(errors='replace')[-3000:]}" for path in paths)

    def _start(self) -> None:
        database = self.services["postgres"]["environment"]
        port = free_port()
        self._ending.enter_context(
            postgres.serve(
                port,
                database["POSTGRES_USER"],
                database["POSTGRES_PASSWORD"],
                database["POSTGRES_DB"],
            )
        )
        for name in ("airflow/logs", "airflow/auth"):
            (self.folder / name).mkdir(parents=True)
        self.places = {
            "@postgres:5432/": f"@127.0.0.1:{port}/",
            "http://api-server:8080/": f"http://127.0.0.1:{self.port}/",
            "http://localhost:8080": f"http://127.0.0.1:{self.port}",
            "0.0.0.0": "127.0.0.1",
            "8080": str(self.port),
            "/opt/airflow": str(self.folder / "airflow"),
            "/opt/sequence-warehouse": str(PROJECT),
            "/data/landing": str(self.landing),
            "/data/warehouse": str(self.warehouse),
        }
        self._ending.callback(self._stop)
        assert self._launch(INIT).wait(180) == 0, self.logs()
        for name in PROCESSES:
            self.children[name] = self._launch(name)
        wait_for(self._is_healthy, 180)
        credentials = {"username": "admin", "password": self.variables["ADMIN_PASSWORD"]}
        self._token = call(self.port, "/auth/token", credentials)["access_token"]

    def _launch(self, name: str) -> subprocess.Popen:
        command, environment = compose.native(self.services[name], self.places)
        with (self.folder / f"{name}.log").open("w") as log:
            return subprocess.Popen(
                command,
                cwd=self.folder,
                env=environment | self.more,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _is_healthy(self) -> bool:
        for name, child in self.children.items():
            assert child.poll() is None, f"{name} ended by itself\n{self.logs()}"
        try:
            health = call(self.port, "/api/v2/monitor/health")
        except urllib.error.HTTPError:
            return False
        parts = ("metadatabase", "scheduler", "dag_processor", "triggerer")
        return all(health[part]["status"] == "healthy" for part in parts)

    def _stop(self) -> None:
        """Ask every process to end, by its group, and end what is left after twenty seconds."""
        for child in self.children.values():
            _signal(child, signal.SIGTERM)
        deadline = time.monotonic() + 20
        for child in self.children.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(max(0.1, deadline - time.monotonic()))
            _signal(child, signal.SIGKILL)
            child.wait()


def _signal(child: subprocess.Popen, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, number)
