"""Examples worked out by hand: endings, flags, steps and the funnel."""

from __future__ import annotations

from datetime import timedelta

import pytest

from .test_reference_examples import ACT, DAY, HOUR, NOON, WEEK, Log

STARTER = {"plan": "Sales Hub Starter", "created_on": "2020-03-02", "time_zone": "UTC"}


def cell(log: Log, step: int, template: str | None, rules: str = "current") -> dict:
    """The funnel's row of a step and template."""
    rows = log.tables(rules)["step_funnel"]
    return next(r for r in rows if (r["step_order"], r["template_id"]) == (step, template))


@pytest.mark.parametrize(
    ("kind", "values", "reason", "status"),
    [
        ("finished", {}, "finished", "finished"),
        ("bounced", {}, "bounced", "unenrolled"),
        ("unsubscribed", {}, "unsubscribed", "unenrolled"),
        ("unenrolled", {"source": "ERROR", "error": "BOUNCED"}, "bounced", "unenrolled"),
        ("unenrolled", {"source": "ERROR", "error": "UNSUBSCRIBED"}, "unsubscribed", "unenrolled"),
        ("unenrolled", {"source": "ERROR", "error": "SEND_LIMIT"}, "error", "errored"),
        ("unenrolled", {"source": "meeting"}, "meeting_booked", "unenrolled"),
        ("unenrolled", {"source": "THREAD_REPLY"}, "replied", "unenrolled"),
        ("unenrolled", {"source": "ACCOUNT_MEETING"}, "account_meeting", "unenrolled"),
        ("unenrolled", {"source": "ACCOUNT_REPLY"}, "account_replied", "unenrolled"),
        ("unenrolled", {"source": "WORKFLOW"}, "workflow", "unenrolled"),
        ("unenrolled", {"source": "SEQUENCE_DELETED"}, "sequence_deleted", "unenrolled"),
        ("unenrolled", {"source": ""}, "other", "unenrolled"),
        ("unenrolled", {"source": "SOMETHING_NEW"}, "other", "unenrolled"),
        ("unenrolled_manually", {}, "manual", "unenrolled"),
        ("errored", {"error": "SEND_LIMIT"}, "error", "errored"),
        ("errored", {"error": "BOUNCED"}, "bounced", "unenrolled"),
        ("replied", {}, None, "in_progress"),
        ("meeting_booked_through_sequence", {}, None, "in_progress"),
        ("enrolled", {}, None, "scheduled"),
    ],
)
def test_each_ending_event_has_its_reason_and_status(kind, values, reason, status):
    row = Log().enroll().event(kind, 5, enrollment="E", **values).enrollment()
    assert (row["end_reason"], row["status"]) == (reason, status)


def test_of_the_endings_of_one_act_the_strongest_reason_counts():
    log = Log().enroll().event("unenrolled", 10, enrollment="E")
    assert log.event("finished", 10 + ACT, enrollment="E").enrollment()["end_reason"] == "finished"
    assert log.event("bounced", 11 + ACT, enrollment="E").enrollment()["end_reason"] == "finished"
    log.event("unenrolled", 10 + ACT, enrollment="E", source="MEETING")
    row = log.enrollment()
    assert row["end_reason"] == "meeting_booked"
    assert row["ended_at"] == NOON + timedelta(seconds=10)


def test_an_error_with_a_later_step_or_finish_ends_nothing_but_a_bounce_does():
    log = Log().enroll().event("errored", 10, enrollment="E", error="SEND_LIMIT")
    log.event("step_executed", 10, enrollment="E")
    assert log.enrollment()["status"] == "errored"
    log.event("step_executed", 11, enrollment="E")
    assert log.enrollment()["status"] == "in_progress"
    log.event("errored", 9, enrollment="E", error="BOUNCED")
    assert log.enrollment()["end_reason"] == "bounced"


# Flags


@pytest.mark.parametrize(
    ("seconds", "replied"), [(-1, False), (0, True), (600 + ACT, True), (601 + ACT, False)]
)
def test_a_reply_counts_while_enrolled_and_ever_before_2022(seconds, replied):
    log = Log().enroll().event("unenrolled_manually", 600, enrollment="E")
    log.event("replied", seconds, enrollment="E")
    row = log.enrollment("E", "2022")
    assert (row["is_replied"], row["is_replied_to_sequence_email"]) == (replied, True)
    row = log.enrollment("E", "before_2022")
    assert row["is_replied"] is True
    assert row["is_no_response"] is not replied


