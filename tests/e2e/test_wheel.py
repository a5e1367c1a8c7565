"""The wheel, installed into an empty environment, works in an empty folder and writes nowhere else.

Needs a package index, or uv's cache: the packages that running needs are installed, as anyone would.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from sequence_warehouse.config.project import PROJECT

pytestmark = [pytest.mark.slow, pytest.mark.clients]
UV = Path(sys.executable).with_name("uv")


def run(*command: object, folder: Path) -> str:
    """The output of a command in a folder, without variables of this process."""
    environment = {"HOME": str(folder.parent / "home"), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
    done = subprocess.run(
        [str(word) for word in command], cwd=folder, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """A new environment with the wheel and the packages of requirements/run.lock that it needs."""
    folder = tmp_path_factory.mktemp("installed")
    environment = folder / "environment"
    wheel_options = ("--wheel", "--no-build-isolation", "--offline", "--python", sys.executable)
    for command in (
        ("build", PROJECT, *wheel_options, "--out-dir", folder),
        ("venv", "--python", sys.executable, environment),
    ):
        subprocess.run([UV, "--quiet", *command], check=True)
    (wheel,) = folder.glob("*.whl")
    options = ("--python", environment / "bin/python", "-c", PROJECT / "requirements/run.lock")
    subprocess.run([UV, "--quiet", "pip", "install", *options, wheel], check=True)
    return environment


def contents(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_an_installed_wheel_runs_in_an_empty_folder_without_arguments(installed, tmp_path):
    (package,) = (installed / "lib").glob("python*/site-packages/sequence_warehouse")
    before = contents(package)
    command, folder = installed / "bin/sequence-warehouse", tmp_path / "work"
    folder.mkdir()

    run(command, "run", folder=folder)
    with duckdb.connect(folder / "warehouse/published/sequences.duckdb", read_only=True) as connection:
        counted = "select portal_id, count(*) from core.fct_enrollments group by all order by all"
        assert connection.sql(counted).fetchall() == [("1001", 60), ("1002", 60)]

    assert "Nothing changed since the last publication" in run(command, "run", folder=folder)
    assert "open_rate  (Open rate)" in run(command, "metrics", "list", folder=folder)
    assert str(folder / "warehouse") in run(command, "docs", folder=folder)
    assert "PASS=7" in run(command, "dbt", "--", "test", "--select", "step_funnel", folder=folder)

    assert {path.name for path in folder.iterdir()} == {".airflow", "warehouse"}
    assert not (tmp_path / "home").exists()
    assert contents(package) == before


def test_the_wheel_carries_no_simulator(installed):
    code = "import importlib.util as u; print(u.find_spec('hubspot_simulator'))"
    assert run(installed / "bin/python", "-c", code, folder=installed) == "None\n"
