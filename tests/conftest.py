"""Shared by all tests: copies of the project to change, and an Airflow home that is thrown away."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from sequence_warehouse.settings import PROJECT

# before anything imports airflow: its settings are read at import
os.environ.setdefault("SEQUENCE_WAREHOUSE_RETRIES", "0")
os.environ["DO_NOT_TRACK"] = "1"

PROJECT_PARTS = ("models", "macros", "seeds", "expectations", "tests/dbt", "dbt_project.yml", "profiles.yml")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the dbt project, its seeds and suites, that a test may edit."""
    return copy_project(tmp_path / "project")


def copy_project(target: Path) -> Path:
    for part in PROJECT_PARTS:
        source = PROJECT / part
        if source.is_dir():
            shutil.copytree(source, target / part)
        elif source.exists():
            target.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target / part)
    return target
