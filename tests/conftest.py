"""Shared by all tests: copies of the project to change, and an Airflow home that is thrown away."""

from __future__ import annotations

import fcntl
import os
import random
import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest

from hubspot_simulator.landing import simulate
from sequence_warehouse.config.settings import Settings
from sequence_warehouse.runs import steps
from tests.reference.write import write_random_accounts
from tests.support.projects import copy_project, light_project

# before anything imports airflow: its settings are read at import
os.environ.setdefault("SEQUENCE_WAREHOUSE_RETRIES", "0")
os.environ["DO_NOT_TRACK"] = "1"
# a tenth of a build is writing every statement to a log that nobody reads here
os.environ["DBT_LOG_LEVEL_FILE"] = "none"


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Clients that others wrote are installed by `make test-clients` alone."""
    is_theirs = collection_path.parts[-2:] == ("api", "test_clients.py")
    return (is_theirs and config.option.markexpr != "clients" and find_spec("dlt") is None) or None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On several cores, files with long tests begin first, lest a core waits for them in the end."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the dbt project, its seeds and suites, that a test may edit."""
    return copy_project(tmp_path / "project")


@pytest.fixture(scope="session")
def published_sample(tmp_path_factory) -> Settings:
    """The bundled sample, published with random accounts full of nulls, for tests that only read it.

    Made once for all of pytest's processes: the first makes it, the others wait.
    """
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "published_sample"
    folder.mkdir(exist_ok=True)
    settings = Settings(folder / "landing", folder / "warehouse", folder / "project")
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        # a process that failed left no mark: the next begins anew
        if not (folder / "made").exists():
            for part in (settings.landing, settings.warehouse, settings.project):
                shutil.rmtree(part, ignore_errors=True)
            light_project(settings.project)
            simulate(settings.landing, ["1001", "1002"], enrollments=3000, seed=1)
            write_random_accounts(settings.landing, random.Random(14), 20)
            for name in ("load", "build", "publish"):
                getattr(steps, f"{name}_step")(settings, "sample")
            (folder / "made").touch()
    return settings
