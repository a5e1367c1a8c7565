"""Examples worked out by hand: the list of enrollments, engaged contacts, hygiene."""

from __future__ import annotations

from datetime import timedelta

import pytest

from .test_reference_examples import DAY, HOUR, NOON, Log

STEPS = [
    {"stepOrder": 0, "actionType": "EMAIL"},
    {"stepOrder": 1, "actionType": "TASK"},
    {"stepOrder": "3", "actionType": "EMAIL"},
    {"stepOrder": 4, "actionType": "FINISH_ENROLLMENT"},
]


def listed(log: Log, enrollment: str = "E") -> dict:
    rows = log.tables()["enrollment_list"]
    return next(row for row in rows if row["enrollment_id"] == enrollment)


def completed(log: Log) -> float | None:
    at = listed(log)["last_step_completed_at"]
    return None if at is None else (at - NOON).total_seconds()


def task(log: Log, completion: float | None, **properties) -> Log:
    told = {"hs_task_sequence_step_enrollment_id": "E", "hs_task_is_completed": "true"}
    if completion is not None:
        told["hs_task_completion_date"] = str(round(1000 * (NOON.timestamp() + completion)))
    archived = properties.pop("archived", False)
    return log.object("tasks", f"t{len(log.records)}", properties=told | properties, archived=archived)


# enrollment_list


def test_the_list_has_scheduled_enrollments_and_the_names_of_everything():
    log = Log().enroll(company="801").object("sequences", "S", name="Welcome")
    log.object("contacts", "1", properties={"email": "a@b.example", "firstname": "Ann", "lastname": "Berg"})
    log.object("companies", "801", properties={"name": "Nordlys"}, archived=True)
    row = listed(log)
    assert (row["contact_email"], row["contact_name"]) == ("a@b.example", "Ann Berg")
    assert (row["company_name"], row["sequence_name"]) == ("Nordlys", "Welcome")
    assert (row["status"], row["last_step_order"], row["last_step_completed_at"]) == ("scheduled", None, None)


@pytest.mark.parametrize(
    ("first", "last", "name"),
    [("Ann", "", "Ann"), (" ", "Berg", "Berg"), ("", "", None), ("Ann", "Berg", "Ann Berg")],
)
def test_a_name_is_what_is_known_of_it(first, last, name):
    log = Log().enroll().object("contacts", "1", properties={"firstname": first, "lastname": last})
    assert listed(log)["contact_name"] == name


def test_a_merged_contact_is_listed_as_its_survivor():
    log = Log().enroll().object("contacts", "1", properties={"email": "old@b.example"})
    properties = {"hs_merged_object_ids": "1", "email": "new@b.example"}
    row = listed(log.object("contacts", "2", properties=properties))
    assert (row["contact_id"], row["contact_email"]) == ("2", "new@b.example")


def test_an_email_is_completed_when_sent_and_a_task_when_done():
    log = Log().enroll().object("sequences", "S", steps=STEPS)
    log.event("step_executed", 10, enrollment="E", step="0")
    log.event("step_executed", 20, enrollment="E", step="1")
    assert completed(log) == 10
    log.event("step_executed", 15, enrollment="E", step="1", template="A")
    assert completed(log) == 15
    assert completed(task(log, 30)) == 30


def test_only_done_tasks_of_the_enrollment_that_are_not_archived_complete_a_step():
    log = Log().enroll().event("step_executed", 10, enrollment="E", template="A")
    task(log, 30, hs_task_is_completed="false")
    task(log, 31, archived=True)
    task(log, 32, hs_task_sequence_step_enrollment_id="F")
    assert completed(task(log, None)) == 10


def test_a_step_that_is_no_longer_known_is_completed_by_its_execution():
    log = Log().enroll().object("sequences", "S", steps=STEPS)
    # a step was here before the sequence became shorter: now it finishes at this order
    assert completed(log.event("step_executed", 5, enrollment="E", step="4")) == 5
    assert completed(log.event("step_executed", 10, enrollment="E", step="2")) == 10
    assert completed(log.event("step_executed", 20, enrollment="E")) == 20


def next_step(log: Log) -> int | None:
    return listed(log.object("sequences", "S", steps=STEPS))["next_step_order"]


def test_the_next_step_is_the_first_after_the_last_executed_one_that_does_something():
    assert next_step(Log().enroll()) == 0
    log = Log().enroll().event("step_executed", 5, enrollment="E", step="0")
    assert next_step(log) == 1
    assert next_step(log.event("step_executed", 9, enrollment="E", step="2")) == 3
    assert next_step(log.event("step_executed", 9, enrollment="E", step="3")) is None


def test_an_ended_enrollment_and_one_of_an_unknown_sequence_have_no_next_step():
    assert next_step(Log().enroll().event("unenrolled_manually", 9, enrollment="E")) is None
    assert next_step(Log().enroll(sequence="T")) is None


def test_a_step_of_no_told_action_may_be_the_next():
    log = Log().enroll().object("sequences", "S", steps=[{"stepOrder": 0}])
    assert listed(log)["next_step_order"] == 0


# engaged_contacts


def engaged(log: Log) -> list[tuple]:
    rows = sorted(log.tables()["engaged_contacts"], key=lambda row: row["engagement_rank"])
    assert [row["engagement_rank"] for row in rows] == list(range(1, len(rows) + 1))
    return [(row["contact_id"], row["sequence_id"]) for row in rows]


