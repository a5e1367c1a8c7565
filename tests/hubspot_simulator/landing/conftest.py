"""One simulated landing folder of the default shape, read back with json, csv and gzip."""

import csv
import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from hubspot_simulator.landing import PortalReport, simulate

PORTALS = ["1001", "1002"]


def _parsed(lines: list[str]) -> Iterator[dict]:
    for line in lines:
        try:
            record = json.loads(line)
        except json.JSONDecodeError:
            continue
        if isinstance(record, dict):
            yield record


def _records(path: Path) -> Iterator[dict]:
    if path.suffix == ".parquet":
        with duckdb.connect() as connection:
            table = connection.execute("from read_parquet(?)", [str(path)])
            names = [column[0] for column in table.description]
            yield from (dict(zip(names, row, strict=True)) for row in table.fetchall())
    elif path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                yield row | {"PROPERTIES": json.loads(row["PROPERTIES"])}
    elif path.suffix == ".json":
        try:
            yield from json.loads(path.read_text(encoding="utf-8"))["results"]
        except json.JSONDecodeError:
            return
    elif path.suffix == ".gz":
        yield from _parsed(gzip.decompress(path.read_bytes()).decode().splitlines())
    elif path.suffix == ".jsonl":
        yield from _parsed(path.read_text(encoding="utf-8").splitlines())


def read_events(portal: Path) -> list[dict]:
    """Every parsed record of the portal's events, bad ones left out, with its ``file``."""
    events = []
    for path in sorted((portal / "events").rglob("*")):
        if path.is_dir() or path.name[0] in "._" or path.suffix == ".tmp" or "broken" in path.parts:
            continue
        for record in _records(path):
            event = {name.lower().replace("_", ""): value for name, value in record.items()}
            event.setdefault("eventtype", "e_v2_contact_replied_sequence_email")
            if event["id"] and event["occurredat"] != "yesterday":
                events.append(event | {"file": path.name})
    return events


def read_objects(portal: Path, kind: str) -> list[dict]:
    """Every parsed object of the type that has an id."""
    records = (record for path in sorted((portal / "objects" / kind).iterdir()) for record in _records(path))
    return [record for record in records if "id" in record]


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


@pytest.fixture(scope="session")
def objects(portal: Path) -> Callable[[str], list[dict]]:
    """The first portal's objects of a type."""
    return lambda kind: read_objects(portal, kind)


@pytest.fixture(scope="session")
def clean(tmp_path_factory: pytest.TempPathFactory) -> list[dict]:
    """The first portal's events without quirks."""
    folder = tmp_path_factory.mktemp("clean")
    simulate(folder, ["1001"], 3000, quirks=False)
    return read_events(folder / "portal=1001")
