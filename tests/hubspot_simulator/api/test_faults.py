"""Each fault does on the wire what its name says, when its plan says so."""

from __future__ import annotations

import json
import random
import time
from datetime import timedelta

import httpx
import pytest

from hubspot_simulator.api import BEHAVIOURS, FAULTS, SURVIVABLE, random_plan
from hubspot_simulator.api.faults import Plan
from sequence_warehouse.config.errors import UserError
from tests.hubspot_simulator.api.conftest import by_id, landed, walk

CONTACTS = "/crm/v3/objects/contacts"
BROKEN = (httpx.ReadError, httpx.RemoteProtocolError, json.JSONDecodeError)


@pytest.mark.parametrize(
    ("fault", "status", "category", "retry_after"),
    [
        ("429:3", 429, "RATE_LIMITS", "3"),
        ("429-no-retry-after", 429, "RATE_LIMITS", None),
        ("daily", 429, "RATE_LIMITS", None),
        ("401", 401, "INVALID_AUTHENTICATION", None),
        ("403", 403, "MISSING_SCOPES", None),
        ("423", 423, "LOCKED", None),
        ("477:7", 477, "MIGRATION_IN_PROGRESS", "7"),
        *((str(status), status, "SERVICE_UNAVAILABLE", None) for status in (500, 502, 503, 504, 524)),
    ],
)
def test_an_error_is_answered_once_and_then_no_more(hubspot, client, fault, status, category, retry_after):
    hubspot.faults = f"{fault}@2/contacts"
    assert client.get("/crm/v3/objects/deals").status_code == 200
    answers = [client.get(CONTACTS) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, status, 200]
    body = answers[1].json()
    assert (body["status"], body["category"]) == ("error", category) and body["correlationId"]
    assert answers[1].headers.get("Retry-After") == retry_after
    assert body.get("policyName") == {"daily": "DAILY"}.get(
        fault, "TEN_SECONDLY_ROLLING" if status == 429 else None
    )
    assert hubspot.token not in answers[1].text


def test_a_missing_scope_is_named_and_lasts(hubspot, client):
    hubspot.faults = "403/deals"
    for _ in range(2):
        body = client.get("/crm/v3/objects/deals").json()
        assert body["errors"][0]["context"]["requiredGranularScopes"] == ["crm.objects.deals.read"]
    assert client.get(CONTACTS).status_code == 200


def test_a_cut_connection_gives_no_answer(hubspot, client):
    hubspot.faults = "cut@1"
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        client.get(CONTACTS)
    assert client.get(CONTACTS).status_code == 200
    assert [asked.status for asked in hubspot.requests[-2:]] == [0, 200]


def test_half_a_page_breaks_off_and_half_a_json_looks_whole(hubspot, client):
    hubspot.faults = "half-page@1,half-json@2"
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete"):
        client.get(CONTACTS)
    answer = client.get(CONTACTS)
    assert answer.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        answer.json()
    assert client.get(CONTACTS).json()["results"]


def test_a_slow_answer_is_late_and_good(hubspot, client):
    hubspot.faults = "slow:0.15@1"
    start = time.monotonic()
    assert client.get(CONTACTS).status_code == 200
    assert time.monotonic() - start >= 0.15
    hubspot.faults = "slow:0.3@1"
    with pytest.raises(httpx.ReadTimeout):
        client.get(CONTACTS, timeout=0.05)


def test_an_expired_token_stays_expired_and_a_new_walk_goes_on(hubspot, client):
    token = client.get(f"{CONTACTS}?limit=5").json()["paging"]["next"]["after"]
    hubspot.faults = "expired-token@1"
    for _ in range(2):
        refused = client.get(CONTACTS, params={"limit": 5, "after": token})
        assert refused.status_code == 400 and refused.json()["category"] == "VALIDATION_ERROR"
    contacts = [record for record in landed(hubspot, "contacts") if not record["archived"]]
    assert len(walk(client, CONTACTS, limit=5)) == len(contacts)
    assert client.get(CONTACTS, params={"after": "nonsense!"}).status_code == 400


