"""Examples worked out by hand: on which step a booking stands, and which template a step has."""

from __future__ import annotations

from datetime import timedelta

import pytest

from .test_reference_examples import ACT, DAY, NOON, WEEK, Log

MEETING = "meeting_booked_through_sequence"
E = {"enrollment": "E"}


def steps(*orders: int) -> Log:
    """Enrollment E, with step n executed at n x 100 seconds with the template T<n>."""
    log = Log().enroll()
    for order in orders:
        log.event("step_executed", 100 * order, **E, step=str(order), template=f"T{order}")
    return log


def booked(log: Log, rules: str = "current") -> list[tuple]:
    """(step, template) of each step that a meeting counts on: in the funnel and behind it."""
    tables = log.tables(rules)
    rows = [(r["step_order"], r["template_id"]) for r in tables["step_contacts"] if r["is_meeting_booked"]]
    funnel = [(r["step_order"], r["template_id"]) for r in tables["step_funnel"] if r["meeting_booked"]]
    assert sorted(rows, key=str) == sorted(funnel, key=str)
    return sorted(rows, key=str)


def opened_rows(log: Log) -> list[tuple]:
    """(step, template, executed, opens) of each row of the funnel."""
    names = ("step_order", "template_id", "steps_executed", "opened")
    return [tuple(row[name] for name in names) for row in log.tables()["step_funnel"]]


# Where a booking stands


def test_a_meeting_that_names_a_step_is_on_the_last_executed_one_and_once_with_its_unenrollment():
    log = steps(0, 2).event(MEETING, 300, **E, step="0", template="T0")
    assert log.last_event()["step_order"] == 2
    log.event("unenrolled", 304, **E, source="MEETING", step="0")
    assert log.last_event()["step_order"] == 2
    assert booked(log) == [(2, "T2")]
    assert booked(log, "before_2022") == [(2, "T2")]


def test_a_meeting_before_any_step_is_on_its_own():
    log = steps(1).event(MEETING, 99, **E, step="2")
    assert booked(log) == [(2, None)]
    log = Log().enroll().event("finished", 9, **E).event("unenrolled", 10, **E, source="MEETING", step="0")
    assert booked(log) == [(0, None)]
    assert booked(steps(1).event(MEETING, 99, **E, template="T1")) == []


def test_what_unenrolled_for_another_reason_stays_on_the_step_that_it_names():
    for source in ("MANUAL", "ACCOUNT_MEETING", "REPLY"):
        log = steps(0, 2).event("unenrolled", 300, **E, source=source, step="0")
        assert log.last_event()["step_order"] == 0


def test_a_step_executed_between_the_meeting_and_the_unenrollment_has_no_meeting():
    log = steps(0).event(MEETING, 50, **E).event("step_executed", 52, **E, step="1")
    assert booked(log.event("unenrolled", 54, **E, source="MEETING")) == [(0, "T0")]
    log = steps(0).meeting(50, "1").event("step_executed", 52, **E, step="1")
    assert booked(log.event("unenrolled", 54, **E, source="MEETING")) == [(0, "T0")]


@pytest.mark.parametrize(
    ("seconds", "found"),
    [(-ACT - 1, [(0, "T0"), (1, "T1")]), (-ACT, [(0, "T0")]), (-1, [(0, "T0")])],
)
def test_a_meeting_before_the_act_of_the_unenrollment_is_another_booking(seconds, found):
    log = steps(0, 1).event(MEETING, 99, **E)
    assert booked(log.event("unenrolled", 99 - seconds, **E, source="MEETING")) == found


def test_a_meeting_on_no_step_leaves_the_step_to_the_unenrollment():
    log = Log().enroll().event(MEETING, 9, **E).event("unenrolled", 12, **E, source="MEETING", step="1")
    assert booked(log) == [(1, None)]


def test_a_meeting_that_unenrolled_beside_a_bounce_counts_on_its_step_but_not_after_the_act():
    log = steps(0).event("bounced", 10, **E).event("unenrolled", 10 + ACT, **E, source="MEETING")
    assert booked(log) == [(0, "T0")]
    log = steps(0).event("bounced", 10, **E).event("unenrolled", 11 + ACT, **E, source="MEETING")
    assert booked(log) == []


# Flags of one act


def test_the_flags_look_at_every_ending_event_of_the_act():
    log = Log().enroll().event("unenrolled", 10, **E, source="REPLY")
    log.event("unenrolled", 60, **E, source="MEETING")
    log.event("unenrolled", 69, **E, source="ERROR", error="UNSUBSCRIBED").event("bounced", 70, **E)
    row = log.enrollment()
    assert (row["end_reason"], row["is_bounced"], row["is_unsubscribed"]) == ("bounced", True, True)
    assert (row["is_replied"], row["is_no_response"]) == (True, False)
    assert row["is_meeting_booked"] and row["is_meeting_booked_while_enrolled"]
    assert not row["is_meeting_booked_through_sequence"]
    assert not log.enrollment("E", "before_2022")["is_replied"]


