"""Examples worked out by hand: metrics, rates and intervals, mature months, sender scores by day."""

from __future__ import annotations

from datetime import date

import pytest

from . import rates
from .landed import LandedRecord
from .model import build
from .test_reference_examples import DAY, HOUR, NOON, Log


def overview(log: Log, *rules: str) -> dict:
    (row,) = log.tables(*rules)["account_overview"]
    return row


# Rates


@pytest.mark.parametrize(
    ("count", "total", "lower", "upper"),
    [
        (10, 100, 0.0552, 0.1744),
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (1, 1, 0.2065, 1.0),
        (81, 263, 0.2553, 0.3662),
    ],
)
def test_wilson_intervals_are_those_of_the_textbooks(count, total, lower, upper):
    assert rates.wilson(count, total) == (pytest.approx(lower, abs=5e-5), pytest.approx(upper, abs=5e-5))


def test_there_is_no_interval_of_nothing_nor_of_more_than_all():
    assert rates.wilson(0, 0) == rates.wilson(3, 2) == (None, None)
    assert rates.with_interval("x", 3, 2)["x"] == 1.5


def test_percentiles_lie_between_two_values_in_proportion():
    assert rates.percentile([4.0, 1.0, 2.0, 3.0], 0.5) == 2.5
    assert rates.percentile([0.0, 10.0], 0.9) == 9.0
    assert rates.percentile([7.0], 0.9) == 7.0


def test_a_re_enrolled_contact_counts_twice_in_a_rate_and_once_in_its_contact_rate():
    log = Log()
    for enrollment, contact in (("A", "1"), ("B", "1"), ("C", "2")):
        log.enroll(0, enrollment, contact=contact)
        log.event("step_executed", 5, contact=contact, enrollment=enrollment)
    log.event("opened", 9, enrollment="A").event("opened", 9, enrollment="A")
    row = overview(log)
    assert (row["enrollments"], row["contacts"]) == (3, 2)
    assert (row["opened"], row["total_opens"]) == (1, 2)
    assert (row["open_rate"], row["contact_open_rate"]) == (1 / 3, 1 / 2)
    assert row["open_rate_lower"] == pytest.approx(0.0615, abs=5e-5)
    log.event("opened", 10, enrollment="B")
    assert overview(log)["contact_open_rate"] == 1 / 2


def test_an_unknown_contact_is_in_neither_part_of_a_contact_rate():
    log = Log().enroll(0, "E").event("finished", 5, enrollment="E")
    log.enroll(0, "F", object_type="DEAL").event("opened", 5, enrollment="F", object_type="DEAL")
    row = overview(log)
    assert (row["open_rate"], row["contact_open_rate"]) == (1 / 2, 0.0)


def test_companies_are_engaged_by_a_reply_of_any_kind_and_not_by_an_end():
    log = Log()
    ends = {"A": {"source": "REPLY"}, "B": {"source": "MANUAL"}, "C": {"source": "MEETING"}}
    for company, values in ends.items():
        log.enroll(0, company, company=company).event("step_executed", 5, enrollment=company)
        log.event("unenrolled", 9, enrollment=company, **values)
    log.enroll(0, "none").event("opened", 5, enrollment="none")
    log.enroll(0, "scheduled", company="D")
    row = overview(log)
    assert (row["companies"], row["companies_engaged"], row["companies_with_meeting"]) == (3, 2, 1)
    assert overview(log, "before_2022")["companies_engaged"] == 0


def test_no_response_is_not_touched_by_the_rules():
    log = Log().enroll().event("step_executed", 5, enrollment="E")
    log.event("unenrolled", 9, enrollment="E", source="REPLY")
    for rules in ("current", "before_2022"):
        assert overview(log, rules)["no_response"] == 0
    assert (overview(log)["replied"], overview(log, "before_2022")["replied"]) == (1, 0)


# Rows


def test_every_known_sequence_has_a_row_and_the_unknown_one_where_somebody_started():
    log = Log().object("sequences", "never", name="Never used", folderId=61, archived=True)
    log.enroll(0, "E", sequence="scheduled only")
    rows = {row["sequence_id"]: row for row in log.tables(currency="NOK")["sequence_performance"]}
    assert set(rows) == {"never", "scheduled only"}
    never = rows["never"]
    assert (never["sequence_name"], never["folder_id"], never["created_at"]) == ("Never used", "61", NOON)
    assert (never["enrollments"], never["total_revenue"], never["open_rate"]) == (0, 0, None)
    assert (never["contact_open_rate"], never["open_rate_lower"], never["currency"]) == (None, None, "NOK")
    assert rows["scheduled only"]["enrollments"] == 0
    log.event("enrolled", 0, contact="2", enrollment="F").event("finished", 5, enrollment="F")
    rows = {row["sequence_id"]: row for row in log.tables()["sequence_performance"]}
    assert rows[None]["enrollments"] == 1


