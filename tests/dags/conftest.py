"""One throw-away Airflow for the tests in this folder, and a small simulated account to load."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

import pytest

from hubspot_simulator.landing import simulate
from sequence_warehouse.airflow import local_airflow
from sequence_warehouse.config.project import PROJECT
from sequence_warehouse.config.settings import Settings
from sequence_warehouse.storage import lock

DAG_FILE = PROJECT / "dags" / "sequence_warehouse_dag.py"


@pytest.fixture(scope="session")
def airflow_home(tmp_path_factory) -> Path:
    """Airflow prepared in this process, in a folder that is thrown away."""
    home = tmp_path_factory.mktemp("airflow")
    os.environ["SEQUENCE_WAREHOUSE_RETRIES"] = "0"
    local_airflow.prepare(home)
    return home


@pytest.fixture(scope="session")
def small_landing(tmp_path_factory) -> Path:
    """Two simulated accounts with every quirk, small."""
    landing = tmp_path_factory.mktemp("landing")
    simulate(landing, ["1001", "1002"], enrollments=150, seed=3)
    return landing


@pytest.fixture
def run_dag(airflow_home, monkeypatch):
    """Run the DAG over some settings in this process; returns the run."""

    def run(settings: Settings, file: Path = DAG_FILE, conf: dict | None = None):
        for name, value in settings.environment().items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv(lock.PROCESS_VARIABLE, str(os.getpid()))
        return load_dag(file).test(run_conf=conf)

    return run


def load_dag(file: Path = DAG_FILE):
    specification = importlib.util.spec_from_file_location(file.stem, file)
    module = importlib.util.module_from_spec(specification)
    sys.modules[file.stem] = module
    specification.loader.exec_module(module)
    return module.DAG
