"""The simulator's files and the loopback HubSpot's answers are spelt as HubSpot spells its own.

The table is in ``shapes``. What both leave out is not looked at; what they have must be right.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from hubspot_simulator.api import HubSpot, serve
from tests.hubspot_simulator.api.conftest import client_of, walk
from tests.hubspot_simulator.landing import shapes
from tests.hubspot_simulator.landing.conftest import PORTALS, read_objects


@pytest.fixture(scope="module")
def hubspot() -> Iterator[HubSpot]:
    with serve(enrollments=600, seed=5) as running:
        yield running


class Loopback:
    """Everything that HubSpot answers on loopback, by kind."""

    def __init__(self, hubspot: HubSpot) -> None:
        with client_of(hubspot) as client:
            types = client.get("/events/v3/events/event-types").json()["eventTypes"]
            self.events = [
                event for name in types for event in walk(client, "/events/v3/events", eventType=name)
            ]
            self.objects = {}
            for kind, properties in shapes.PROPERTIES.items():
                asked = {"properties": ",".join(properties), "associations": "contacts", "limit": 100}
                self.objects[kind] = [
                    record
                    for archived in ("false", "true")
                    for record in walk(client, f"/crm/v3/objects/{kind}", archived=archived, **asked)
                ]
            self.owners = walk(client, "/crm/v3/owners") + walk(client, "/crm/v3/owners", archived="true")
            self.pipelines = walk(client, "/crm/v3/pipelines/deals")
            path = "/automation/v4/sequences"
            users = {owner["userIdIncludingInactive"] for owner in self.owners}
            self.listed = [one for user in users for one in walk(client, path, userId=user)]
            self.sequences = [client.get(f"{path}/{one['id']}?userId=1").json() for one in self.listed]
            service = "/automation/sequences/2026-09/serviceaccounts/sequences"
            self.performance = [
                client.get(f"{service}/{one['id']}/performance").json() for one in self.listed
            ]


class Landed:
    """The same of a simulated landing folder, as far as it is JSON."""

    def __init__(self, portal: Path) -> None:
        pages = sorted((portal / "events/api").rglob("*.json"))
        self.events = [event for page in pages for event in json.loads(page.read_text())["results"]]
        for path in sorted((portal / "events/monthly").glob("*.jsonl")):
            for line in path.read_text().splitlines():
                if "bad-in-good" not in line and line.startswith("{") and '"id":""' not in line:
                    self.events.append(json.loads(line))
        self.objects = {kind: read_objects(portal, kind) for kind in shapes.PROPERTIES}
        self.owners = read_objects(portal, "owners")
        self.pipelines = read_objects(portal, "pipelines")
        self.listed = self.sequences = read_objects(portal, "sequences")
        self.performance = read_objects(portal, "sequence_performance")


@pytest.fixture(scope="module", params=["loopback", *PORTALS])
def answers(request: pytest.FixtureRequest) -> Loopback | Landed:
    if request.param == "loopback":
        return Loopback(request.getfixturevalue("hubspot"))
    request.getfixturevalue("reports")
    return Landed(request.getfixturevalue("landing") / f"portal={request.param}")


def check(records: list[dict], shape: dict) -> None:
    assert records
    assert [one for record in records for one in shapes.differences(record, shape)][:5] == []


def values(records: list[dict], name: str) -> set:
    return {record["properties"][name] for record in records if name in record["properties"]}


def test_events(answers) -> None:
    check(answers.events, shapes.EVENT)
    properties = [event["properties"] for event in answers.events]
    check(properties, shapes.EVENT_PROPERTIES)
    assert {type(value) for found in properties for value in found.values()} == {str}
    assert "" in {value for found in properties for value in found.values()}


@pytest.mark.parametrize("kind", shapes.PROPERTIES)
def test_crm_objects(answers, kind) -> None:
    check(answers.objects[kind], shapes.CRM_OBJECT | {"properties": shapes.PROPERTIES[kind]})
    archived = {record["archived"] for record in answers.objects[kind]}
    assert archived == ({False} if kind in {"companies", "emails"} else {False, True}) or kind == "meetings"


def test_what_a_property_is_spelt_like_is_there_in_each_spelling(answers) -> None:
    """The table allows several; those that a reader must know do occur."""
    tasks, deals = answers.objects["tasks"], answers.objects["deals"]
    assert values(tasks, "hs_task_is_completed") == {"0", "1"}
    for record in tasks:
        is_done = record["properties"]["hs_task_is_completed"] == "1"
        assert is_done == (record["properties"]["hs_task_status"] == "COMPLETED")
    assert any(value.isdecimal() for value in values(tasks, "hs_task_completion_date"))
    assert values(deals, "hs_is_closed_won") == {"", "true", "false"}
    assert len(values(deals, "deal_currency_code")) > 3
    assert "" in values(deals, "amount_in_home_currency")
    merged = {
        type(value)
        for kind in ("contacts", "companies", "deals")
        for value in values(answers.objects[kind], "hs_merged_object_ids")
        if value != ""
    }
    assert merged == {int, str}
    assert "\ud83d" in {value[-1] for value in values(answers.objects["companies"], "name")}


def test_owners(answers) -> None:
    check(answers.owners, shapes.OWNER)
    left = [owner for owner in answers.owners if owner["userId"] is None]
    assert left
    for owner in left:
        assert owner["archived"] and owner["firstName"] == owner["lastName"] == ""
    assert {owner["userIdIncludingInactive"] for owner in left}.isdisjoint(owner["id"] for owner in left)


def test_pipelines(answers) -> None:
    check(answers.pipelines, shapes.PIPELINE)
    won = [
        stage["metadata"]
        for pipeline in answers.pipelines
        for stage in pipeline["stages"]
        if stage["metadata"]["probability"] == "1.0"
    ]
    assert won and all(metadata["isClosed"] == "true" for metadata in won)


def test_sequences(answers) -> None:
    check(answers.listed, shapes.LISTED_SEQUENCE)
    check(answers.sequences, shapes.SEQUENCE)
    templates = {
        (name, type(step[name]["templateId"]))
        for sequence in answers.sequences
        for step in sequence["steps"]
        for name in ("emailPattern", "taskPattern")
        if "templateId" in step.get(name, {})
    }
    assert {("emailPattern", str), ("emailPattern", int), ("taskPattern", int)} <= templates
    owned = {sequence["userId"] for sequence in answers.sequences}
    assert owned <= {str(owner["userIdIncludingInactive"]) for owner in answers.owners}


def test_performance(answers) -> None:
    check(answers.performance, shapes.PERFORMANCE)


def test_pages_and_lists_of_sequences(hubspot: HubSpot) -> None:
    with client_of(hubspot) as client:
        first = client.get("/crm/v3/objects/contacts?limit=1").json()
        check([first], {"results": [{}], "paging": {"next": {"after": shapes.NAME, "link": shapes.NAME}}})
        (owner, *_) = walk(client, "/crm/v3/owners")
        listed = client.get(f"/automation/v4/sequences?userId={owner['userId']}").json()
        check([listed], {"total": shapes.COUNT, "results": [shapes.LISTED_SEQUENCE]})
        assert "steps" not in listed["results"][0]


@pytest.mark.parametrize(
    ("fault", "more"),
    [
        ("429", {"errorType": '"RATE_LIMIT"', "policyName": '"TEN_SECONDLY_ROLLING"'}),
        ("daily", {"errorType": '"RATE_LIMIT"', "policyName": '"DAILY"'}),
        ("403", {"errors": [{"context": {"requiredGranularScopes": [shapes.NAME]}}]}),
        ("500", {}),
    ],
)
def test_errors(hubspot: HubSpot, fault: str, more: dict) -> None:
    shape = {"status": '"error"', "message": shapes.NAME, "category": '"[A-Z_]+"'}
    hubspot.faults = f"{fault}@1"
    with client_of(hubspot) as client:
        check([client.get("/crm/v3/owners").json()], shape | {"correlationId": r'"[0-9a-f-]{36}"'} | more)
    hubspot.faults = ""
