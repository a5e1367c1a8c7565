"""Runs one after the other: nothing new, late events, changes, the search cap, backfills, sweeps."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from hubspot_simulator.api import serve
from sequence_warehouse.extract import extract
from tests.extract.conftest import TOKEN, Extractor, JumpingClock, assert_same, landed_lines, records


def test_a_run_in_which_nothing_changed_lands_nothing_with_few_requests(extractor):
    extractor.run()
    before = records(extractor.landing)
    asked = len(extractor.hubspot.requests)
    extractor.clock.time += 3600
    summaries = extractor.run()
    requests = len(extractor.hubspot.requests) - asked
    print(f"an hourly run in which nothing changed: {requests} requests for {len(summaries)} streams")
    assert records(extractor.landing) == before
    assert sum(summary["landed"] for summary in summaries) == 0
    # one a stream, the list of event types, owners twice for two streams, a list of sequences a user
    assert requests <= len(summaries) + 12


def test_the_overlap_is_read_again_and_lands_nothing_again(extractor):
    newest = extractor.hubspot.newest.timestamp()
    extractor.clock.time = newest + 60
    extractor.hubspot.now = extractor.hubspot.newest
    extractor.run()
    again = extractor.run()
    assert sum(summary["records"] for summary in again) > 0, "the overlap is not empty here"
    assert sum(summary["landed"] for summary in again) == 0
    swept = extractor.run(sweep=True)
    assert sum(summary["records"] for summary in swept) > sum(summary["records"] for summary in again)
    assert sum(summary["landed"] for summary in swept) == 0


@pytest.mark.slow
def test_late_events_come_within_the_overlap_and_later_ones_by_the_sweep(hubspot, tmp_path):
    """A run every twelve hours over the account's last days; some events appear days later."""
    kind = "events/e_v2_sequence_step_executed"
    start = hubspot.newest - timedelta(days=20)

    def follow(hours: int, name: str, sweep: bool) -> tuple[set, set]:
        hubspot.faults = f"late-events:{hours}h@0.5"
        extractor = Extractor(hubspot, tmp_path / name)
        moment = start
        while moment <= hubspot.newest + timedelta(hours=2 * hours):
            hubspot.now = moment
            extractor.clock.time = moment.timestamp()
            extractor.stream(kind)
            if sweep and moment.hour >= 12:  # every other run: nightly
                extractor.stream(kind, sweep=True)
            moment += timedelta(hours=12)
        mine = {record["id"] for _, record in landed_lines(extractor.landing)}
        doubles = Counter(record["id"] for _, record in landed_lines(extractor.landing))
        assert set(doubles.values()) == {1}
        theirs = {
            record["id"]
            for name, record in landed_lines(hubspot.landing)
            if name == kind.removeprefix("events/")
        }
        return theirs - mine, theirs

    lost, everything = follow(60, "within", sweep=False)
    assert everything and not lost
    lost, _ = follow(24 * 9, "beyond", sweep=False)
    assert lost, "nine days are more than the overlap"
    lost, _ = follow(24 * 9, "swept", sweep=True)
    assert not lost


def test_a_clock_that_was_ahead_once_loses_nothing(hubspot, tmp_path):
    """Cursors in the future: the next run looks back as a sweep does."""
    hubspot.now = hubspot.newest - timedelta(days=30)
    clock = JumpingClock((hubspot.newest + timedelta(days=100)).timestamp())
    extractor = Extractor(hubspot, tmp_path / "landing", clock)
    extractor.run()
    for days in range(28, -1, -2):
        hubspot.now = hubspot.newest - timedelta(days=days)
        clock.time = hubspot.now.timestamp() + 1
        extractor.run()
    hubspot.now = None
    extractor.run()
    # what that clock made it forget is landed again, and loaded once
    assert set(records(hubspot.landing)) <= set(records(extractor.landing))