def busy(log: Log, contact: str, opens: int, clicks: int, seconds: float = 9, **values) -> Log:
    enrollment = f"{contact}-{len(log.records)}"
    log.enroll(0, enrollment, contact=contact, **values)
    for kind, number in (("opened", opens), ("clicked", clicks)):
        for _ in range(number):
            log.event(kind, seconds, contact=contact, enrollment=enrollment)
    return log


def test_engaged_contacts_rank_by_clicks_then_opens_then_the_latest_activity():
    log = busy(busy(Log(), "many opens", 9, 1), "many clicks", 0, 2)
    busy(busy(log, "one open", 1, 1), "one open later", 1, 1, seconds=10)
    assert engaged(log) == [
        ("many clicks", "S"),
        ("many opens", "S"),
        ("one open later", "S"),
        ("one open", "S"),
    ]


def test_ties_rank_by_contact_and_sequence_as_text_and_no_sequence_last():
    log = Log()
    for contact, sequence in (("9", "S"), ("10", ""), ("10", "9"), ("10", "10")):
        busy(log, contact, 1, 0, sequence=sequence)
    assert engaged(log) == [("10", "10"), ("10", "9"), ("10", None), ("9", "S")]


def test_only_the_latest_started_enrollment_in_a_sequence_tells():
    log = Log().enroll(0, "E").event("opened", 9, enrollment="E")
    log.enroll(10, "scheduled")
    assert engaged(log) == [("1", "S")]
    log.enroll(5, "F").event("replied", 9, enrollment="F")
    assert engaged(log) == []
    log.event("clicked", 9, enrollment="F").meeting(HOUR, "1")
    (row,) = log.tables()["engaged_contacts"]
    assert (row["enrollment_id"], row["opens"], row["clicks"]) == ("F", 0, 1)
    # the meeting is the later, scheduled enrollment's
    assert row["last_activity_at"] == NOON + timedelta(seconds=9)


def test_a_reply_and_any_meeting_are_activity_and_the_end_is_not():
    log = Log().enroll().event("opened", 5, enrollment="E").event("finished", 6, enrollment="E")
    log.event("meeting_booked_through_sequence", 90 * DAY, enrollment="E")
    (row,) = log.tables("before_2022")["engaged_contacts"]
    assert row["last_activity_at"] == NOON + timedelta(days=90)


# contact_hygiene


def hygiene(log: Log, *rules: str) -> dict[tuple, dict]:
    return {(row["contact_id"], row["reason"]): row for row in log.tables(*rules)["contact_hygiene"]}


def test_bounced_and_unsubscribed_contacts_since_the_first_such_end():
    properties = {"email": "a@b.example", "associatedcompanyid": "802"}
    log = Log().object("contacts", "1", properties=properties)
    log.enroll(0, "D").event("opened", 1, enrollment="D")
    log.enroll(10, "E", company="801").event("bounced", 20, enrollment="E")
    log.enroll(30, "F").event("bounced", 40, enrollment="F").event("unsubscribed", 50, enrollment="F")
    log.enroll(60, "scheduled")
    rows = hygiene(log)
    assert set(rows) == {("1", "hard_bounced"), ("1", "unsubscribed")}
    row = rows["1", "hard_bounced"]
    assert row["since"] == NOON + timedelta(seconds=20)
    assert row["last_enrolled_at"] == NOON + timedelta(seconds=30)
    assert (row["enrollments"], row["contact_email"], row["company_id"]) == (3, "a@b.example", "802")
    assert rows["1", "unsubscribed"]["since"] == NOON + timedelta(seconds=40)


def silent(number: int) -> Log:
    log = Log()
    for enrollment in range(number):
        log.enroll(enrollment, str(enrollment)).event("step_executed", 99, enrollment=str(enrollment))
    return log


def test_a_contact_never_engaged_in_three_started_enrollments():
    assert hygiene(silent(2).enroll(9, "scheduled")) == {}
    row = hygiene(silent(3))["1", "never_engaged"]
    assert (row["enrollments"], row["since"]) == (3, NOON)
    assert hygiene(silent(3).event("bounced", 200, enrollment="0")).keys() == {
        ("1", "hard_bounced"),
        ("1", "never_engaged"),
    }


@pytest.mark.parametrize("kind", ["opened", "clicked", "replied", "meeting_booked_through_sequence"])
def test_any_open_click_reply_or_meeting_is_engagement(kind):
    assert hygiene(silent(3).event(kind, 90 * DAY, enrollment="0")) == {}


def test_an_unenrollment_by_reply_or_meeting_is_engagement_whatever_the_rules():
    for source in ("REPLY", "MEETING"):
        log = silent(3).event("unenrolled", 200, enrollment="0", source=source)
        assert hygiene(log) == hygiene(log, "before_2022") == {}
    log = silent(3).event("unenrolled", 200, enrollment="0", source="ACCOUNT_REPLY")
    assert set(hygiene(log)) == {("1", "never_engaged")}


def test_a_contact_that_is_not_known_is_on_no_list():
    log = Log().enroll(object_type="DEAL").event("bounced", 5, enrollment="E", object_type="DEAL")
    log.event("opened", 5, enrollment="E", object_type="DEAL")
    tables = log.tables()
    assert tables["contact_hygiene"] == tables["engaged_contacts"] == []
    assert len(tables["enrollment_list"]) == 1
