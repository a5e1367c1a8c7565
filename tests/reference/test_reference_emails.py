"""Examples worked out by hand: who is behind a step, e-mails, times and hours, deliverability."""

from __future__ import annotations

from datetime import timedelta

import pytest

from . import rates
from .test_reference_examples import DAY, HOUR, NOON, Log


def row_of(log: Log, table: str, *rules: str, **wanted) -> dict:
    """The only row of a table that has these values."""
    (row,) = [r for r in log.tables(*rules)[table] if all(r[name] == wanted[name] for name in wanted)]
    return row


def sent(enrollment: str = "E", step: str = "0", template: str | None = "A", seconds: float = 5) -> Log:
    return Log().enroll(0, enrollment).event("step_executed", seconds, **_step(enrollment, step, template))


def _step(enrollment: str, step: str, template: str | None) -> dict:
    return {"enrollment": enrollment, "step": step} | ({"template": template} if template else {})


# fct_enrollment_steps, step_contacts and step_metrics_daily


def test_an_open_on_no_known_step_is_a_row_of_its_template_and_of_no_step_report():
    log = Log().enroll().event("opened", 9, enrollment="E", template="A").event("opened", 10, enrollment="E")
    tables = log.tables()
    places = [(row["step_order"], row["template_id"]) for row in tables["fct_enrollment_steps"]]
    assert places == [(None, "A"), (None, None)]
    assert tables["step_contacts"] == []


def test_each_email_of_a_step_is_counted_and_a_task_is_none():
    log = (
        sent()
        .event("step_executed", 3, **_step("E", "0", "A"))
        .event("step_executed", 4, **_step("E", "1", None))
    )
    sent_of_step = {row["step_order"]: row["emails_sent"] for row in log.tables()["fct_enrollment_steps"]}
    assert sent_of_step == {0: 2, 1: 0}


def test_an_open_alone_executes_a_step_without_a_time():
    log = Log().enroll().event("opened", 9, enrollment="E", step="1", template="A")
    row = row_of(log, "step_contacts")
    assert (row["step_order"], row["template_id"], row["is_executed"]) == (1, "A", True)
    assert (row["executed_at"], row["first_opened_at"]) == (None, NOON + timedelta(seconds=9))


def test_the_first_of_each_kind_of_a_step_counts():
    log = sent().event("step_executed", 3, **_step("E", "0", "A"))
    log.event("opened", 20, **_step("E", "0", "A")).event("opened", 10, **_step("E", "0", "A"))
    log.event("replied", 30, **_step("E", "0", "A"))
    row = row_of(log, "step_contacts")
    times = (row["executed_at"], row["first_opened_at"], row["first_clicked_at"], row["first_replied_at"])
    assert [time and (time - NOON).total_seconds() for time in times] == [3, 10, None, 30]


def test_a_meeting_is_on_a_step_while_enrolled_and_by_its_booking():
    log = sent().meeting(100, "1").meeting(50, "1")
    row = row_of(log, "step_contacts")
    assert (row["is_meeting_booked"], row["first_meeting_booked_at"]) == (True, NOON + timedelta(seconds=50))
    row = row_of(log, "step_contacts", "before_2022")
    assert (row["is_meeting_booked"], row["first_meeting_booked_at"]) == (False, None)
    log = sent().event("finished", 9, enrollment="E").meeting(DAY, "1")
    assert not row_of(log, "step_contacts")["is_meeting_booked"]


def test_a_meeting_known_by_the_unenrollment_alone_has_no_time():
    log = sent().event("unenrolled", 9, enrollment="E", source="MEETING")
    row = row_of(log, "step_contacts")
    assert (row["is_meeting_booked"], row["first_meeting_booked_at"]) == (True, None)
    log.meeting(8, "1")
    assert row_of(log, "step_contacts")["first_meeting_booked_at"] == NOON + timedelta(seconds=8)


