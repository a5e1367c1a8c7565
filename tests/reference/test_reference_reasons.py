"""Examples worked out by hand: why HubSpot's number differs, and what looks like a reason but is none."""

from __future__ import annotations

import pytest

from .test_reference_examples import DAY, HOUR, Log, at


def answer(log: Log, fetched: float, *, steps: list | None = None, sequence: str = "S", **summary) -> Log:
    return log.object(
        "sequence_performance", sequence, fetchedAt=at(fetched), summary=summary, steps=steps or []
    )


def reason(log: Log, metric: str, *rules: str, sequence: str = "S", level: str = "summary") -> str | None:
    (row,) = [
        row
        for row in log.tables(*rules)["reconciliation"]
        if (row["sequence_id"], row["level"], row["metric"]) == (sequence, level, metric)
    ]
    assert row["difference"] != 0
    return row["likely_reason"]


def opened(*times: float, contacts: bool = True) -> Log:
    """One enrollment for each time of an open, executed at noon."""
    log = Log()
    for number, seconds in enumerate(times):
        enrollment = f"E{number}"
        log.enroll(0, enrollment, contact=enrollment if contacts else "1")
        log.event("step_executed", 0, enrollment=enrollment, step="0", template="A")
        log.event("opened", seconds, enrollment=enrollment, step="0", template="A")
    return log


OLDER = "our newest event is older than the answer"
BEFORE = "fetched before our newest event"


@pytest.mark.parametrize("spelling", ["yes, it is", "false"])
def test_tasks_that_are_all_misread_are_not_explained_by_the_age_of_our_events(spelling):
    log = opened(5)
    for number in range(3):
        properties = {"hs_task_sequence_step_enrollment_id": "E0", "hs_task_sequence_step_order": "0"}
        log.object("tasks", f"t{number}", properties=properties | {"hs_task_is_completed": spelling})
    answer(log, DAY, steps=[{"stepOrder": 0, "tasksCompleted": 3}], opened=2)
    assert reason(log, "tasksCompleted", level="step") is None
    assert reason(log, "opened") == OLDER


def test_deals_that_we_lack_are_not_explained_by_the_age_of_our_events():
    assert reason(answer(opened(5), DAY, associatedDeals=1), "associatedDeals") is None


def test_a_whole_kind_of_events_that_we_lack_is_not_explained_by_the_age_of_the_others():
    log = answer(opened(5, 6), DAY, clicked=2, opened=3)
    assert reason(log, "clicked") is None
    assert reason(log, "opened") == OLDER
    assert reason(answer(opened(5, 6), DAY, opened=5), "opened") is None


def test_what_we_lack_is_as_much_as_we_gained_in_as_long_a_time_before():
    times = (5, 5, 5, 9 * HOUR, 10 * HOUR)
    assert reason(answer(opened(*times), 12 * HOUR, opened=6), "opened") == OLDER
    assert reason(answer(opened(*times), 12 * HOUR, opened=7), "opened") == OLDER
    assert reason(answer(opened(*times), 12 * HOUR, opened=8), "opened") is None
    assert reason(answer(opened(*times), 10.9 * HOUR, opened=6), "opened") is None


def test_newer_opens_explain_as_many_as_they_are_and_nothing_else():
    log = answer(opened(5, DAY, DAY), HOUR, opened=1, enrolled=2, clicked=1)
    assert reason(log, "opened") == BEFORE
    assert reason(log, "enrolled") is None
    assert reason(log, "clicked") is None
    assert reason(answer(opened(5, 6, DAY), HOUR, opened=1), "opened") is None


def test_an_enrollment_that_had_opened_before_is_no_newer_by_another_open():
    log = opened(5, 6).event("opened", DAY, enrollment="E0", step="0", template="A")
    assert reason(answer(log, HOUR, opened=1), "opened") is None


def test_tasks_done_and_deals_made_since_the_answer_are_newer_by_their_own_times():
    for done, expected in ((DAY, BEFORE), (5, None)):
        log = opened(2 * DAY)
        properties = {"hs_task_sequence_step_enrollment_id": "E0", "hs_task_sequence_step_order": "0"}
        properties |= {"hs_task_is_completed": "true", "hs_task_completion_date": at(done)}
        log.object("tasks", "t", properties=properties)
        answer(log, HOUR, steps=[{"stepOrder": 0, "tasksCompleted": 0}])
        assert reason(log, "tasksCompleted", level="step") == expected


def test_contacts_are_the_reason_unless_another_answer_counts_enrollments():
    log = opened(5, 6, contacts=False)
    assert reason(answer(log, HOUR, enrolled=1), "enrolled") == "contacts or enrollments"
    for enrollment in ("F", "G"):
        log.enroll(0, enrollment, sequence="T", contact="9").event("finished", 9, enrollment=enrollment)
    answer(log, HOUR, sequence="T", enrolled=2)
    assert reason(log, "enrolled") is None


def test_unattributed_events_of_another_step_explain_nothing():
    log = Log().enroll(0).event("step_executed", 0, enrollment="E", step="0")
    log.event("step_executed", 9, contact="2", sequence="S", step="1")
    answer(log, HOUR, steps=[{"stepOrder": 0, "executionCount": 2}])
    assert reason(log, "executionCount", level="step") is None
    log.event("step_executed", 9, contact="2", sequence="S")
    assert reason(log, "executionCount", level="step") == "unattributed events"
