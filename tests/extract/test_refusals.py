"""What HubSpot refuses is told in its words, and takes down no more than it has to."""

from __future__ import annotations

import httpx
import pytest

from sequence_warehouse.config.errors import UserError
from sequence_warehouse.extract import extract, running
from sequence_warehouse.extract.errors import Blocked, Forbidden, HubspotError, Refused
from tests.extract.conftest import assert_same, landed_lines
from tests.extract.test_removals import Between, told, vanished
from tests.hubspot_simulator.api.conftest import landed

VISITED = "events/e_visited_page"
WORDS = {
    "403-plan": "HubSpot says: This account's subscription does not include what was asked for",
    "403-access": "HubSpot says: This endpoint can be called by apps with portal-level access only",
}


def between(extractor, instead, stream: str, **arguments) -> dict:
    return extract(
        extractor.account,
        extractor.options,
        stream,
        clock=extractor.clock,
        transport=Between(instead),
        **arguments,
    )


def cursor(extractor, stream: str):
    return next(one["cursor_ms"] for one in summaries(extractor) if one["stream"] == stream)


def summaries(extractor, run_id: str = "") -> list[dict]:
    return running.summaries(extractor.landing, run_id, extractor.account.portal)


@pytest.mark.parametrize("fault", WORDS)
@pytest.mark.parametrize("stream", ["deals", "owners", "sequence_performance", "pipelines"])
def test_hubspots_own_words_are_shown_and_no_scope_is_made_up(extractor, fault, stream):
    extractor.hubspot.faults = fault
    with pytest.raises(Forbidden) as caught:
        extractor.stream(stream)
    sentence = str(caught.value)
    assert WORDS[fault] in sentence and "HubSpot does not say which scope" in sentence
    assert "crm.objects" not in sentence and "automation." not in sentence


def test_a_page_in_place_of_an_answer_is_a_block_and_no_matter_of_scopes(extractor):
    extractor.hubspot.faults = "403-html/deals"
    with pytest.raises(Blocked, match=r"deals of portal 1001 is blocked \(403") as caught:
        extractor.stream("deals")
    assert not isinstance(caught.value, UserError), "another attempt later may do"
    assert "scope" not in str(caught.value)
    extractor.hubspot.faults = ""
    extractor.stream("deals")
    assert {record["id"] for _, record in landed_lines(extractor.landing)} == {
        deal["id"] for deal in landed(extractor.hubspot, "deals")
    }


@pytest.mark.parametrize("fault", ["403-plan", "403-access", "403"])
def test_an_event_type_that_is_refused_while_others_answer_is_skipped_and_told(extractor, fault):
    extractor.hubspot.faults = f"{fault}/events/v3/events?eventType=e_visited_page"
    summaries = extractor.run()
    skipped = [one for one in summaries if one["outcome"] != "done"]
    assert [(one["stream"], one["outcome"]) for one in skipped] == [(VISITED, "skipped")]
    assert "HubSpot says: " in skipped[0]["message"] and "e_visited_page" in skipped[0]["message"]
    assert skipped[0]["cursor_ms"] is None
    assert VISITED.removeprefix("events/") not in {kind for kind, _ in landed_lines(extractor.landing)}
    extractor.hubspot.faults = ""
    extractor.run()
    assert_same(extractor.landing, extractor.hubspot.landing)


@pytest.mark.parametrize("fault", ["403-plan", "403"])
@pytest.mark.parametrize("path", ["/events", "/events/v3/events?eventType"])
def test_a_token_that_may_read_no_events_at_all_is_a_failure(extractor, fault, path):
    extractor.hubspot.faults = f"{fault}{path}"
    with pytest.raises(Forbidden, match=f"may not read {VISITED}"):
        extractor.stream(VISITED)
    assert summaries(extractor)[0]["outcome"] == "failed"


def refuse_user(status: int, users: list[str], single: bool = False):
    """Answers of one user's list, or of his sequences, replaced by a refusal."""

    def instead(request: httpx.Request, answer: httpx.Response):
        user = request.url.params.get("userId")
        is_list = request.url.path.endswith("/sequences")
        if user is None or is_list is single:
            return None
        if not users and (single or answer.json().get("results")):
            users.append(user)
        if user in users or "all" in users:
            return httpx.Response(status, json={"message": "The user has no seat", "category": "FORBIDDEN"})
        return None

    return instead