def test_a_step_of_a_done_task_is_a_row_though_never_executed():
    log = sent()
    properties = {"hs_task_sequence_step_enrollment_id": "E", "hs_task_sequence_step_order": "2"}
    log.object("tasks", "t", properties=properties | {"hs_task_is_completed": "true"})
    row = row_of(log, "step_contacts", step_order=2)
    assert (row["is_executed"], row["executed_at"], row["tasks_completed"]) == (False, None, 1)
    row = row_of(log, "step_metrics_daily", step_order=2)
    assert (row["steps_executed"], row["tasks_completed"]) == (0, 1)


def test_a_daily_step_is_split_by_user_company_and_day_of_enrollment():
    log = Log()
    for enrollment, enrolled, user in (("A", 0, "31"), ("B", 9, "31"), ("C", DAY, "31"), ("D", 0, "32")):
        log.enroll(enrolled, enrollment, user=user, company="801", contact=enrollment)
        log.event("step_executed", DAY, **_step(enrollment, "0", "T"))
    rows = log.tables()["step_metrics_daily"]
    assert sorted(row["steps_executed"] for row in rows) == [1, 1, 2]


def test_the_funnel_has_intervals_except_for_more_than_all():
    log = sent(template=None)
    row = row_of(log, "step_funnel")
    assert row["open_rate_lower"] == 0.0 and row["open_rate_upper"] == pytest.approx(0.7935, abs=5e-5)
    assert row["reach_rate_lower"] == pytest.approx(0.2065, abs=5e-5)
    for number in ("F", "G"):
        log.enroll(0, number, contact=number).event("finished", 9, enrollment=number)
        log.event("meeting_booked_through_sequence", 5, **_step(number, "0", None))
    row = row_of(log, "step_funnel")
    assert (row["meeting_booked"], row["meeting_rate"], row["meeting_rate_lower"]) == (2, 2.0, None)
    assert row["reach_rate"] == 1 / 3


# enrollments_by_step


def test_enrollments_stand_at_the_last_executed_step_not_at_the_next():
    log = sent(step="0").event("step_executed", 9, **_step("E", "1", None))
    log.object("sequences", "S", steps=[{"stepOrder": 2, "actionType": "EMAIL"}])
    log.enroll(0, "F", contact="2").event("finished", 9, enrollment="F").enroll(0, "scheduled")
    rows = log.tables()["enrollments_by_step"]
    found = {(row["step_order"], row["status"], row["enrollments"]) for row in rows}
    assert found == {(1, "in_progress", 1), (None, "finished", 1)}


# email_performance


def test_a_template_in_two_steps_counts_an_enrollment_once_and_two_emails():
    log = sent(step="0").event("step_executed", 9, **_step("E", "2", "A"))
    log.event("opened", 20, **_step("E", "0", "A")).event("opened", 21, **_step("E", "2", "A"))
    row = row_of(log, "email_performance")
    assert (row["sent"], row["enrollments_sent"], row["opened"], row["open_rate"]) == (2, 1, 1, 1.0)


def test_what_was_opened_was_sent_to_somebody_but_is_no_email_sent():
    log = Log().enroll().event("clicked", 9, **_step("E", "0", "A"))
    row = row_of(log, "email_performance")
    assert (row["sent"], row["enrollments_sent"], row["clicked"], row["opened"]) == (0, 1, 1, 0)


def test_a_task_is_no_email_unless_it_named_a_template():
    log = sent(step="0", template=None)
    log.object("sequences", "S", steps=[{"stepOrder": 0, "actionType": "TASK"}])
    assert log.tables()["email_performance"] == []
    log.event("step_executed", 6, **_step("E", "1", "A"))
    assert row_of(log, "email_performance")["sent"] == 1
    # placed as in the funnel, on the template that the step was executed with; still one e-mail
    log.event("step_executed", 7, **_step("E", "0", "B"))
    assert row_of(log, "email_performance", template_id="B")["sent"] == 1


def test_what_is_opened_on_a_step_of_which_nothing_is_known_is_an_email():
    log = sent(step="0", template=None).event("opened", 9, **_step("E", "0", None))
    row = row_of(log, "email_performance")
    assert (row["template_id"], row["sent"], row["enrollments_sent"], row["opened"]) == (None, 0, 1, 1)