def test_more_than_ten_thousand_results_are_all_found(tmp_path):
    """The cap lowered to 30, one page being 10: windows of several caps, all changed in one instant too."""
    with serve(enrollments=150, seed=6, search_cap=30, now=None) as hubspot:
        extractor = Extractor(hubspot, tmp_path / "landing", search_page=10)
        for kind in ("contacts", "tasks", "emails"):
            # as if the first load had been before anything was there
            since = datetime(2000, 1, 1, tzinfo=UTC)
            extractor.stream(kind, since=since, until=datetime(2100, 1, 1, tzinfo=UTC))
            found = {record["id"] for name, record in landed_lines(extractor.landing) if name == kind}
            there = {record["id"] for name, record in landed_lines(hubspot.landing) if name == kind}
            assert len(there) > 30
            assert found == there, "active ones by search, archived ones by the list"
        assert not [asked for asked in hubspot.requests if asked[2] == 400]


def test_twelve_thousand_objects_of_one_instant_are_paged_by_id(extractor, tmp_path):
    """Keyset pages: the filter moves on, no paging token is ever sent."""
    total, bodies = 12_345, []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":  # archived ones
            return httpx.Response(200, json={"results": []})
        body = json.loads(request.content)
        bodies.append(body)
        filters = {one["operator"]: int(one["value"]) for one in body["filterGroups"][0]["filters"]}
        first = filters.get("GT", 0) + 1
        ids = range(first, min(first + body["limit"], total + 1))
        results = [{"id": str(one), "properties": {}, "updatedAt": "2026-01-01T00:00:00Z"} for one in ids]
        more = {"paging": {"next": {"after": "200"}}} if ids and ids[-1] < total else {}
        return httpx.Response(200, json={"total": total - first + 1, "results": results, **more})

    summary = extract(
        extractor.account,
        extractor.options,
        "companies",
        clock=extractor.clock,
        since=datetime(2026, 1, 1, tzinfo=UTC),
        transport=httpx.MockTransport(answer),
    )
    assert summary["landed"] == total
    assert not any("after" in body for body in bodies)


def test_what_changed_is_landed_and_what_did_not_is_not(hubspot, tmp_path):
    hubspot.now = hubspot.newest - timedelta(days=30)
    clock = JumpingClock(hubspot.now.timestamp() + 1)
    extractor = Extractor(hubspot, tmp_path / "landing", clock)
    extractor.run()
    before = records(extractor.landing)
    hubspot.now = None
    clock.time = hubspot.newest.timestamp() + 3600
    extractor.run(sweep=True)
    assert not records(extractor.landing)[max(before)] > 1
    assert_same(extractor.landing, hubspot.landing)


def test_a_backfill_lands_its_window_and_leaves_the_cursor(extractor):
    kind = "events/e_v2_sequence_step_executed"
    newest = extractor.hubspot.newest
    since, until = newest - timedelta(days=90), newest - timedelta(days=60)
    summary = extractor.stream(kind, since=since, until=until)
    assert summary["landed"] > 0 and summary["cursor_ms"] is None
    times = [datetime.fromisoformat(record["occurredAt"]) for _, record in landed_lines(extractor.landing)]
    assert min(times) >= since - timedelta(seconds=1) and max(times) < until


def test_two_portals_lie_side_by_side(tmp_path):
    landing = tmp_path / "landing"
    for portal, seed in (("1001", 1), ("1002", 2)):
        with serve(enrollments=60, seed=seed, portal=portal, token=TOKEN) as hubspot:
            extractor = Extractor(hubspot, landing)
            extractor.run("contacts", "owners")
            mine = {record["id"] for _, record in landed_lines(landing / f"portal={portal}" / "..")}
            assert mine
    assert {path.name for path in landing.iterdir()} == {"_state", "portal=1001", "portal=1002"}


@pytest.mark.parametrize(
    ("fault", "sentence"), [("401", "HUBSPOT_TOKEN"), ("403", "scope"), ("daily", "starts anew")]
)
def test_what_a_person_must_mend_is_one_sentence_and_kept(extractor, fault, sentence):
    from sequence_warehouse.config.errors import UserError

    extractor.hubspot.faults = f"{fault}/deals"
    asked = len(extractor.hubspot.requests)
    with pytest.raises(UserError, match=sentence):
        extractor.stream("deals")
    assert len(extractor.hubspot.requests) == asked + 1
    kept = json.loads((extractor.landing / "_state/portal=1001/deals.json").read_text())
    assert kept["outcome"] == "failed" and sentence in kept["message"]
    extractor.hubspot.faults = ""
    assert extractor.stream("deals")["outcome"] == "done"
