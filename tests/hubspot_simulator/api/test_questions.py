"""What is asked for is what comes: properties, associations, bounds, filters, batches."""

from __future__ import annotations

from datetime import datetime

import pytest

from hubspot_simulator.api import serve
from tests.hubspot_simulator.api.conftest import by_id, client_of, landed, walk


def _search(client, kind, **body):
    found, after = [], None
    while True:
        response = client.post(f"/crm/v3/objects/{kind}/search", json={**body, "after": after})
        assert response.status_code == 200, response.text
        page = response.json()
        found += page["results"]
        if "paging" not in page:
            assert len(found) == page["total"]
            return found
        after = page["paging"]["next"]["after"]


def _filter(name, operator, **values):
    return {"filterGroups": [{"filters": [{"propertyName": name, "operator": operator, **values}]}]}


def test_only_a_few_properties_come_unasked_and_unknown_names_are_passed_over(client):
    (deal,) = client.get("/crm/v3/objects/deals?limit=1").json()["results"]
    assert "associations" not in deal
    assert set(deal["properties"]) == {
        "amount", "closedate", "createdate", "dealname", "dealstage", "hs_lastmodifieddate", "hs_object_id",
        "pipeline",
    }  # fmt: skip
    (deal,) = client.get("/crm/v3/objects/deals?limit=1&properties=hs_is_closed_won,nonsense").json()[
        "results"
    ]
    assert set(deal["properties"]) == {
        "createdate", "hs_is_closed_won", "hs_lastmodifieddate", "hs_object_id",
    }  # fmt: skip


