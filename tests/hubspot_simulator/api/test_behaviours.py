"""How an account may answer and be right: on the wire what the list of faults says, and still all records."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.hubspot_simulator.api.conftest import landed, walk

SEARCH = "/crm/v3/objects/tasks/search"
BATCH = "/crm/v3/associations/{}/contacts/batch/read"


def search(client, **body) -> list[dict]:
    """The pages of a search."""
    pages, after = [], None
    while True:
        page = client.post(SEARCH, json={"limit": 50, **body, "after": after}).json()
        pages.append(page)
        if "paging" not in page:
            return pages
        after = page["paging"]["next"]["after"]


def ids(pages: list[dict]) -> list[int]:
    return [int(record["id"]) for page in pages for record in page["results"]]


def test_a_search_may_answer_in_an_order_of_its_own(hubspot, client):
    sorts = [{"propertyName": "hs_object_id", "direction": "ASCENDING"}]
    sorted_ids = ids(search(client, sorts=sorts))
    hubspot.faults = "unsorted-search"
    found = ids(search(client, sorts=sorts))
    assert sorted_ids == sorted(sorted_ids) == sorted(found) != found == ids(search(client))


def test_a_page_of_a_search_may_be_empty_and_name_a_next_one(hubspot, client):
    whole = search(client)
    hubspot.faults = "empty-page"
    pages = search(client)
    assert [page for page in pages if page["results"]] == whole and len(whole) > 1
    empty = [page for page in pages if not page["results"]]
    assert len(empty) == len(whole) and {page["total"] for page in pages} == {whole[0]["total"]}


def test_late_links_are_shown_by_batch_reads_in_time_and_by_lists_never(hubspot, client):
    deals = [deal for deal in landed(hubspot, "deals") if not deal["archived"]]
    links = {
        (deal["id"], link["id"]) for deal in deals for link in deal["associations"]["contacts"]["results"]
    }
    hubspot.faults = "late-links:48h@0.5"

    def by_batch() -> set[tuple[str, str]]:
        inputs = [{"id": deal["id"]} for deal in deals]
        results = client.post(BATCH.format("deals"), json={"inputs": inputs}).json()["results"]
        return {(one["from"]["id"], link["id"]) for one in results for link in one["to"]}

    def by_list() -> set[tuple[str, str]]:
        found = walk(client, "/crm/v3/objects/deals", associations="contacts")
        return {
            (one["id"], link["id"])
            for one in found
            for link in one.get("associations", {}).get("contacts", {}).get("results", [])
        }

    assert by_batch() == links, "after everything"
    listed = by_list()
    assert listed < links
    newest = max(deals, key=lambda deal: deal["updatedAt"])["updatedAt"]
    hubspot.now = hubspot.newest
    some = by_batch()
    assert listed <= some <= links and newest
    hubspot.advance(timedelta(hours=48).total_seconds() + 1)
    assert by_batch() == links and by_list() == listed


@pytest.mark.parametrize(
    ("faults", "sub_category"),
    [("", "crm.associations.NO_ASSOCIATIONS_FOUND"), ("207-object", {"name": "NO_ASSOCIATIONS_FOUND"})],
)
def test_without_links_is_an_error_of_a_207_whose_kind_may_be_an_object(
    hubspot, client, faults, sub_category
):
    hubspot.faults = faults
    known = landed(hubspot, "tasks")[0]["id"]
    inputs = [{"id": known}, {"id": "1"}]
    answer = client.post(BATCH.format("tasks"), json={"inputs": inputs})
    assert answer.status_code == 207 and [one["from"]["id"] for one in answer.json()["results"]] == [known]
    (error,) = answer.json()["errors"]
    assert error["subCategory"] == sub_category and error["context"]["fromObjectId"] == ["1"]


def test_a_batch_without_any_links_may_be_404(hubspot, client):
    hubspot.faults = "batch-404"
    known = landed(hubspot, "tasks")[0]["id"]
    statuses = [
        client.post(BATCH.format("tasks"), json={"inputs": [{"id": one} for one in inputs]}).status_code
        for inputs in (["1", "2"], ["1", known])
    ]
    assert statuses == [404, 207]


def test_one_object_of_a_batch_may_fail(hubspot, client):
    known = [task["id"] for task in landed(hubspot, "tasks")[:3]]
    hubspot.faults = "207-error@2"
    client.get("/crm/v3/objects/tasks")  # does not count: it is no batch
    answers = [
        client.post(BATCH.format("tasks"), json={"inputs": [{"id": one} for one in known]}) for _ in range(3)
    ]
    assert [answer.status_code for answer in answers] == [200, 207, 200]
    failed = answers[1].json()
    assert [one["from"]["id"] for one in failed["results"]] == known[1:]
    assert failed["errors"][0]["context"]["fromObjectId"] == known[:1]
    assert "subCategory" not in failed["errors"][0]


def test_performance_may_be_answered_under_the_beta_version_only(hubspot, client):
    sequence = landed(hubspot, "sequence_performance")[0]["id"]
    path = "/automation/sequences/{}/serviceaccounts/sequences/{}/performance"

    def statuses() -> list[int]:
        versions = ("2026-09", "2026-09-beta", "2027-03")
        return [client.get(path.format(version, sequence)).status_code for version in versions]

    assert statuses() == [200, 200, 404]
    hubspot.faults = "performance-beta"
    assert statuses() == [404, 200, 404]


@pytest.mark.parametrize(
    ("fault", "words"), [("403-plan", "subscription does not include"), ("403-access", "portal-level access")]
)
def test_a_refusal_may_name_no_scope(hubspot, client, fault, words):
    hubspot.faults = f"{fault}/events?eventType=e_visited_page"
    kinds = ("e_visited_page", "e_call_started")
    answers = [client.get("/events/v3/events", params={"eventType": kind}) for kind in kinds]
    assert [answer.status_code for answer in answers] == [403, 200]
    assert words in answers[0].json()["message"] and "cope" not in answers[0].text


def test_a_refusal_may_be_the_page_of_a_firewall(hubspot, client):
    hubspot.faults = "403-html"
    answer = client.get("/crm/v3/owners")
    assert answer.status_code == 403 and answer.headers["Content-Type"] == "text/html"
    assert answer.text.startswith("<!DOCTYPE html>")


def test_an_address_may_be_too_long(hubspot, client):
    hubspot.faults = "414:60/objects"
    path = "/crm/v3/objects/deals?properties="
    assert client.get(path + "a" * (60 - len(path))).status_code == 200
    assert client.get(path + "a" * (61 - len(path))).status_code == 414
    assert client.get("/crm/v3/owners?email=" + "a" * 100).status_code == 200
