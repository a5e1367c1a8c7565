"""The metrics of the published sample, for the tests in this folder."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace

import pytest

from sequence_warehouse.config.settings import Settings
from sequence_warehouse.semantic.metrics import Metrics


@pytest.fixture(scope="session")
def published(published_sample, tmp_path_factory) -> Settings:
    """A copy of the sample: metrics write what dbt parsed to it, and a test holds its database."""
    warehouse = tmp_path_factory.mktemp("metrics") / "warehouse"
    shutil.copytree(published_sample.warehouse, warehouse, symlinks=True)
    return replace(published_sample, warehouse=warehouse)


# closed after each file: others open the database with other settings
@pytest.fixture(scope="module")
def metrics(published) -> Iterator[Metrics]:
    with Metrics(published) as opened:
        yield opened