def test_an_unenroll_event_after_the_act_changes_nothing():
    log = Log().enroll().event("unenrolled_manually", 10, **E)
    for source in ("REPLY", "THREAD_REPLY", "MEETING"):
        log.event("unenrolled", 11 + ACT, **E, source=source)
    log.event("unenrolled", 11 + ACT, **E, source="ERROR", error="UNSUBSCRIBED")
    row = log.enrollment()
    assert (row["is_replied"], row["is_meeting_booked"], row["is_unsubscribed"]) == (False, False, False)
    assert (row["end_reason"], row["is_no_response"]) == ("manual", True)


@pytest.mark.parametrize(("seconds", "found"), [(WEEK + 40, True), (WEEK + 41, False)])
def test_the_seven_days_count_from_the_first_finish_event(seconds, found):
    log = Log().enroll().event("unenrolled", 0, **E).event("finished", 40, **E).event("finished", 50, **E)
    log.event(MEETING, seconds, **E)
    assert log.enrollment()["is_meeting_booked"] is found
    log.event(MEETING, seconds)
    assert log.attributed()[1] == ("E" if found else None)


def test_the_seven_days_are_of_those_whose_reason_is_finished():
    log = Log().enroll().event("finished", 0, **E).event("unenrolled_manually", 1, **E)
    assert not log.event(MEETING, DAY, **E).enrollment()["is_meeting_booked"]


# One template an enrollment and step


def test_a_step_whose_event_names_no_template_has_that_of_its_first_open():
    log = Log().enroll().event("step_executed", 5, **E, step="0")
    log.event("opened", 9, **E, step="0", template="B").event("opened", 8, **E, step="0", template="A")
    assert opened_rows(log) == [(0, "A", 1, 1)]
    assert log.tables()["fct_sequence_events"][1]["template_id"] == "A"
    (email,) = log.tables()["email_performance"]
    assert (email["template_id"], email["enrollments_sent"], email["opened"]) == ("A", 1, 1)


def test_the_first_execution_that_names_a_template_gives_it_also_to_opens_that_name_another():
    log = Log().enroll().event("opened", 4, **E, step="0", template="C")
    log.event("step_executed", 5, **E, step="0").event("step_executed", 6, **E, step="0", template="A")
    log.event("step_executed", 7, **E, step="0", template="B").event("opened", 9, **E, template="B")
    assert opened_rows(log) == [(0, "A", 1, 1)]
    assert (log.last_event()["step_order"], log.last_event()["template_id"]) == (0, "B")
    (email,) = log.tables()["email_performance"]
    assert (email["template_id"], email["sent"], email["open_rate"]) == ("A", 2, 1.0)


def test_at_one_instant_the_smaller_event_id_gives_the_template():
    log = Log().enroll().event("step_executed", 5, **E, step="0", template="B")
    log.event("step_executed", 5, **E, step="0", template="A")
    assert opened_rows(log) == [(0, "B", 1, 0)]


def test_a_meeting_names_no_template_of_a_step():
    log = Log().enroll().event("step_executed", 5, **E, step="0").event(MEETING, 6, **E, template="A")
    assert opened_rows(log) == [(0, None, 1, 0)]
    assert booked(log) == [(0, None)]


def test_activity_on_no_step_stays_under_the_template_it_names():
    log = Log().enroll().event("opened", 5, **E, template="A").event("clicked", 6, **E, template="B")
    emails = {
        row["template_id"]: (row["opened"], row["clicked"]) for row in log.tables()["email_performance"]
    }
    assert emails == {"A": (1, 0), "B": (0, 1)}


# Finishing is no step


@pytest.mark.parametrize("action", ["FINISH_ENROLLMENT", "finish_enrollment"])
def test_a_deleted_last_step_is_no_longer_in_use_where_the_sequence_now_finishes(action):
    log = steps(0, 1).object(
        "sequences",
        "S",
        steps=[
            {"stepOrder": 0, "actionType": "EMAIL", "delayMillis": 5000},
            {"stepOrder": 1, "actionType": action, "delayMillis": 9000},
        ],
    )
    log.event("e_visited_page", 40 * DAY)
    funnel = {row["step_order"]: row for row in log.tables()["step_funnel"]}
    assert [funnel[order]["is_current_step"] for order in (0, 1)] == [True, False]
    assert funnel[1]["action"] == "EMAIL"  # by its template
    (row,) = log.tables()["enrollment_list"]
    assert row["last_step_completed_at"] == NOON + timedelta(seconds=100)
    assert row["next_step_order"] is None
    # nor does its delay make the sequence longer: mature five seconds after the month
    log.records[-1].record["occurredAt"] = "2024-04-01T00:00:05Z"
    (month,) = log.tables()["monthly_overview"]
    assert month["is_mature"]


# The score of a sender whose e-mails all bounced


def test_of_whom_all_bounced_has_a_score_of_its_bounces_once_there_are_enough():
    log = Log()
    for number in range(100):
        log.enroll(0, str(number), contact=str(number), user="31")
        log.event("bounced", 5, enrollment=str(number))
    (row,) = log.tables()["sender_score"]
    assert (row["reply_rate"], row["reply_points"], row["bounce_points"]) == (None, 0, 5)
    assert (row["score"], row["band"]) == (5, "low")
    (row,) = log.tables()["sender_score_by_sequence"]  # here it takes one more
    assert (row["reply_points"], row["score"], row["band"]) == (None, None, "not enough data")