@pytest.mark.parametrize("status", [400, 403])
@pytest.mark.parametrize("single", [False, True])
def test_one_user_whom_hubspot_refuses_fails_nobody_elses_sequences(extractor, status, single):
    users: list[str] = []
    summary = between(extractor, refuse_user(status, users, single), "sequences")
    assert summary["outcome"] == "done" and "The user has no seat" in summary["message"]
    everything = {record["id"]: str(record["userId"]) for record in landed(extractor.hubspot, "sequences")}
    found = {record["id"] for kind, record in landed_lines(extractor.landing) if kind == "sequences"}
    assert found == {one for one, user in everything.items() if user not in users} != set()
    summary = extractor.stream("sequences")
    found = {record["id"] for kind, record in landed_lines(extractor.landing) if kind == "sequences"}
    assert found == set(everything) and summary["message"] is None


@pytest.mark.parametrize("status", [400, 403])
def test_a_sweep_without_one_users_sequences_takes_none_for_removed(extractor, status):
    extractor.stream("sequences")
    extractor.hubspot.faults = "vanished@0.5/sequences"
    between(extractor, refuse_user(status, []), "sequences", sweep=True)
    assert told(extractor.landing) == {}
    extractor.stream("sequences", sweep=True)
    assert set(told(extractor.landing)) == vanished(extractor.hubspot, "sequences")


@pytest.mark.parametrize(("status", "error"), [(400, HubspotError), (403, Refused), (404, HubspotError)])
@pytest.mark.parametrize("single", [False, True])
def test_all_users_refused_is_a_failure(extractor, status, error, single):
    if (status, single) == (404, True):
        return  # deleted since they were listed
    with pytest.raises(error):
        between(extractor, refuse_user(status, ["all"], single), "sequences")
    assert cursor(extractor, "sequences") is None


def test_performance_is_found_under_the_version_that_answers_and_it_is_kept(extractor):
    extractor.hubspot.faults = "performance-beta"
    asked = len(extractor.hubspot.requests)
    count = len(landed(extractor.hubspot, "sequence_performance"))
    assert extractor.stream("sequence_performance")["landed"] == count
    statuses = [one.status for one in extractor.hubspot.requests[asked:] if "/performance" in one.path]
    assert statuses == [404] + [200] * count
    extractor.clock.time += 100_000
    asked = len(extractor.hubspot.requests)
    extractor.stream("sequence_performance")
    statuses = [one.status for one in extractor.hubspot.requests[asked:] if "/performance" in one.path]
    assert statuses == [200] * count


@pytest.mark.parametrize("versions", [("2026-09",), ("2025-01", "2027-03"), ()])
def test_performance_under_no_version_is_a_sentence_and_the_cursor_stays(extractor, versions):
    object.__setattr__(extractor.options, "performance_versions", versions)
    extractor.hubspot.faults = "performance-beta"
    with pytest.raises(UserError, match="SEQUENCE_WAREHOUSE_HUBSPOT_PERFORMANCE_VERSIONS") as caught:
        extractor.stream("sequence_performance")
    assert all(version in str(caught.value) for version in versions)
    assert cursor(extractor, "sequence_performance") is None
    object.__setattr__(extractor.options, "performance_versions", ("2026-09", "2026-09-beta"))
    assert extractor.stream("sequence_performance")["landed"] > 0


def test_no_sequence_at_all_has_no_performance_and_that_is_fine(extractor):
    extractor.hubspot.faults = "vanished@0.9999/sequences"
    summary = extractor.stream("sequence_performance")
    assert summary["outcome"] == "done" and summary["cursor_ms"] is not None


def test_one_sequence_that_was_deleted_meanwhile_is_no_failure(extractor):
    def deleted(request: httpx.Request, answer: httpx.Response):
        if "/performance" in request.url.path and len(gone) < 2:  # under both versions
            gone.append(request.url.path)
            return httpx.Response(404, json={"message": "gone"})
        return None

    gone: list[str] = []
    count = len(landed(extractor.hubspot, "sequence_performance"))
    assert between(extractor, deleted, "sequence_performance")["landed"] == count - 1
