"""Whom HubSpot is asked for, what of its answers is landed, and when a 404 is an answer."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from sequence_warehouse.extract import Options, extract, plan
from sequence_warehouse.extract.connection import Account, Secret
from sequence_warehouse.extract.enrollments import TRIALS
from sequence_warehouse.extract.errors import HubspotError
from tests.extract.conftest import Extractor, JumpingClock, landed_lines

ENROLLED = "e_v2_contact_enrolled_in_sequence"
STEP = "e_v2_sequence_step_executed"
FINISHED = "e_v2_contact_finished_sequence"
UNENROLLED = "e_v2_contact_unenrolled_manually_from_sequence"
NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)
NO_PATH = (404, {"category": "OBJECT_NOT_FOUND", "message": "resource not found"})


class Case:
    """A landing folder, a clock, and a HubSpot that answers by contact: a body, (status, body) or no path."""

    def __init__(self, landing: Path, **options) -> None:
        self.landing = landing
        self.clock = JumpingClock(NOW.timestamp())
        self.account = Account("1001", "https://hubspot.test", Secret("t"), "the test")
        self.options = Options(landing=landing, requests_per_10_seconds=0, attempts=2, **options)
        self.answers: dict[str, object] = {}
        self.otherwise: object = NO_PATH
        self.asked: list[str] = []
        self.files = 0

    def events(self, event_type: str, *told: tuple[str, float]) -> None:
        """Land events of (contact, days before now) as the stream of events does."""
        self.files += 1
        folder = self.landing / "portal=1001/events" / event_type
        folder.mkdir(parents=True, exist_ok=True)
        lines = [
            json.dumps(
                {
                    "eventType": event_type,
                    "id": f"{self.files}-{number}",
                    "objectType": "CONTACT",
                    "objectId": contact,
                    "occurredAt": (NOW - timedelta(days=days)).isoformat(),
                    "properties": {},
                }
            )
            for number, (contact, days) in enumerate(told)
        ]
        path = folder / f"{self.files:08}-since.jsonl.gz"
        path.write_bytes(gzip.compress("".join(f"{line}\n" for line in lines).encode()))

    def run(self, hours: float = 1, **arguments) -> dict:
        self.asked.clear()
        try:
            return extract(
                self.account,
                self.options,
                "enrollment_status",
                clock=self.clock,
                transport=httpx.MockTransport(self._answer),
                **arguments,
            )
        finally:
            self.clock.time += hours * 3600

    @property
    def landed(self) -> list[dict]:
        return [record for kind, record in landed_lines(self.landing) if kind == "sequence_enrollments"]

    def _answer(self, request: httpx.Request) -> httpx.Response:
        contact = request.url.path.rpartition("/")[2]
        assert request.url.path == f"/automation/v4/sequences/enrollments/contact/{contact}"
        self.asked.append(contact)
        answer = self.answers.get(contact, self.otherwise)
        status, body = answer if isinstance(answer, tuple) else (200, answer)
        if body is None:
            return httpx.Response(status)
        return httpx.Response(status, json=body)


@pytest.fixture
def case(tmp_path) -> Case:
    return Case(tmp_path / "landing")


def enrollment(number: int = 1, **more) -> dict:
    return {
        "id": str(number),
        "toEmail": "a@b.example",
        "enrolledAt": "2026-06-01T00:00:00Z",
        "sequenceId": "33",
        "enrolledBy": "44",
        "updatedAt": "2026-06-02T00:00:00Z",
    } | more


def test_who_is_asked_for(case):
    case.events(ENROLLED, ("in", 10), ("finished", 10), ("unenrolled", 10), ("again", 20), ("old", 300))
    case.events(STEP, ("in", 9), ("finished", 9), ("without-enrolling", 5), ("again", 19))
    case.events(FINISHED, ("finished", 8))
    case.events(UNENROLLED, ("unenrolled", 9), ("again", 15), ("never-seen", 4))
    case.events(ENROLLED, ("again", 2))
    case.otherwise = enrollment()
    case.run()
    assert set(case.asked) == {"in", "again", "without-enrolling"} and len(case.asked) == 3


def test_days_are_counted_from_the_newest_event_not_from_the_clock(case):
    """An account that fell silent a year ago."""
    case.events(ENROLLED, ("in", 400), ("old", 800))
    case.otherwise = enrollment()
    case.run()
    assert case.asked == ["in"]


def test_an_event_from_the_future_does_not_hide_the_others(case):
    case.events(ENROLLED, ("in", 10), ("ahead", -9000))
    case.otherwise = enrollment()
    case.run()
    assert set(case.asked) == {"in", "ahead"}


def test_what_was_answered_lands_as_it_came_with_contact_and_time(case):
    case.events(ENROLLED, ("501", 10), ("502", 10), ("503", 10))
    case.answers = {"501": enrollment(7, id=7, sequenceName="new"), "502": {}, "503": (204, None)}
    summary = case.run()
    asked = "2026-06-30T12:00:00.000Z"
    none = [
        {"id": f"contact/{one}", "contactId": one, "enrolledAt": None, "updatedAt": asked, "fetchedAt": asked}
        for one in ("502", "503")
    ]
    assert sorted(case.landed, key=lambda record: record["contactId"]) == [
        enrollment(7, sequenceName="new") | {"contactId": "501", "fetchedAt": asked},
        *none,
    ]
    assert (summary["outcome"], summary["requests"], summary["landed"]) == ("done", 3, 3)


def test_it_lands_again_only_when_it_says_something_else(case):
    case.events(ENROLLED, ("501", 10))
    first, second = enrollment(1), enrollment(2)
    for answer in (first, first, enrollment(1, updatedAt="2026-06-05T00:00:00Z"), {}, {}, first, second):
        case.answers["501"] = answer
        case.run(sweep=True)
        case.events(ENROLLED, ("501", -1))  # so that it is asked for also when there was none
    told = [(record["id"], record["updatedAt"][:10]) for record in case.landed]
    assert told == [
        ("1", "2026-06-02"), ("1", "2026-06-05"), ("contact/501", "2026-06-30"), ("1", "2026-06-02"),
        ("2", "2026-06-02"),
    ]  # fmt: skip
    times = [record["fetchedAt"] for record in case.landed]
    assert times == sorted(set(times))


def test_an_answer_without_a_time_of_change_is_not_another_each_time(case):
    case.events(ENROLLED, ("501", 10))
    case.answers["501"] = {"id": "1", "enrolledAt": "2026-06-01T00:00:00Z"}
    for _ in range(3):
        case.run(sweep=True)
    assert len(case.landed) == 1 and case.landed[0]["updatedAt"] == case.landed[0]["fetchedAt"]


def test_an_hourly_run_asks_for_the_new_and_for_those_of_yesterday(case):
    case.events(ENROLLED, ("501", 10), ("502", 10))
    case.otherwise = enrollment()
    case.run()
    assert case.run()["requests"] == 0
    case.events(ENROLLED, ("503", 0), ("501", -0.125))
    case.run(hours=1)
    assert case.asked == ["503"], "what is yet to come is asked for when it has come"
    case.run(hours=22)
    assert case.asked == ["501"], "enrolled again since"
    case.run(hours=3)
    assert case.asked == ["502"]
    case.run(sweep=True)
    assert set(case.asked) == {"501", "502", "503"}


def test_once_there_is_none_only_a_new_beginning_is_asked_for(case):
    case.events(ENROLLED, ("501", 10), ("502", 1))
    case.otherwise = {}
    case.run(sweep=True)
    case.run(sweep=True)
    assert case.asked == ["502"], "its events may still come in late"
    case.clock.time += 5 * 24 * 3600
    case.run(sweep=True)
    assert case.run(sweep=True)["requests"] == 0
    case.events(STEP, ("501", -5))
    case.run()
    assert case.asked == ["501"]


def test_an_hourly_run_has_a_limit_and_begins_with_the_oldest_answers(tmp_path):
    case = Case(tmp_path, enrollment_contacts=2, enrollment_hours=0.5)
    case.events(ENROLLED, *((str(number), 10) for number in range(5)))
    case.otherwise = enrollment()
    turns = []
    for _ in range(5):
        case.run()
        turns.append(list(case.asked))
    assert turns == [["0", "1"], ["2", "3"], ["4", "0"], ["1", "2"], ["3", "0"]]


def test_a_sweep_that_broke_off_goes_on(case, monkeypatch):
    from sequence_warehouse.extract import enrollments

    monkeypatch.setattr(enrollments, "BATCH", 3)
    case.events(ENROLLED, *((f"{number}", 10) for number in range(8)))
    case.otherwise = enrollment()
    case.answers["4"] = (500, {})
    with pytest.raises(HubspotError):
        case.run(sweep=True)
    assert case.asked == ["0", "1", "2", "3", "4", "4"]
    assert {record["contactId"] for record in case.landed} == {"0", "1", "2", "3"}
    assert case.run(sweep=True)["outcome"] == "done"
    assert case.asked == ["5", "6", "7"], "the one that failed stops no other; its turn comes again"
    case.answers.pop("4")
    case.run(sweep=True)
    assert len(case.asked) == 8


def test_no_such_path_is_told_soon_and_lands_nothing(case):
    case.events(ENROLLED, *((str(number), 10) for number in range(3 * TRIALS)))
    for sweep in (False, True):
        summary = case.run(sweep=sweep)
        assert summary["outcome"] == "skipped" and "404" in summary["message"]
        assert summary["requests"] == TRIALS
    assert case.landed == []


def test_a_404_is_an_answer_where_another_contact_has_one(case):
    case.events(ENROLLED, ("501", 10), ("502", 10), ("503", 10))
    case.answers["502"] = enrollment()
    assert case.run()["outcome"] == "done"
    assert {record["id"] for record in case.landed} == {"contact/501", "1", "contact/503"}


def test_a_404_is_an_answer_where_another_contact_had_one_before(case):
    case.events(ENROLLED, ("501", 10))
    case.answers["501"] = enrollment()
    case.run()
    case.answers.clear()
    assert case.run(sweep=True)["outcome"] == "done"
    assert [record["id"] for record in case.landed] == ["1", "contact/501"]


def test_a_path_that_is_gone_ends_nobodys_enrollment(case):
    case.events(ENROLLED, *((str(number), 10) for number in range(TRIALS)))
    case.otherwise = enrollment()
    case.run()
    case.otherwise = NO_PATH
    assert case.run(sweep=True)["outcome"] == "skipped"
    assert len(case.landed) == TRIALS


def test_a_missing_scope_is_told_and_a_bad_contact_passed_over(case):
    case.events(ENROLLED, ("501", 10), ("502", 10), ("503", 10))
    case.answers = {"501": (400, {"message": "bad"}), "502": enrollment(), "503": {"unknown": 1}}
    assert case.run()["outcome"] == "done"
    assert [record["contactId"] for record in case.landed] == ["502"]
    case.otherwise, case.answers = (403, {"message": "no"}), {}
    summary = case.run(sweep=True)
    assert summary["outcome"] == "skipped" and "403" in summary["message"]
    assert summary["requests"] == 1


def test_without_events_nobody_is_asked_for(case):
    summary = case.run(sweep=True)
    assert (summary["outcome"], summary["requests"], case.landed) == ("done", 0, [])


def test_it_comes_after_the_events_and_finds_who_is_in_a_sequence(hubspot, tmp_path):
    """Of a served account: the answers are those of its enrollments that no event ends."""
    hubspot.now = hubspot.newest - timedelta(days=40)
    extractor = Extractor(hubspot, tmp_path / "landing", JumpingClock(hubspot.now.timestamp()))
    assert plan(extractor.account, extractor.options, extractor.clock)[-1] == "enrollment_status"
    summaries = {one["stream"]: one for one in extractor.run()}
    assert summaries["enrollment_status"]["outcome"] == "done"
    landed = list(landed_lines(extractor.landing))
    events = {kind: [record for name, record in landed if name == kind] for kind in (ENROLLED, FINISHED)}
    finished = {event["properties"]["hs_enrollment_id"] for event in events[FINISHED]}
    enrolled_at = {event["properties"]["hs_enrollment_id"]: event["occurredAt"] for event in events[ENROLLED]}
    answers = [record for kind, record in landed if kind == "sequence_enrollments"]
    current = [record for record in answers if record["enrolledAt"]]
    assert len(current) > 3
    assert not {record["id"] for record in current} & finished
    assert all(
        record["enrolledAt"] == enrolled_at.get(record["id"], record["enrolledAt"]) for record in current
    )
    assert len({record["contactId"] for record in answers}) == len(answers)
