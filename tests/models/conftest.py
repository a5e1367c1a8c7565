"""The project as dbt reads it."""

from __future__ import annotations

import json

import pytest

from sequence_warehouse.build.dbt_build import parse_project
from sequence_warehouse.config.project import PROJECT
from sequence_warehouse.config.settings import Settings


@pytest.fixture(scope="session")
def manifest(tmp_path_factory) -> dict:
    folder = tmp_path_factory.mktemp("manifest")
    parse_project(Settings(folder / "landing", folder / "warehouse", PROJECT), folder / "target")
    return json.loads((folder / "target/manifest.json").read_text())
