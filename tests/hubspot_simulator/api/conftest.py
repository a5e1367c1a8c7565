"""One small account on loopback, plain HTTP, and the records that it ought to give."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest

from hubspot_simulator.api import HubSpot, serve

CRM_KINDS = ("contacts", "companies", "deals", "tasks", "meetings", "emails")


def client_of(hubspot: HubSpot) -> httpx.Client:
    """A plain client with the token; it neither retries nor follows anything."""
    return httpx.Client(
        base_url=hubspot.base_url, headers={"Authorization": f"Bearer {hubspot.token}"}, timeout=5
    )


def landed(hubspot: HubSpot, kind: str) -> list[dict]:
    """The records of ``events`` or of a kind of object, as the JSON lines hold them."""
    place = (
        hubspot.landing / f"portal={hubspot.portal}" / ("events" if kind == "events" else f"objects/{kind}")
    )
    return [
        json.loads(line)
        for path in sorted(place.rglob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]


def pages(client: httpx.Client, path: str, **parameters) -> Iterator[dict]:
    """Every page of a walk that follows ``after``."""
    while True:
        response = client.get(path, params=parameters)
        assert response.status_code == 200, response.text
        page = response.json()
        yield page
        if "paging" not in page:
            return
        parameters["after"] = page["paging"]["next"]["after"]


def walk(client: httpx.Client, path: str, **parameters) -> list[dict]:
    return [record for page in pages(client, path, **parameters) for record in page["results"]]


def by_id(records: list[dict]) -> list[dict]:
    return sorted(records, key=lambda record: (record.get("eventType", ""), record["id"]))


def all_properties(hubspot: HubSpot, kind: str) -> str:
    return ",".join(sorted({name for record in landed(hubspot, kind) for name in record["properties"]}))


@pytest.fixture(scope="session")
def hubspot() -> Iterator[HubSpot]:
    """An account without limits; tests that set faults or the time put them back."""
    with serve(enrollments=250, seed=3, associations_page=3) as running:
        yield running


@pytest.fixture
def client(hubspot: HubSpot) -> Iterator[httpx.Client]:
    with client_of(hubspot) as opened:
        yield opened
    hubspot.faults = ""
    hubspot.now = None
