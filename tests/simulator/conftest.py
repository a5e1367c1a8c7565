"""One simulated landing folder of the default shape, and its events read back with plain code."""

from pathlib import Path

import pytest
from simulator_reading import read_events

from sequence_warehouse.simulator import PortalReport, simulate

PORTALS = ["1001", "1002"]


@pytest.fixture(scope="session")
def landing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two portals of 3000 enrollments, seed 1."""
    return tmp_path_factory.mktemp("simulated") / "landing"


@pytest.fixture(scope="session")
def reports(landing: Path) -> list[PortalReport]:
    """What ``simulate`` said about ``landing``."""
    return simulate(landing, PORTALS, 3000, seed=1)


@pytest.fixture(scope="session")
def portal(landing: Path, reports: list[PortalReport]) -> Path:
    """The folder of the first portal."""
    return landing / f"portal={reports[0].portal}"


@pytest.fixture(scope="session")
def events(portal: Path) -> list[dict]:
    """The first portal's events; keys in lower case without underscores, and ``file``."""
    return read_events(portal)
