"""Paging through every endpoint gives exactly the records of the landing folder."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from hubspot_simulator.api import serve
from hubspot_simulator.landing import simulate
from sequence_warehouse.config.errors import UserError
from sequence_warehouse.config.settings import Settings
from sequence_warehouse.runs import steps
from sequence_warehouse.storage.database import connect
from tests.hubspot_simulator.api.conftest import (
    CRM_KINDS,
    all_properties,
    by_id,
    client_of,
    landed,
    pages,
    walk,
)


def test_events_of_each_type_come_once_and_in_order(hubspot, client):
    types = client.get("/events/v3/events/event-types").json()["eventTypes"]
    found = []
    for name in types:
        events = walk(client, "/events/v3/events", eventType=name, limit=70)
        assert [event["occurredAt"] for event in events] == sorted(event["occurredAt"] for event in events)
        found += events
    assert by_id(found) == by_id(landed(hubspot, "events"))
    newer = "/events/event-occurrences/2026-03"
    assert walk(client, newer, eventType=types[0]) == [
        event for event in found if event["eventType"] == types[0]
    ]


@pytest.mark.parametrize("kind", CRM_KINDS)
def test_objects_live_and_archived_are_all_objects(hubspot, client, kind):
    asked = {"limit": 17, "properties": all_properties(hubspot, kind), "associations": "contacts"}
    path = f"/crm/v3/objects/{kind}"
    live = walk(client, path, **asked)
    archived = walk(client, path, archived="true", **asked)
    assert not any(record["archived"] for record in live)
    assert all(record["archived"] for record in archived)
    assert by_id(live + archived) == by_id(landed(hubspot, kind))


def test_owners_pipelines_and_sequences(hubspot, client):
    owners = walk(client, "/crm/v3/owners", limit=2) + walk(client, "/crm/v3/owners", archived="true")
    assert by_id(owners) == by_id(landed(hubspot, "owners"))
    assert by_id(walk(client, "/crm/v3/pipelines/deals")) == by_id(landed(hubspot, "pipelines"))

    path = "/automation/v4/sequences"
    listed = [
        sequence
        for owner in owners
        for sequence in walk(client, path, userId=owner["userIdIncludingInactive"], limit=1)
    ]
    assert all("steps" not in sequence for sequence in listed)
    whole = [client.get(f"{path}/{sequence['id']}?userId=1").json() for sequence in listed]
    assert by_id(whole) == by_id(landed(hubspot, "sequences"))
    assert client.get(path).status_code == 400
    assert client.get(f"{path}/1?userId=1").status_code == 404


def test_performance_answers_what_is_landed_without_its_envelope(hubspot, client):
    service = "/automation/sequences/2026-09/serviceaccounts/sequences"
    for record in landed(hubspot, "sequence_performance"):
        answer = client.get(f"{service}/{record['id']}/performance?timelineInterval=WEEK").json()
        assert answer == {name: value for name, value in record.items() if name not in ("id", "updatedAt")}
        assert answer["summary"]["enrolled"] > 0
        assert {"stepKey", "executionCount", "opened"} <= answer["steps"][0].keys()
        assert answer["statusByStep"][0].keys() == {"currentStepOrder", "enrollmentStatus", "count"}
        by_month = client.get(f"{service}/{record['id']}/performance?timelineInterval=MONTH").json()
        totals = [
            sum(span["enrollments"] for span in timeline)
            for timeline in (answer["timeline"], by_month["timeline"])
        ]
        assert totals[0] == totals[1] > 0
    assert client.get(f"{service}/{record['id']}/performance?timelineInterval=YEAR").status_code == 400


def test_the_last_page_has_no_paging_and_links_work(hubspot, client):
    first, *_, last = pages(client, "/crm/v3/objects/companies", limit=10)
    assert "paging" not in last
    following = first["paging"]["next"]
    by_link = client.get(following["link"]).json()
    assert (
        by_link["results"]
        == client.get("/crm/v3/objects/companies", params={"limit": 10, "after": following["after"]}).json()[
            "results"
        ]
    )


def test_a_page_is_no_longer_than_the_endpoint_allows(client):
    assert client.get("/crm/v3/objects/contacts?limit=101").status_code == 400
    assert client.get("/events/v3/events?eventType=e_visited_page&limit=1001").status_code == 400
    assert len(client.get("/crm/v3/objects/contacts").json()["results"]) == 10


def test_a_landing_folder_of_lines_and_pages_is_served_as_it_is(tmp_path):
    simulate(tmp_path, ["7"], 40, quirks=False, file_format="jsonl.gz")
    with serve(tmp_path, portal="7", page_limit=9) as hubspot, client_of(hubspot) as client:
        assert hubspot.landing == tmp_path
        asked = {"limit": 100, "properties": all_properties(hubspot, "companies")}
        sizes = [len(page["results"]) for page in pages(client, "/crm/v3/objects/companies", **asked)]
        assert set(sizes[:-1]) == {9}
        assert by_id(walk(client, "/crm/v3/objects/companies", **asked)) == by_id(
            landed(hubspot, "companies")
        )


def test_a_folder_that_cannot_be_served_is_refused_in_a_sentence(tmp_path):
    with pytest.raises(UserError, match="There is no folder"), serve(tmp_path):
        pass
    events = tmp_path / "portal=1001" / "events"
    events.mkdir(parents=True)
    (events / "a.csv").write_text("id\n1\n")
    with pytest.raises(UserError, match="Only JSON lines and API pages"), serve(tmp_path):
        pass


def test_the_same_seed_is_the_same_account_and_another_is_not():
    accounts = []
    for seed in (1, 1, 2):
        with serve(enrollments=5, seed=seed) as hubspot:
            accounts.append(by_id(landed(hubspot, "events")))
    assert accounts[0] == accounts[1] != accounts[2]


def test_many_clients_at_once_each_get_everything(hubspot):
    def contacts(_) -> list[dict]:
        with client_of(hubspot) as client:
            return walk(client, "/crm/v3/objects/contacts", limit=50)

    with ThreadPoolExecutor(6) as pool:
        first, *others = pool.map(contacts, range(6))
    assert first and all(other == first for other in others)


def test_what_is_landed_loads_without_a_rejection(hubspot, tmp_path):
    settings = Settings(hubspot.landing, tmp_path / "warehouse")
    steps.load_step(settings, "simulated")
    with connect() as connection:
        rows = connection.execute(
            "select reason, count(*) from read_parquet(?, union_by_name = true) group by all",
            [str(tmp_path / "warehouse/raw/*/events*/**/*.parquet")],
        ).fetchall()
    assert rows == [(None, len(landed(hubspot, "events")))]


def test_the_account_its_rates_and_templates_answer_what_is_landed(hubspot, client):
    (account,) = landed(hubspot, "accounts")
    details = client.get("/account-info/v3/details").json()
    assert details == {name: value for name, value in account.items() if name not in ("id", "updatedAt")}
    assert str(details["portalId"]) == hubspot.portal
    rates = walk(client, "/settings/v3/currencies/exchange-rates", limit=2)
    assert by_id(rates) == by_id(landed(hubspot, "exchange_rates"))
    path = "/automation/email-templates/2026-09-beta"
    folders = {folder["id"]: folder["name"] for folder in walk(client, f"{path}/folders")}
    templates = walk(client, path, limit=7)
    assert not any("folderName" in template for template in templates) and len(folders) == 2
    named = [
        template | ({"folderName": folders[template["folderId"]]} if "folderId" in template else {})
        for template in templates
    ]
    assert by_id(named) == by_id(landed(hubspot, "templates"))


def test_a_contacts_enrollment_is_the_one_that_began_last_and_has_not_ended(hubspot, client):
    """Asked for each contact with an enrollment, now and as it was a while ago."""
    told = {}
    for event in sorted(landed(hubspot, "events"), key=lambda event: event["occurredAt"]):
        kind, enrollment = event["eventType"], event["properties"].get("hs_enrollment_id")
        if enrollment and kind.startswith("e_v2") and event["properties"].get("hs_sequence_id"):
            told.setdefault(event["objectId"], {}).setdefault(enrollment, []).append(
                (kind, event["occurredAt"])
            )
    ends = ("finished_sequence", "from_sequence", "sequence_email_bounced", "unsubscribed_sequence_email")
    found = missing = 0
    for moment in (None, hubspot.newest - timedelta(days=100)):
        hubspot.now = moment
        now = "9" if moment is None else moment.isoformat()
        for contact, enrollments in list(told.items())[::7]:
            current = [
                (time, enrollment)
                for enrollment, acts in enrollments.items()
                for kind, time in acts
                if kind.endswith("contact_enrolled_in_sequence") and time <= now
                and not any(kind.endswith(ends) and end <= now for kind, end in acts)
            ]  # fmt: skip
            response = client.get(f"/automation/v4/sequences/enrollments/contact/{contact}")
            if current:
                found += 1
                assert (response.json()["enrolledAt"], response.json()["id"]) == max(current)
                assert response.json().keys() == {
                    "id", "toEmail", "enrolledAt", "sequenceId", "enrolledBy", "updatedAt"
                }  # fmt: skip
            elif response.status_code == 404:
                missing += 1
            else:  # its enroll event is missing: the first step tells that it was enrolled before
                acts = enrollments[response.json()["id"]]
                assert not any(kind.endswith("enrolled_in_sequence") for kind, _ in acts)
                assert response.json()["enrolledAt"] < min(time for _, time in acts)
    assert found > 5 and missing > 5