def test_an_unenrollment_by_reply_is_a_reply_but_none_to_a_sequence_email():
    log = Log().enroll().event("unenrolled", 9, enrollment="E", source="REPLY")
    row = log.enrollment()
    assert row["is_replied"] and not row["is_replied_to_sequence_email"]
    assert row["replies"] == 0 and not row["is_no_response"]
    assert not log.enrollment("E", "before_2022")["is_replied"]


def meeting_flags(row: dict) -> list[bool]:
    names = ("_while_enrolled_or_after", "_while_enrolled", "_through_sequence", "")
    return [row[f"is_meeting_booked{name}"] for name in names]


@pytest.mark.parametrize(
    ("seconds", "flags"),
    [
        (-1, [False, False, False]),
        (HOUR + ACT, [True, True, True]),
        (HOUR + ACT + 1, [True, False, False]),
        (HOUR + WEEK, [True, False, False]),
        (HOUR + WEEK + 1, [False, False, False]),
    ],
)
def test_the_three_meeting_rules_differ_in_the_days_after_a_finish(seconds, flags):
    log = Log().enroll().event("finished", HOUR, enrollment="E")
    log.event("meeting_booked_through_sequence", seconds, enrollment="E")
    assert meeting_flags(log.enrollment()) == [*flags, flags[0]]
    assert meeting_flags(log.enrollment("E", **STARTER)) == [*flags, flags[1]]
    younger = STARTER | {"created_on": "2020-03-03"}
    assert meeting_flags(log.enrollment("E", **younger)) == [*flags, flags[0]]
    assert meeting_flags(log.enrollment("E", "2022")) == [*flags, flags[1]]
    assert meeting_flags(log.enrollment("E", "before_2022")) == [*flags, flags[2]]
    assert log.enrollment()["meetings"] == 1


def test_a_meeting_object_and_a_meeting_unenrollment_are_not_through_the_sequence():
    log = Log().enroll().meeting(5, "1")
    assert meeting_flags(log.enrollment()) == [True, True, False, True]
    log = Log().enroll().event("unenrolled", 9, enrollment="E", source="MEETING")
    assert meeting_flags(log.enrollment()) == [True, True, False, True]
    assert log.enrollment()["meetings"] == 0


def test_a_meeting_object_counts_once_for_each_surviving_contact_unless_archived():
    log = Log().merge("2", "1").enroll().event("enrolled", 0, contact="3", enrollment="F")
    log.meeting(5, "1", "2", "3", "4").meeting(6, "1", archived=True)
    assert log.enrollment("E")["meetings"] == log.enrollment("F")["meetings"] == 1


def test_a_meeting_object_without_a_creation_property_was_booked_at_its_created_at():
    log = Log().enroll(-9).meeting(99, "1", properties={"hs_createdate": ""})
    assert log.enrollment()["first_meeting_booked_at"] == NOON


def test_an_unsubscribe_after_the_end_does_not_count_and_a_bounce_does():
    log = Log().enroll().event("unenrolled_manually", 5, enrollment="E")
    log.event("unsubscribed", 6 + ACT, enrollment="E").event("bounced", 39 + ACT, enrollment="E")
    row = log.enrollment()
    assert (row["is_unsubscribed"], row["is_bounced"]) == (False, True)


# Steps


def test_step_orders_are_integers_and_distinct_ones_count():
    log = Log().enroll()
    for step in ["0", "2.0", 2, "abc", "-1", "2.5", ""]:
        log.event("step_executed", 5, enrollment="E", step=step, template="A")
    row = log.enrollment()
    assert (row["steps_executed"], row["last_step_order"], row["emails_sent"]) == (2, 2, 7)


def test_the_step_of_an_open_is_its_own_then_its_templates_then_the_last_email():
    log = Log().enroll().event("step_executed", 10, enrollment="E", step="0", template="A")
    log.event("step_executed", 20, enrollment="E", step="1", template="B")
    log.event("step_executed", 30, enrollment="E", step="2")

    def place(**values) -> tuple:
        row = log.event("opened", 40, enrollment="E", **values).last_event()
        return (row["step_order"], row["template_id"])

    assert place(step="0", template="B") == (0, "B")
    assert place(template="A") == (0, "A")
    assert place() == (1, "B")
    assert place(template="C") == (1, "C")
    row = log.event("unenrolled_manually", 40, enrollment="E").last_event()
    assert (row["step_order"], row["template_id"]) == (2, None)


def test_a_template_executed_only_later_still_tells_the_step():
    log = Log().enroll().event("step_executed", 10, enrollment="E", step="1", template="A")
    row = log.event("opened", 5, enrollment="E", template="A").last_event()
    assert row["step_order"] == 1
    assert log.event("opened", 5, enrollment="E").last_event()["step_order"] is None