def test_an_email_step_without_a_template_is_a_row_of_its_own():
    log = sent(step="0", template=None)
    log.object("sequences", "S", steps=[{"stepOrder": 0, "actionType": "EMAIL"}])
    row = row_of(log, "email_performance")
    assert (row["template_id"], row["sent"]) == (None, 1)


def test_opens_on_no_known_step_count_under_their_own_template_or_none():
    log = Log().enroll().event("opened", 9, enrollment="E", template="A").event("replied", 9, enrollment="E")
    assert row_of(log, "email_performance", template_id="A")["opened"] == 1
    row = row_of(log, "email_performance", template_id=None)
    assert (row["replied"], row["enrollments_sent"], row["sent"]) == (1, 1, 0)
    assert log.tables()["step_funnel"] == []


def test_a_meeting_counts_for_the_email_it_followed_and_not_after_a_task():
    log = sent().meeting(8, "1")
    row = row_of(log, "email_performance")
    assert (row["meeting_booked"], row["meeting_rate"]) == (1, 1.0)
    assert row_of(log, "email_performance", "before_2022")["meeting_booked"] == 0
    log = sent().event("step_executed", 7, **_step("E", "1", None)).meeting(8, "1")
    log.object("sequences", "S", steps=[{"stepOrder": 1, "actionType": "TASK"}])
    assert row_of(log, "email_performance")["meeting_booked"] == 0


# time_to_response


def times(log: Log, *rules: str) -> dict[tuple, list[float]]:
    rows = log.tables(*rules)["time_to_response"]
    return {
        (row["level"], row["response"], row["step_order"]): [
            row["responses"],
            row["median_hours"],
            row["p90_hours"],
        ]
        for row in rows
    }


def test_hours_run_from_the_first_email_to_the_first_reply_on_its_step():
    log = sent(seconds=0).event("step_executed", HOUR, **_step("E", "1", "B"))
    log.event("replied", 3 * HOUR, **_step("E", "1", "B")).event("replied", 2 * HOUR, **_step("E", "0", "A"))
    log.enroll(0, "F", contact="2").event("step_executed", 0, **_step("F", "0", "A"))
    log.event("replied", 12 * HOUR, **_step("F", "0", "A"))
    assert times(log) == {
        ("sequence", "reply", None): [2, 7.0, 11.0],
        ("step", "reply", 0): [2, 7.0, 11.0],
    }


def test_a_task_starts_no_clock_and_a_response_before_the_first_email_is_none():
    log = sent(template=None, seconds=1).event("replied", 9, enrollment="E")
    assert times(log) == {}
    log = sent(seconds=10).event("replied", 9, enrollment="E").event("replied", 20, enrollment="E")
    assert times(log) == {}
    log = sent(seconds=9).event("replied", 9, enrollment="E", template="none of them")
    assert times(log)["sequence", "reply", None] == [1, 0.0, 0.0]
    assert times(sent(seconds=9).event("replied", 9, enrollment="E"))["step", "reply", 0][0] == 1


def test_a_first_reply_on_two_steps_at_once_is_on_the_smaller():
    log = (
        sent(seconds=0)
        .event("replied", 9, **_step("E", "2", "B"))
        .event("replied", 9, **_step("E", "1", "C"))
    )
    assert set(times(log)) == {("sequence", "reply", None), ("step", "reply", 1)}


def test_a_meeting_after_the_finish_has_hours_and_no_step():
    log = sent(seconds=0).event("finished", HOUR, enrollment="E").meeting(24 * HOUR, "1")
    assert times(log) == {
        ("sequence", "meeting", None): [1, 24.0, 24.0],
        ("step", "meeting", None): [1, 24.0, 24.0],
    }
    assert times(log, "2022") == {}
    log = sent(seconds=0).meeting(6 * HOUR, "1")
    assert times(log)["step", "meeting", 0] == [1, 6.0, 6.0]