def test_late_events_appear_when_the_account_has_come_so_far(hubspot, client):
    name = "e_v2_sequence_step_executed"
    events = [event for event in landed(hubspot, "events") if event["eventType"] == name]
    hubspot.faults = "late-events:36h@0.9"
    # The account works on weekdays; this is a Thursday.
    hubspot.now = hubspot.newest - timedelta(days=96)
    present = hubspot.now.strftime("%Y-%m-%dT%H:%M:%S.999Z")
    occurred = by_id(event for event in events if event["occurredAt"] <= present)
    counts = []
    for _ in range(4):
        found = walk(client, "/events/v3/events", eventType=name, occurredBefore=present, limit=9)
        counts.append(len(found))
        hubspot.advance(12 * 3600)
    assert counts == sorted(counts) and counts[0] < counts[-1]
    assert by_id(found) == occurred
    hubspot.now = None
    assert by_id(walk(client, "/events/v3/events", eventType=name)) == by_id(events)


def test_what_vanished_is_in_no_answer_until_the_plan_is_another(hubspot, client):
    everything = walk(client, CONTACTS)
    hubspot.faults = "vanished@0.3/contacts"
    rest = walk(client, CONTACTS)
    gone = {record["id"] for record in everything} - {record["id"] for record in rest}
    assert rest == [record for record in everything if record["id"] not in gone]
    assert 0.1 < len(gone) / len(everything) < 0.5
    assert client.get(f"{CONTACTS}/{min(gone)}").status_code == 404
    assert client.post(f"{CONTACTS}/search", json={}).json()["total"] == len(rest)
    assert len(walk(client, "/crm/v3/objects/companies")) > 0
    hubspot.faults = ""
    assert walk(client, CONTACTS) == everything


def test_objects_changed_after_the_present_are_not_there(hubspot, client):
    hubspot.now = hubspot.newest - timedelta(days=200)
    present = hubspot.now.strftime("%Y-%m-%dT%H:%M:%S.999Z")
    tasks = [
        task for task in landed(hubspot, "tasks") if not task["archived"] and task["updatedAt"] <= present
    ]
    assert len(walk(client, "/crm/v3/objects/tasks", limit=50)) == len(tasks) > 0
    assert client.post("/crm/v3/objects/tasks/search", json={}).json()["total"] == len(tasks)


def _survive(client, path, parameters):
    """All records of a walk, tried again as a patient client would."""
    while True:
        found, asked = [], dict(parameters)
        while True:
            for _ in range(3):
                try:
                    answer = client.get(path, params=asked)
                    page = answer.json()
                except BROKEN:
                    continue
                if answer.status_code in (200, 400):
                    break
            else:
                raise AssertionError("a plan of shares must be survived in three attempts")
            if answer.status_code == 400:
                break
            found += page["results"]
            if "paging" not in page:
                return found
            asked["after"] = page["paging"]["next"]["after"]


@pytest.mark.parametrize("seed", range(10))
def test_random_plans_are_survived(hubspot, client, seed):
    hubspot.faults = random_plan(random.Random(seed))
    print(hubspot.faults)
    found = _survive(client, CONTACTS, {"limit": 10})
    hubspot.faults = ""
    assert found == walk(client, CONTACTS, limit=10)


def test_a_plan_strikes_the_same_requests_every_time():
    strikes = []
    for _ in range(2):
        plan = Plan("503@0.3,seed=9")
        strikes.append([bool(plan.strike("/x", str(number), False)) for number in range(200)])
    assert strikes[0] == strikes[1] and 30 < sum(strikes[0]) < 90


def test_when_is_a_number_a_range_or_from_then_on():
    for when, expected in (("3", {3}), ("2-4", {2, 3, 4}), ("4+", {4, 5, 6})):
        plan = Plan(f"503@{when}/a")
        struck = {number for number in range(1, 7) if plan.strike("/a", "same", False)}
        assert struck == expected, when


def test_every_fault_of_the_list_is_drawn_sooner_or_later():
    rng = random.Random(1)
    plans = [random_plan(rng) for _ in range(200)]
    drawn = {rule.fault for plan in plans for rule in Plan(plan).rules}
    assert drawn == {*SURVIVABLE, *BEHAVIOURS} < set(FAULTS)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("426", "There is no fault '426'"),
        ("cut:3", "takes no argument"),
        ("429@", "cannot be read"),
        ("late-events@3", "takes a share"),
        ("unsorted-search@0.5", "must not say when"),
    ],
)
def test_a_plan_that_cannot_be_read_is_refused_in_a_sentence(text, sentence):
    with pytest.raises(UserError, match=sentence):
        Plan(text)
