"""Shared by all tests: copies of the project to change, and an Airflow home that is thrown away."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from sequence_warehouse import steps
from sequence_warehouse.settings import PROJECT, Settings
from sequence_warehouse.simulator import simulate

# before anything imports airflow: its settings are read at import
os.environ.setdefault("SEQUENCE_WAREHOUSE_RETRIES", "0")
os.environ["DO_NOT_TRACK"] = "1"

PROJECT_PARTS = ("models", "macros", "seeds", "expectations", "tests/dbt", "dbt_project.yml", "profiles.yml")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the dbt project, its seeds and suites, that a test may edit."""
    return copy_project(tmp_path / "project")


@pytest.fixture(scope="session")
def published_sample(tmp_path_factory) -> Settings:
    """The bundled sample, published, for tests that only read it."""
    folder = tmp_path_factory.mktemp("sample")
    settings = Settings(folder / "landing", folder / "warehouse")
    simulate(settings.landing, ["1001", "1002"], enrollments=3000, seed=1)
    for name in ("load", "build", "publish"):
        getattr(steps, f"{name}_step")(settings, "sample")
    return settings


def copy_project(target: Path) -> Path:
    for part in PROJECT_PARTS:
        source = PROJECT / part
        if source.is_dir():
            shutil.copytree(source, target / part)
        elif source.exists():
            target.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target / part)
    return target