def test_an_account_of_objects_alone_has_an_overview_and_its_sequences():
    record = {"id": "S", "name": "Silent", "archived": False}
    landed = LandedRecord(1, "a.jsonl", 1, "88", "sequences", record)
    tables = build([landed], {"88": {"account_name": "Silent", "currency": "EUR"}})
    (row,) = tables["account_overview"]
    assert (row["portal_id"], row["account_name"], row["currency"]) == ("88", "Silent", "EUR")
    assert (row["as_of"], row["enrollments"]) == (None, 0)
    (row,) = tables["sequence_performance"]
    assert (row["sequence_id"], row["sequence_name"]) == ("S", "Silent")
    assert {name for name in tables if tables[name]} == {
        "dim_accounts",
        "dim_sequences",
        "account_overview",
        "sequence_performance",
        "freshness",
    }


def test_an_account_is_as_of_its_newest_event_of_a_known_type():
    log = Log().enroll(5).event("e_visited_page", 9).event("e_some_new_event", 99)
    assert (overview(log)["as_of"] - NOON).total_seconds() == 9


def test_the_day_of_enrollment_is_in_the_accounts_time_zone():
    log = Log().enroll(11.5 * HOUR).event("finished", 11.6 * HOUR, enrollment="E")
    (row,) = log.tables(time_zone="Europe/Oslo")["enrollment_metrics_daily"]
    assert row["enrolled_on"] == date(2024, 3, 7)
    (row,) = log.tables(time_zone="Europe/Oslo")["sender_score_daily"]
    assert row["ended_on"] == date(2024, 3, 7)
    (row,) = log.tables()["enrollment_metrics_daily"]
    assert (row["enrolled_on"], row["status"], row["active_enrollments"]) == (date(2024, 3, 6), "finished", 0)


# Sender scores


def test_a_daily_sender_score_adds_up_what_the_score_is_made_of():
    log = Log()
    for enrollment, kinds in {"A": ["replied"], "B": ["replied", "bounced"], "C": []}.items():
        log.enroll(0, enrollment, user="31", contact=enrollment)
        for kind in [*kinds, "finished"]:
            log.event(kind, DAY if enrollment == "C" else 5, enrollment=enrollment)
    first, second = sorted(log.tables()["sender_score_daily"], key=lambda row: row["ended_on"])
    assert (first["ended_on"], second["ended_on"]) == (date(2024, 3, 6), date(2024, 3, 7))
    assert (first["ended"], first["replied"], first["bounced"]) == (2, 1, 1)
    assert (second["ended"], second["replied"], second["bounced"]) == (1, 0, 0)
    (score,) = log.tables()["sender_score"]
    assert score["reply_rate_upper"] == pytest.approx(rates.wilson(1, 2)[1])
    assert score["bounce_rate_upper"] == pytest.approx(rates.wilson(1, 3)[1])


def test_whoever_only_bounced_has_no_reply_rate_and_no_interval():
    log = Log().enroll().event("bounced", 5, enrollment="E")
    (row,) = log.tables()["sender_score"]
    assert (row["reply_rate"], row["reply_rate_lower"], row["reply_rate_upper"]) == (None, None, None)


# Months: noon of 6 March is 25.5 days before the first of April in UTC

END_OF_MONTH = 25.5 * DAY


def mature(log: Log, table: str = "monthly_enrollments", **account) -> bool | None:
    (row,) = log.tables(**account)[table]
    return row["is_mature"]


def cohort(as_of: float, *delays: object, sequence: str = "S") -> Log:
    steps = [{"stepOrder": order, "delayMillis": delay} for order, delay in enumerate(delays)]
    log = Log().enroll(sequence=sequence).event("step_executed", 5, enrollment="E")
    return log.object("sequences", "S", steps=steps).event("e_visited_page", as_of, contact="9")


def test_a_month_is_mature_when_its_last_could_come_to_the_end_inclusive():
    delays = (0, DAY * 1000, str(DAY * 1000), "", None)
    assert mature(cohort(END_OF_MONTH + 2 * DAY, *delays)) is True
    assert mature(cohort(END_OF_MONTH + 2 * DAY - 0.001, *delays)) is False


def test_the_month_ends_at_midnight_of_the_accounts_time_zone():
    log = cohort(END_OF_MONTH, 0)
    assert mature(log) is True
    assert mature(log, time_zone="America/New_York") is False
    # summer time began on 31 March
    log = cohort(END_OF_MONTH - 2 * HOUR, 0)
    assert mature(log, time_zone="Europe/Oslo") is True
    assert mature(cohort(END_OF_MONTH - 2 * HOUR - 0.001, 0), time_zone="Europe/Oslo") is False


def test_the_maturity_of_a_sequence_without_a_definition_is_unknown():
    assert mature(cohort(90 * DAY)) is None
    assert mature(cohort(90 * DAY, 0, sequence="T")) is None


def test_an_overview_is_mature_when_all_its_cohorts_are():
    log = cohort(END_OF_MONTH + DAY, 0)
    assert mature(log, "monthly_overview") is True
    log.enroll(0, "F", sequence="T").event("step_executed", 5, enrollment="F")
    assert mature(log, "monthly_overview") is None
    log.enroll(0, "G", sequence="U").event("step_executed", 5, enrollment="G")
    log.object("sequences", "U", steps=[{"stepOrder": 0, "delayMillis": 2 * DAY * 1000}])
    assert mature(log, "monthly_overview") is False
    (row,) = log.tables()["monthly_overview"]
    assert (row["enrollments"], row["contacts"]) == (3, 1)