def test_search_finds_by_last_change_and_gives_no_associations(hubspot, client):
    times = sorted(record["updatedAt"] for record in landed(hubspot, "tasks") if not record["archived"])
    low, high = times[len(times) // 4], times[len(times) // 2]
    body = {"limit": 50, "sorts": ["hs_lastmodifieddate"]}
    between = _filter("hs_lastmodifieddate", "BETWEEN", value=low, highValue=high)
    found = _search(client, "tasks", **body, **between)
    assert [task["updatedAt"] for task in found] == [time for time in times if low <= time <= high]
    assert not any("associations" in task for task in found)
    milliseconds = str(int(datetime.fromisoformat(high).timestamp() * 1000))
    for operator, fits in (("GTE", str.__ge__), ("LT", str.__lt__)):
        found = _search(
            client, "tasks", **body, **_filter("hs_lastmodifieddate", operator, value=milliseconds)
        )
        assert len(found) == len([time for time in times if fits(time, high)])


def test_search_finds_by_id_and_contacts_call_their_last_change_otherwise(client):
    contacts = walk(client, "/crm/v3/objects/contacts", limit=100)
    after = contacts[10]["id"]
    found = _search(
        client, "contacts", sorts=["hs_object_id"], limit=200, **_filter("hs_object_id", "GT", value=after)
    )
    assert [contact["id"] for contact in found] == [contact["id"] for contact in contacts[11:]]
    wrong = _filter("hs_lastmodifieddate", "GTE", value="0")
    assert client.post("/crm/v3/objects/contacts/search", json=wrong).status_code == 400
    named = _filter("email", "EQ", value=contacts[3]["properties"]["email"])
    assert contacts[3]["id"] in {contact["id"] for contact in _search(client, "contacts", limit=200, **named)}


def test_search_stops_at_its_cap():
    with serve(enrollments=60, search_cap=40) as hubspot, client_of(hubspot) as client:
        statuses = [
            client.post(
                "/crm/v3/objects/contacts/search", json={"limit": 20, "after": str(after)}
            ).status_code
            for after in (0, 20, 40)
        ]
        total = client.post("/crm/v3/objects/contacts/search", json={}).json()["total"]
    assert statuses == [200, 200, 400] and total > 40


def test_batch_read_gives_what_is_there_and_says_what_is_not(hubspot, client):
    meetings = [record for record in landed(hubspot, "meetings") if not record["archived"]]
    inputs = [{"id": record["id"]} for record in meetings]
    asked = {"inputs": inputs, "properties": list(meetings[0]["properties"])}
    response = client.post("/crm/v3/objects/meetings/batch/read", json=asked)
    for record in meetings:
        record.pop("associations")
    assert response.status_code == 200 and response.json()["results"] == meetings
    response = client.post("/crm/v3/objects/meetings/batch/read", json={"inputs": [*inputs, {"id": "1"}]})
    assert response.status_code == 207
    assert response.json()["errors"][0]["context"]["ids"] == ["1"]
    too_many = {"inputs": [{"id": str(number)} for number in range(101)]}
    assert client.post("/crm/v3/objects/meetings/batch/read", json=too_many).status_code == 400


def test_associations_of_both_versions_and_both_ways(hubspot, client):
    deals = landed(hubspot, "deals")
    pairs = {
        (deal["id"], link["id"]) for deal in deals for link in deal["associations"]["contacts"]["results"]
    }
    inputs = {"inputs": [{"id": deal["id"]} for deal in deals]}
    third = client.post("/crm/v3/associations/deals/contacts/batch/read", json=inputs).json()["results"]
    assert {(one["from"]["id"], link["id"]) for one in third for link in one["to"]} == pairs
    assert {link["type"] for one in third for link in one["to"]} == {"deal_to_contact"}
    fourth = client.post("/crm/v4/associations/deals/contacts/batch/read", json=inputs).json()["results"]
    assert {(one["from"]["id"], str(link["toObjectId"])) for one in fourth for link in one["to"]} == pairs
    assert fourth[0]["to"][0]["associationTypes"][0]["typeId"] == 3
    back = {"inputs": [{"id": contact} for contact in sorted({contact for _, contact in pairs})]}
    found = client.post("/crm/v4/associations/contact/deal/batch/read", json=back).json()["results"]
    assert {(str(link["toObjectId"]), one["from"]["id"]) for one in found for link in one["to"]} == pairs


def test_many_associations_are_paged_within_a_result_and_none_is_an_error_of_207(hubspot, client):
    tasks = landed(hubspot, "tasks")
    linked: dict[str, set[str]] = {}
    for task in tasks:
        linked.setdefault(task["associations"]["contacts"]["results"][0]["id"], set()).add(task["id"])
    contact = max(linked, key=lambda identifier: len(linked[identifier]))
    assert len(linked[contact]) > 3  # the fixture's page of associations
    found, after = set(), None
    while True:
        one = {"id": contact} | ({"after": after} if after else {})
        response = client.post("/crm/v4/associations/contacts/tasks/batch/read", json={"inputs": [one]})
        (result,) = response.json()["results"]
        found |= {str(link["toObjectId"]) for link in result["to"]}
        if "paging" not in result:
            break
        after = result["paging"]["next"]["after"]
    assert found == linked[contact]
    response = client.post("/crm/v4/associations/contacts/tasks/batch/read", json={"inputs": [{"id": "1"}]})
    assert response.status_code == 207
    assert response.json()["errors"][0]["subCategory"] == "crm.associations.NO_ASSOCIATIONS_FOUND"


@pytest.mark.parametrize("bounds", ["[)", "[]", "(]", "()"])
def test_bounds_of_events_are_a_setting(bounds):
    with serve(enrollments=20, event_bounds=bounds) as hubspot, client_of(hubspot) as client:
        name = "e_v2_sequence_step_executed"
        times = sorted(
            event["occurredAt"] for event in landed(hubspot, "events") if event["eventType"] == name
        )
        low, high = times[5], times[-5]
        found = walk(
            client, "/events/v3/events", eventType=name, occurredAfter=low, occurredBefore=high, limit=7
        )
    inside = [time for time in times if low < time < high]
    expected = [low] * (bounds[0] == "[") + inside + [high] * (bounds[1] == "]")
    assert [event["occurredAt"] for event in found] == expected


def test_events_of_one_object_and_without_a_question(hubspot, client):
    contact = landed(hubspot, "events")[0]["objectId"]
    found = walk(client, "/events/v3/events", objectType="contact", objectId=contact, limit=3)
    expected = [event for event in landed(hubspot, "events") if event["objectId"] == contact]
    assert by_id(found) == by_id(event for event in expected if event["objectType"] == "CONTACT")
    assert client.get("/events/v3/events").status_code == 400
    assert client.get("/events/v3/events?eventType=e_visited_page&sort=-occurredAt").status_code == 400
    assert client.get("/events/v3/events?eventType=e_visited_page&occurredAfter=soon").status_code == 400
    assert client.get("/events/v3/events?eventType=e_nobody_does_this").json() == {"results": []}
