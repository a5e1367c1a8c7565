"""An Airflow of the project's own: metadata in ``.airflow``, nothing outside the project touched."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from sequence_warehouse.config.errors import UserError
from sequence_warehouse.config.project import PROJECT

DAGS = PROJECT / "dags"
USER = "admin"
COMPONENTS = {
    # a log server for other machines, which there are none of, would listen on every address
    "scheduler": ("--skip-serve-logs",),
    "dag-processor": (),
    "api-server": (),
}


def environment(home: Path, port: int | None = None) -> dict[str, str]:
    """Variables for every Airflow process of this project; set before airflow is imported.

    port: of the web page and the API, for the processes of `serve`; None for a run in one process.
    """
    variables = {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__PARALLELISM": "2",
        "AIRFLOW__CORE__MAX_MAP_LENGTH": "10000",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(home / "passwords.json"),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
        "AIRFLOW__LOGGING__FILE_TASK_HANDLER_NEW_FILE_PERMISSIONS": "0o600",
        "AIRFLOW__LOGGING__FILE_TASK_HANDLER_NEW_FOLDER_PERMISSIONS": "0o700",
        "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_HOST": "127.0.0.1",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "DO_NOT_TRACK": "1",
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "GX_ANALYTICS_ENABLED": "false",
    }
    if port is not None:
        address = f"http://127.0.0.1:{port}"
        variables |= {
            "AIRFLOW__API__HOST": "127.0.0.1",
            "AIRFLOW__API__PORT": str(port),
            "AIRFLOW__API__BASE_URL": address,
            "AIRFLOW__API__WORKERS": "1",
            "AIRFLOW__API_AUTH__JWT_SECRET": _secret(home, "jwt"),
            "AIRFLOW__API__SECRET_KEY": _secret(home, "api"),
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{address}/execution/",
            "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "10",
        }
    return variables


def prepare(home: Path) -> None:
    """Set the environment and create the metadata database, once for each version of Airflow."""
    from importlib.metadata import version

    os.environ.update(environment(home))
    home.mkdir(parents=True, exist_ok=True)
    home.chmod(0o700)  # it may be of an older version
    marker = home / f"metadata-{version('apache-airflow')}"
    if marker.exists():
        return
    from airflow.models.pool import Pool
    from airflow.utils.db import upgradedb

    from sequence_warehouse.airflow.dag_arguments import POOL

    upgradedb()
    Pool.create_or_update_pool(POOL, slots=1, description="DuckDB has one writer", include_deferred=False)
    marker.touch()


def serve(port: int, home: Path) -> int:
    """Run scheduler, DAG processor and web page on loopback until interrupted or one of them ends.

    A password is made up at the first start and shown then, never again. Raises UserError when a
    component does not come up.
    """
    prepared = subprocess.run(
        [
            sys.executable,
            "-c",
            "from sequence_warehouse.airflow import local_airflow as a; "
            f"import pathlib; a.prepare(pathlib.Path({str(home)!r}))",
        ],
        capture_output=True,
        text=True,
    )
    if prepared.returncode:
        raise UserError(f"Airflow's metadata database could not be made: {prepared.stderr[-300:]}")
    password = _new_password(home)
    variables = {**os.environ, **environment(home, port)}
    logs = home / "logs"
    logs.mkdir(exist_ok=True)
    children: dict[str, subprocess.Popen[bytes]] = {}
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        for component, options in COMPONENTS.items():
            with (logs / f"{component}.log").open("a") as log:
                children[component] = subprocess.Popen(
                    [sys.executable, "-m", "airflow", component, *options],
                    env=variables,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
        _wait_until_healthy(port, children, logs)
        print(f"Airflow is at http://127.0.0.1:{port} (user {USER}); stop it with Ctrl+C.")
        if password:
            print(f"Password, shown this once: {password} (kept in {home / 'passwords.json'})")
        sys.stdout.flush()
        while all(child.poll() is None for child in children.values()):
            time.sleep(0.5)
        ended = next(name for name, child in children.items() if child.poll() is not None)
        raise UserError(f"Airflow's {ended} ended by itself: see {logs / ended}.log.")
    except KeyboardInterrupt:
        return 0
    finally:
        _stop(children)


def _wait_until_healthy(port: int, children: dict[str, subprocess.Popen[bytes]], logs: Path) -> None:
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        for name, child in children.items():
            if child.poll() is not None:
                raise UserError(f"Airflow's {name} did not start: see {logs / name}.log.")
        try:
            address = f"http://127.0.0.1:{port}/api/v2/monitor/health"
            with urllib.request.urlopen(address, timeout=5) as answer:
                health = json.load(answer)
            if all(
                health[part]["status"] == "healthy" for part in ("metadatabase", "scheduler", "dag_processor")
            ):
                return
        except (OSError, urllib.error.URLError, ValueError):
            pass
        time.sleep(0.5)
    raise UserError(f"Airflow was not healthy after three minutes: see {logs}.")


def _stop(children: dict[str, subprocess.Popen[bytes]]) -> None:
    """Ask every component, by process group, to end; end what is left after ten seconds."""
    for child in children.values():
        _signal_group(child, signal.SIGTERM)
    deadline = time.monotonic() + 10
    for child in children.values():
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(max(0.1, deadline - time.monotonic()))
        _signal_group(child, signal.SIGKILL)
        child.wait()


def _signal_group(child: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, number)


def _secret(home: Path, name: str) -> str:
    """A secret that all processes of this Airflow share, made up once and readable by its owner."""
    path = home / f"{name}.secret"
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        write_private(path, secrets.token_urlsafe(48))
    return path.read_text()


def _new_password(home: Path) -> str | None:
    """A password for the web page at the first start; None when there is one already."""
    path = home / "passwords.json"
    if path.exists():
        return None
    password = secrets.token_urlsafe(12)
    write_private(path, json.dumps({USER: password}))
    return password


def write_private(path: Path, text: str) -> None:
    """Write a file that nobody but its owner may read."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(text)
