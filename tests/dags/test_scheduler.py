"""The real thing: scheduler, DAG processor and API as processes, a run triggered from outside."""

from __future__ import annotations

import contextlib
import ipaddress
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from sequence_warehouse.config.project import PROJECT
from sequence_warehouse.config.settings import Settings
from tests.dags.test_dag_run import published_tables
from tests.support.modes import open_to_others
from tests.support.projects import small_project

pytestmark = pytest.mark.slow


def test_a_triggered_run_under_a_real_scheduler_publishes(tmp_path, small_landing):
    settings = Settings(small_landing, tmp_path / "warehouse", small_project(tmp_path / "project"))
    port = free_port()
    variables = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AIRFLOW", "SEQUENCE_WAREHOUSE_"))
    }
    variables["SEQUENCE_WAREHOUSE_PROJECT"] = str(settings.project)
    variables["SEQUENCE_WAREHOUSE_AIRFLOW_HOME"] = str(tmp_path / "airflow")
    command = [sys.executable, "-m", "sequence_warehouse", "airflow", "--port", str(port)]
    command += ["--landing", str(settings.landing), "--warehouse", str(settings.warehouse)]
    with (
        (tmp_path / "serve.log").open("w+") as output,
        subprocess.Popen(
            command, cwd=PROJECT, env=variables, stdout=output, stderr=output, umask=0
        ) as server,
    ):
        try:
            password = wait_for(lambda: printed_password(output.name, server), 240)
            token = call(port, "/auth/token", {"username": "admin", "password": password})["access_token"]
            run = wait_for(
                lambda: call(port, "/api/v2/dags/sequence_warehouse/dagRuns", {"logical_date": None}, token),
                60,
            )
            address = f"/api/v2/dags/sequence_warehouse/dagRuns/{run['dag_run_id']}"
            state = wait_for(
                lambda: (
                    (found := call(port, address, token=token)["state"]) in {"success", "failed"} and found
                ),
                300,
            )
            assert state == "success", logs_of(tmp_path / "airflow")
            assert listening(server.pid) == {f"127.0.0.1:{port}"}
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(60)
    assert published_tables(settings)["core.fct_enrollments"]
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", port), timeout=2).close()
    assert "shown this once" in (tmp_path / "serve.log").read_text()
    assert open_to_others(settings.warehouse, tmp_path / "airflow") == []


def listening(process: int) -> set[str]:
    """Addresses (IPv4 and IPv6) and ports that a process and all that it has started listen on."""
    tree = subprocess.run(["ps", "-eo", "pid=,ppid="], check=True, capture_output=True, text=True).stdout
    parents = {int(pid): int(parent) for pid, parent in map(str.split, tree.splitlines())}
    family = {process}
    while more := {pid for pid, parent in parents.items() if parent in family} - family:
        family |= more
    assert len(family) > 3, "the server and its components"
    sockets = set()
    for pid in family:
        for descriptor in Path(f"/proc/{pid}/fd").glob("*"):
            with contextlib.suppress(OSError):  # it may just have ended
                sockets.add(os.readlink(descriptor))
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            words = line.split()
            address, port = words[1].split(":")
            if words[3] == "0A" and f"socket:[{words[9]}]" in sockets:
                packed = b"".join(
                    bytes.fromhex(address[at : at + 8])[::-1] for at in range(0, len(address), 8)
                )
                found.add(f"{ipaddress.ip_address(packed)}:{int(port, 16)}")
    return found


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def printed_password(path: str, server: subprocess.Popen) -> str | None:
    text = Path(path).read_text()
    assert server.poll() is None, text
    found = re.search(r"shown this once: (\S+)", text)
    return found and found.group(1)


def wait_for(attempt, seconds: float):
    """The first true answer of ``attempt``; the last error, or an assertion, when time is up."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            if answer := attempt():
                return answer
        except OSError:
            if time.monotonic() > deadline:
                raise
        assert time.monotonic() < deadline, f"no answer after {seconds} seconds"
        time.sleep(0.5)


def call(port: int, path: str, body: dict | None = None, token: str | None = None) -> dict:
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}{path}",
        data=None if body is None else json.dumps(body).encode(),
        headers={
            "Content-Type": "application/json",
            **({"Authorization": f"Bearer {token}"} if token else {}),
        },
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def logs_of(home) -> str:
    return "\n".join(path.read_text()[-2000:] for path in sorted(home.glob("logs/**/*.log")))
