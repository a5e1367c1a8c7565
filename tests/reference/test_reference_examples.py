"""Examples worked out by hand, which pin the reference itself.

Times are written in seconds after noon of 2024-03-06 UTC; contact "1" in sequence "S" unless
told otherwise.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from .attribution import AFTER_FINISH, SAME_ACT
from .landed import LandedRecord, events, objects
from .model import build
from .random_logs import TYPE_OF_KIND

NOON = datetime(2024, 3, 6, 12, tzinfo=UTC)
HOUR = 3600
DAY = 24 * HOUR
ACT = int(SAME_ACT.total_seconds())
WEEK = int(AFTER_FINISH.total_seconds())

PROPERTY = {
    "enrollment": "hs_enrollment_id",
    "sequence": "hs_sequence_id",
    "user": "hs_enrolled_by",
    "company": "hs_company_id",
    "step": "hs_step_order",
    "template": "hs_template_id",
    "source": "hs_unenrolled_source",
    "error": "hs_step_error_type",
    "flow": "hs_flow_id",
}


def at(seconds: float) -> str:
    return (NOON + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")


class Log:
    """Records of account "77" in the order they are added."""

    def __init__(self) -> None:
        self.records: list[LandedRecord] = []

    def _land(self, kind: str, record: dict) -> None:
        line = len(self.records) + 1
        self.records.append(LandedRecord(1, "a.jsonl", line, "77", kind, record))

    def event(
        self, kind: str, seconds: float, contact: str = "1", object_type: str = "CONTACT", **values
    ) -> Log:
        event_id = f"e{len(self.records) + 1:02}"
        record = {
            "eventType": TYPE_OF_KIND.get(kind, kind),
            "id": event_id,
            "objectId": contact,
            "objectType": object_type,
            "occurredAt": at(seconds),
            "properties": {PROPERTY[name]: value for name, value in values.items()},
        }
        self._land("event", record)
        return self

    def enroll(self, seconds: float = 0, enrollment: str = "E", **values) -> Log:
        values = {"sequence": "S"} | values
        return self.event("enrolled", seconds, enrollment=enrollment, **values)

    def object(self, kind: str, object_id: str, updated: float = 0, **record) -> Log:
        times = {"createdAt": at(0), "updatedAt": at(updated)}
        self._land(kind, {"id": object_id, "archived": False} | times | record)
        return self

    def merge(self, survivor: str, merged: object, updated: float = 0) -> Log:
        properties = {"hs_merged_object_ids": merged}
        return self.object("contacts", survivor, updated, properties=properties)

    def meeting(self, created: float, *contacts: str, **more) -> Log:
        associations = {"contacts": {"results": [{"id": contact} for contact in contacts]}}
        record = {"properties": {"hs_createdate": at(created)}, "associations": associations}
        return self.object("meetings", f"m{len(self.records)}", **(record | more))

    def tables(self, metric_rules: str = "current", **account) -> dict[str, list[dict]]:
        return build(self.records, {"77": account} if account else {}, metric_rules)

    def enrollment(self, enrollment_id: str = "E", *rules: str, **account) -> dict:
        rows = self.tables(*rules, **account)["fct_enrollments"]
        return next(row for row in rows if row["enrollment_id"] == enrollment_id)

    def last_event(self) -> dict:
        """The row of the event that was added last."""
        rows = self.tables()["fct_sequence_events"]
        return max(rows, key=lambda row: row["event_id"])

    def attributed(self) -> tuple[str, str | None]:
        """Attribution and enrollment of the event that was added last."""
        row = self.last_event()
        return (row["attribution"], row["enrollment_id"])


# Rules of attribution


def test_an_enrollment_id_beats_contact_and_sequence():
    log = Log().enroll().event("opened", 5, contact="2", sequence="T", enrollment="E")
    assert log.attributed() == ("enrollment_id", "E")


def test_a_workflow_enrollment_id_is_no_sequence_enrollment_id():
    log = Log().enroll().event("opened", 5, enrollment="E", flow="66")
    assert log.attributed() == ("none", None)
    assert Log().enroll(flow="66").attributed() == ("sequence", "derived:1:S:e01")


def test_a_sequence_id_goes_to_the_latest_enrollment_at_or_before_it():
    log = Log().enroll(0, "E1").enroll(HOUR, "E2").enroll(2 * HOUR, "E3")
    assert log.event("step_executed", HOUR, sequence="S").attributed() == ("sequence", "E2")
    assert log.event("step_executed", HOUR - 1, sequence="S").attributed() == ("sequence", "E1")
    assert log.event("step_executed", -1, sequence="S").attributed() == ("none", None)


def test_equal_enrollment_times_go_to_the_greater_id_as_text():
    log = Log().enroll(0, "10").enroll(0, "9").event("finished", 5, sequence="S")
    assert log.attributed() == ("sequence", "9")


def test_a_sequence_id_without_its_enrollment_never_falls_through_to_the_contact():
    log = Log().enroll(sequence="S").event("replied", 5, sequence="T")
    assert log.attributed() == ("none", None)


@pytest.mark.parametrize(("seconds", "found"), [(ACT, "E"), (ACT + 1, None)])
def test_a_reply_finds_the_enrollment_up_to_60_s_after_its_end(seconds, found):
    log = Log().enroll().event("finished", HOUR, enrollment="E").event("replied", HOUR + seconds)
    assert log.attributed()[1] == found


@pytest.mark.parametrize(
    ("ending", "seconds", "found"),
    [
        ("finished", WEEK, "E"),
        ("finished", WEEK + 1, None),
        ("unenrolled_manually", ACT, "E"),
        ("unenrolled_manually", ACT + 1, None),
    ],
)
def test_a_meeting_finds_a_finished_enrollment_for_7_days_and_another_for_60_s(ending, seconds, found):
    log = Log().enroll().event(ending, HOUR, enrollment="E")
    log.event("meeting_booked_through_sequence", HOUR + seconds)
    assert log.attributed()[1] == found


def test_an_open_with_a_template_finds_the_latest_enrollment_that_sent_it_by_then():
    log = Log().enroll(0, "E1").event("step_executed", 5, enrollment="E1", template="A")
    log.enroll(10, "E2").event("step_executed", 20, enrollment="E2", template="B")
    assert log.event("opened", 90 * DAY, template="A").attributed() == ("contact", "E1")
    assert log.event("opened", 5, template="A").attributed() == ("contact", "E1")
    assert log.event("opened", 4, template="A").attributed() == ("none", None)
    assert log.event("opened", 30, template="C").attributed() == ("none", None)
    assert log.event("opened", 30).attributed() == ("contact", "E2")


def test_an_open_without_a_template_needs_an_email_step_and_a_task_is_none():
    log = Log().enroll().event("step_executed", 5, enrollment="E", step="0")
    assert log.event("clicked", 6).attributed() == ("none", None)
    log.object("sequences", "S", steps=[{"stepOrder": "0", "actionType": "EMAIL"}])
    assert log.event("clicked", 6).attributed() == ("contact", "E")


def test_an_ending_event_is_never_attributed_by_contact_alone():
    assert Log().enroll().event("unsubscribed", 5).attributed() == ("none", None)


def test_other_events_are_kept_unattributed_and_other_objects_are_no_contacts():
    row = Log().enroll().event("e_visited_page", 5, enrollment="E").last_event()
    assert (row["attribution"], row["contact_id"]) == ("none", "1")
    row = Log().enroll().event("replied", 5, object_type="DEAL").last_event()
    assert (row["attribution"], row["contact_id"]) == ("none", None)


# Enrollments


def test_an_enroll_event_without_an_id_makes_its_own_enrollment_before_any_merge():
    log = Log().merge("2", "1").event("enrolled", 0, sequence="S").event("enrolled", 0)
    rows = {row["enrollment_id"]: row for row in log.tables()["fct_enrollments"]}
    assert set(rows) == {"derived:1:S:e02", "derived:1::e03"}
    assert rows["derived:1:S:e02"]["contact_id"] == "2"
    assert log.attributed() == ("contact", "derived:1::e03")


def test_an_enrollment_known_by_later_events_is_inferred_from_the_earliest_values():
    log = Log().event("opened", 9, enrollment="E", sequence="S", user="31", company="C2")
    log.event("step_executed", 5, enrollment="E", user="", company="C1")
    row = log.enrollment()
    assert row["is_inferred"] and row["enrolled_at"] == NOON + timedelta(seconds=5)
    assert (row["sequence_id"], row["enrolled_by_user_id"], row["company_id"]) == ("S", "31", "C1")
    row = log.enroll(20, user="32").enrollment()
    assert not row["is_inferred"] and row["enrolled_at"] == NOON + timedelta(seconds=20)
    assert (row["enrolled_by_user_id"], row["company_id"]) == ("32", "C1")


def test_a_second_enroll_event_of_one_id_is_the_same_enrollment_and_the_earliest_wins():
    log = Log().enroll(9, user="32").enroll(5, user="31")
    row = log.enrollment()
    assert (row["enrolled_at"], row["enrolled_by_user_id"]) == (NOON + timedelta(seconds=5), "31")
    assert log.tables()["fct_sequence_events"][0]["attribution"] == "enrollment_id"


def test_a_company_not_in_the_events_is_the_contacts_present_one():
    log = Log().enroll().object("contacts", "1", properties={"associatedcompanyid": 801})
    assert log.enrollment()["company_id"] == "801"


def test_a_merged_contact_counts_as_the_last_survivor():
    log = Log().merge("2", 1).merge("3", "7;2").enroll().event("replied", 5, contact="3")
    assert log.attributed() == ("contact", "E")
    assert log.enrollment()["contact_id"] == "3"


def test_of_two_survivors_the_later_updated_counts_and_a_circle_is_its_smallest_id():
    assert Log().merge("2", "1", 5).merge("3", "1", 4).enroll().enrollment()["contact_id"] == "2"
    assert Log().merge("2", "1", 5).merge("3", "1", 5).enroll().enrollment()["contact_id"] == "3"
    circle = Log().merge("2", "1").merge("3", "2").merge("2", "1;3", 9).enroll()
    assert circle.enrollment()["contact_id"] == "2"


# De-duplication


def test_the_later_event_is_of_the_later_load_then_the_greater_path_then_the_line():
    def landed(load, path, line):
        record = {"eventType": "t", "id": "1", "place": (load, path, line)}
        return LandedRecord(load, path, line, "77", "event", record)

    places = [(2, "a", 1), (1, "b", 1), (1, "a", 9)]
    while places:
        (kept,) = events([landed(*place) for place in reversed(places)])
        assert kept.record["place"] == places[0]
        places = places[1:]


def test_the_greatest_updated_at_of_an_object_wins_over_the_later_load():
    def landed(load, updated_at):
        record = {"id": "1", "updatedAt": updated_at}
        return LandedRecord(load, "a", 1, "77", "contacts", record)

    (kept,) = objects([landed(1, "2024-01-02T00:00:00Z"), landed(2, 1704067200000)])
    assert kept.load == 1
    (kept,) = objects([landed(1, "2024-01-01T00:00:00Z"), landed(2, 1704067200000)])
    assert kept.load == 2


# Reports


def test_the_month_of_enrollment_is_in_the_accounts_time_zone():
    log = Log().event("enrolled", 0).event("step_executed", 60, enrollment="E")
    log.records[1].record["occurredAt"] = "2024-01-31T23:00:00Z"
    (row,) = log.tables()["monthly_enrollments"]
    assert row["enrolled_month"] == date(2024, 1, 1)
    (row,) = log.tables(time_zone="Europe/Oslo")["monthly_enrollments"]
    assert row["enrolled_month"] == date(2024, 2, 1)


def test_scheduled_enrollments_are_counted_in_no_report():
    log = Log().enroll().event("unenrolled_manually", 5, enrollment="E")
    row = log.enrollment()
    assert (row["status"], row["is_started"]) == ("unenrolled", False)
    tables = log.tables()
    assert tables["monthly_enrollments"] == tables["sender_score"] == []


def test_the_sender_score_leaves_bounced_enrollments_out_of_the_reply_rate():
    log = Log()
    kinds_of = {"A": ["replied"], "B": ["replied", "bounced"], "C": [], "D": [], "F": []}
    for number, (enrollment, kinds) in enumerate(kinds_of.items()):
        log.enroll(0, enrollment, user="31", contact=str(number))
        for kind in [*kinds, "finished"]:
            log.event(kind, 5, enrollment=enrollment)
    log.enroll(0, "still enrolled", user="31").event("replied", 5, enrollment="still enrolled")
    for table in ("sender_score", "sender_score_by_sequence"):
        (row,) = log.tables("2022")[table]
        assert row["ended_enrollments"] == 5
        assert (row["reply_rate"], row["bounce_rate"]) == (1 / 4, 1 / 5)