def test_a_meeting_known_by_the_unenrollment_alone_has_no_hours():
    assert times(sent().event("unenrolled", 9, enrollment="E", source="MEETING")) == {}


# engagement_by_hour and deliverability


def test_weekday_and_hour_are_in_the_accounts_time_zone():
    # noon of Wednesday in UTC; 12 hours later it is Thursday in Oslo
    log = sent(seconds=11.5 * HOUR).event("opened", 11.6 * HOUR, enrollment="E")
    log.event("opened", 11.7 * HOUR, enrollment="E").event("clicked", 99 * DAY)
    (row, _) = sorted(log.tables(time_zone="Europe/Oslo")["engagement_by_hour"], key=lambda row: -row["sent"])
    assert (row["weekday"], row["hour"]) == (4, 0)
    assert (row["sent"], row["total_opens"], row["total_clicks"], row["total_replies"]) == (1, 2, 0, 0)
    assert row_of(log, "engagement_by_hour", sent=1)["weekday"] == 3
    assert row_of(log, "engagement_by_hour", sent=1)["hour"] == 23


def test_only_attributed_events_have_an_hour_and_a_task_is_not_sent():
    log = sent(template=None).event("opened", 9, contact="2")
    assert log.tables()["engagement_by_hour"] == []


def test_an_email_is_opened_at_the_hour_of_its_sending_and_counts_once():
    log = sent(step="0", seconds=0).event("step_executed", 2 * HOUR, **_step("E", "0", "A"))
    log.event("opened", 3 * HOUR, **_step("E", "0", "A")).event("opened", 5 * DAY, **_step("E", "0", "A"))
    row = row_of(log, "send_hours")
    assert (row["weekday"], row["hour"], row["sent"], row["opened"], row["replied"]) == (3, 12, 1, 1, 0)
    assert (row["open_rate"], row["open_rate_lower"]) == (1.0, pytest.approx(rates.wilson(1, 1)[0]))


def test_emails_of_an_hour_were_sent_by_their_own_steps_and_a_task_is_none():
    log = sent(step="0", template=None, seconds=0).event("opened", DAY, **_step("E", "0", None))
    for template in ("B", "C"):
        log.event("step_executed", HOUR, enrollment="E", template=template)
    log.event("opened", 1.5 * HOUR, enrollment="E", template="C")
    log.event("step_executed", 2 * HOUR, **_step("E", "1", "A")).meeting(3 * HOUR, "1")
    found = {row["hour"]: row for row in log.tables()["send_hours"]}
    assert {hour: (row["sent"], row["opened"]) for hour, row in found.items()} == {13: (2, 1), 14: (1, 0)}
    assert (found[13]["meeting_booked"], found[14]["meeting_booked"]) == (0, 1)


def test_deliverability_is_by_the_domain_after_the_last_at_in_lower_case():
    log = Log()
    emails = {"1": '"o@o"@Example.COM', "2": "b@example.com", "3": "no address", "4": ""}
    for contact, email in emails.items():
        log.object("contacts", contact, properties={"email": email})
    for contact in (*emails, "5"):
        log.enroll(0, contact, user="31", contact=contact)
        log.event("step_executed", 5, **_step(contact, "0", "A"))
    log.event("step_executed", 6, **_step("1", "1", "B"))
    log.event("bounced", 9, enrollment="2").event("bounced", 10, enrollment="2")
    known = row_of(log, "deliverability", recipient_domain="example.com")
    assert (known["enrollments"], known["emails_sent"], known["bounced"]) == (2, 3, 1)
    assert (known["bounce_rate"], known["unsubscribe_rate"]) == (1 / 2, 0.0)
    assert row_of(log, "deliverability", recipient_domain=None)["enrollments"] == 3


def test_deliverability_is_of_the_enrollments_that_an_email_went_to():
    log = sent(template=None).enroll(0, "F", contact="2").event("unsubscribed", 9, enrollment="F")
    row = row_of(log, "deliverability")
    assert (row["enrollments"], row["emails_sent"], row["unsubscribed"]) == (1, 0, 1)