def test_the_funnel_counts_people_and_an_open_is_proof_of_sending():
    log = Log().enroll(0, "E").enroll(0, "F", contact="2").enroll(0, "scheduled", contact="3")
    log.event("step_executed", 5, enrollment="E", step="0", template="A")
    log.event("step_executed", 6, enrollment="E", step="0", template="A")
    log.event("opened", 9, enrollment="F", step="0", template="A")
    log.event("step_executed", 9, enrollment="E", step="1")
    log.object("sequences", "S", steps=[{"stepOrder": 1, "actionType": "TASK"}])
    first, second = cell(log, 0, "A"), cell(log, 1, None)
    assert (first["steps_executed"], first["opened"], first["open_rate"]) == (2, 1, 1 / 2)
    assert (first["action"], first["is_current_step"]) == ("EMAIL", False)
    assert (second["action"], second["is_current_step"]) == ("TASK", True)
    assert (first["reach_rate"], first["drop_off"]) == (1.0, None)
    assert (second["reach_rate"], second["drop_off"]) == (0.5, 0.5)


def test_a_meeting_counts_at_the_last_executed_step_while_enrolled_and_without_7_days():
    log = Log().enroll().event("step_executed", 5, enrollment="E", step="0", template="A")
    log.event("step_executed", 9, enrollment="E", step="1", template="B").meeting(8, "1")
    log.event("finished", 99, enrollment="E").meeting(DAY, "1")
    assert cell(log, 0, "A")["meeting_booked"] == 1
    assert cell(log, 1, "B")["meeting_booked"] == 0
    assert cell(log, 0, "A", "before_2022")["meeting_booked"] == 0


def test_a_meeting_unenrollment_counts_at_the_step_it_ended_except_before_2022():
    log = Log().enroll().event("step_executed", 5, enrollment="E", step="0", template="A")
    log.event("unenrolled", 9, enrollment="E", source="MEETING")
    assert cell(log, 0, "A")["meeting_booked"] == 1
    assert cell(log, 0, "A", "before_2022")["meeting_booked"] == 0


def test_done_tasks_count_at_the_template_their_step_was_executed_with():
    log = Log().enroll().event("step_executed", 5, enrollment="E", step="0", template="A")

    def task(object_id: str, step: str, done: str = "true", **more) -> None:
        properties = {
            "hs_task_sequence_step_enrollment_id": "E",
            "hs_task_sequence_step_order": step,
            "hs_task_is_completed": done,
        }
        log.object("tasks", object_id, properties=properties, **more)

    task("1", "0")
    task("2", "0.0")
    task("3", "0", archived=True)
    task("4", "0", done="false")
    task("5", "3")
    first, never_executed = cell(log, 0, "A"), cell(log, 3, None)
    assert (first["tasks_completed"], first["task_completion_rate"]) == (2, 2.0)
    assert (never_executed["steps_executed"], never_executed["tasks_completed"]) == (0, 1)
    assert never_executed["task_completion_rate"] is None


# step_exits


def test_who_left_stands_at_the_last_executed_step_by_the_reason_of_the_end():
    log = Log()
    for enrollment, source in {"A": "REPLY", "B": "MANUAL", "C": "ACCOUNT_MEETING", "D": None}.items():
        log.enroll(0, enrollment, contact=enrollment)
        log.event("step_executed", 5, enrollment=enrollment, step="0")
        if enrollment != "B":
            log.event("opened", 6, enrollment=enrollment, step="2")
        if source:
            log.event("unenrolled", 99, enrollment=enrollment, source=source)
    first, last = sorted(log.tables()["step_exits"], key=lambda row: row["step_order"])
    assert (first["step_order"], first["executed"], first["went_on"], first["exited_manual"]) == (0, 4, 3, 1)
    assert (first["success_rate"], first["loss_rate"]) == (0.0, 1 / 4)
    assert (last["step_order"], last["executed"], last["went_on"], last["waiting"]) == (2, 3, 0, 1)
    assert (last["exited_replied"], last["exited_account"], last["success"], last["loss"]) == (1, 1, 1, 0)
    assert (last["success_rate"], last["loss_rate"]) == (1 / 2, 0.0)


def test_a_step_at_which_all_still_wait_has_no_rates():
    log = Log().enroll().event("step_executed", 5, enrollment="E", step="0")
    log.enroll(0, "F", contact="2").event("finished", 5, enrollment="F")
    (row,) = log.tables()["step_exits"]
    assert (row["executed"], row["waiting"], row["success_rate"], row["loss_rate_upper"]) == (
        1,
        1,
        None,
        None,
    )
