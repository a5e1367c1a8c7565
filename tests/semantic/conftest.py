"""The metrics of the published sample, for the tests in this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sequence_warehouse.config.settings import Settings
from sequence_warehouse.semantic.metrics import Metrics


@pytest.fixture(scope="session")
def published(published_sample) -> Settings:
    return published_sample


# closed after each file: others open the database with other settings
@pytest.fixture(scope="module")
def metrics(published) -> Iterator[Metrics]:
    with Metrics(published) as opened:
        yield opened
