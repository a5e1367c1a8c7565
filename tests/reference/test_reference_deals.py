"""Examples worked out by hand: deals, their credit and revenue, and pauses."""

from __future__ import annotations

from decimal import Decimal

import pytest

from .test_reference_examples import DAY, HOUR, Log, at


def deal(log: Log, deal_id: str, *contacts: str, created: float | None = 10, **more) -> Log:
    """A deal of contacts; what is not a part of the object is a property."""
    record = {name: more.pop(name) for name in ("archived", "createdAt") if name in more}
    properties = ({} if created is None else {"createdate": at(created)}) | more
    associations = {"contacts": {"results": [{"id": contact} for contact in contacts]}}
    return log.object("deals", deal_id, properties=properties, associations=associations, **record)


def started(log: Log, enrollment: str, enrolled: float, begun: float, **values) -> Log:
    return log.enroll(enrolled, enrollment, **values).event("step_executed", begun, enrollment=enrollment)


def only_deal(log: Log) -> dict:
    (row,) = log.tables()["fct_deals"]
    return row


def credited(log: Log) -> str | None:
    return only_deal(log)["credited_enrollment_id"]


@pytest.mark.parametrize(("created", "found"), [(9, None), (10, "E"), (90 * DAY, "E")])
def test_a_deal_is_credited_from_the_start_on_inclusive_and_never_forward_in_time(created, found):
    log = started(Log(), "E", 0, 10)
    assert credited(deal(log, "d", "1", created=created)) == found


def test_a_deal_goes_to_the_latest_enrolled_not_to_the_latest_started():
    log = started(started(Log(), "earlier", 0, 500), "later", 5, 400)
    assert credited(deal(log, "d", "1", created=500)) == "later"


def test_a_later_enrollment_that_had_not_started_by_then_does_not_hide_the_one_before():
    log = started(started(Log(), "E", 0, 5), "F", 10, 100).enroll(20, "scheduled")
    assert credited(deal(log, "d", "1", created=99)) == "E"


def test_equal_enrollment_times_give_the_deal_to_the_greater_id_as_text():
    log = started(started(Log(), "10", 0, 5), "9", 0, 5)
    assert credited(deal(log, "d", "1", created=5)) == "9"


def test_an_ended_enrollment_of_any_sequence_and_any_of_the_contacts_may_get_the_deal():
    log = started(Log(), "E", 0, 5, contact="2", sequence="T").event("finished", 6, enrollment="E")
    assert credited(deal(log, "d", "1", "2", created=DAY)) == "E"


def test_a_merged_contact_of_a_deal_is_its_last_survivor():
    log = started(Log().merge("2", "1").merge("3", "2"), "E", 0, 5, contact="3")
    assert credited(deal(log, "d", "1")) == "E"


def test_a_deal_is_credited_once_even_when_it_names_the_contact_twice():
    log = deal(started(Log(), "E", 0, 5), "d", "1", "1", amount="5", hs_is_closed_won="true")
    row = log.enrollment()
    assert (row["deals"], row["revenue"]) == (1, 5)


def test_a_deal_without_a_createdate_was_created_at_its_created_at_and_without_both_never():
    log = started(Log(), "E", -9, -5)
    assert credited(deal(log, "d", "1", created=None)) == "E"
    log = deal(started(Log(), "E", -9, -5), "d", "1", created=None, createdAt="")
    assert (only_deal(log)["created_at"], credited(log)) == (None, None)


def test_an_archived_deal_is_no_row_and_counts_in_nothing():
    log = deal(started(Log(), "E", 0, 5), "d", "1", archived=True)
    assert log.tables()["fct_deals"] == []
    assert log.enrollment()["deals"] == 0


def test_an_unknown_contact_of_an_event_is_not_the_unknown_contact_of_a_deal():
    log = Log().enroll(object_type="DEAL").event("step_executed", 5, enrollment="E", object_type="DEAL")
    assert credited(deal(log, "d")) is None


# Closed-won and amounts


def pipeline(log: Log, pipeline_id: str, stage: str, is_closed: object, probability: object) -> Log:
    stages = [{"id": stage, "metadata": {"isClosed": is_closed, "probability": probability}}]
    return log.object("pipelines", pipeline_id, stages=stages)


def is_won(log: Log, **properties) -> bool:
    return only_deal(deal(log, "d", **properties))["is_closed_won"]


@pytest.mark.parametrize(("flag", "won"), [("false", False), ("true", True), (" True ", True), ("", True)])
def test_the_flag_closed_won_beats_the_stage_unless_it_is_missing(flag, won):
    log = pipeline(Log(), "default", "closed", "true", "1.0")
    assert is_won(log, pipeline="default", dealstage="closed", hs_is_closed_won=flag) is won


def test_the_flag_tells_without_any_stage():
    assert is_won(Log(), hs_is_closed_won="true") is True


@pytest.mark.parametrize(
    ("is_closed", "probability", "won"),
    [
        ("true", "1.0", True),
        (True, 1, True),
        ("TRUE", "1", True),
        ("true", "0.0", False),
        ("false", "1.0", False),
        ("true", "", False),
        ("", "1.0", False),
    ],
)
def test_a_stage_is_won_when_it_is_closed_and_its_probability_is_1(is_closed, probability, won):
    log = pipeline(Log(), "default", "closed", is_closed, probability)
    assert is_won(log, pipeline="default", dealstage="closed") is won


def test_a_stage_is_looked_up_in_its_own_pipeline_and_without_one_in_all():
    def pipelines() -> Log:
        return pipeline(pipeline(Log(), "A", "closed", "true", "0.0"), "B", "closed", "true", "1.0")

    assert is_won(pipelines(), pipeline="A", dealstage="closed") is False
    assert is_won(pipelines(), pipeline="B", dealstage="closed") is True
    assert is_won(pipelines(), dealstage="closed") is True
    assert is_won(pipelines(), pipeline="C", dealstage="closed") is False
    assert is_won(pipelines(), pipeline="B", dealstage="unknown") is False
    assert is_won(pipelines(), pipeline="B") is False


def test_an_archived_pipeline_still_tells():
    stages = [{"id": 3, "metadata": {"isClosed": "true", "probability": "1.0"}}]
    log = Log().object("pipelines", "A", stages=stages, archived=True)
    assert is_won(log, pipeline="A", dealstage="3") is True


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1000", "1000"),
        ("99.99", "99.99"),
        (12.5, "12.5"),
        ("-50", "-50"),
        ("1e3", "1000"),
        ("99999999999999999999.123456", "99999999999999999999.123456"),
        ("1e20", None),
        ("-1e20", None),
        ("1,000.00", "1000.00"),
        ("1_000", None),
        ("NaN", None),
        ("abc", None),
        ("", None),
    ],
)
def test_an_amount_is_an_exact_decimal_or_unknown(text, amount):
    row = only_deal(deal(Log(), "d", amount=text))
    assert row["amount"] == (None if amount is None else Decimal(amount))


def test_revenue_is_of_the_credited_deals_that_are_won_and_a_missing_amount_is_0():
    log = started(Log(), "E", 0, 5).enroll(0, "F", contact="2")
    deal(log, "open", "1", amount="1000", hs_is_closed_won="false")
    deal(log, "won", "1", amount="0.1", hs_is_closed_won="true")
    deal(log, "won too", "1", amount="0.2", hs_is_closed_won="true")
    deal(log, "of no amount", "1", hs_is_closed_won="true")
    deal(log, "too early", "1", created=4, amount="7", hs_is_closed_won="true")
    row, other = log.enrollment("E"), log.enrollment("F")
    assert (row["deals"], row["revenue"]) == (4, Decimal("0.3"))
    assert (other["deals"], other["revenue"]) == (0, 0)
    (overview,) = log.tables()["account_overview"]
    assert (overview["deals"], overview["enrollments_with_deal"], overview["deal_rate"]) == (4, 1, 1.0)
    assert overview["total_revenue"] == Decimal("0.3")


# Pauses


def snapshot(log: Log, object_id: str, enrollment: str, state: str, dependency: str = "", **more) -> Log:
    properties = {
        "hs_enrollment_id": enrollment,
        "hs_enrollment_state": state,
        "hs_dependency_type": dependency,
    }
    return log.object("sequence_enrollments", object_id, properties=properties, **more)


def state(log: Log) -> tuple[str, str | None]:
    row = log.enrollment()
    return (row["status"], row["status_detail"])


@pytest.mark.parametrize(
    ("dependency", "detail"),
    [
        ("TASK_COMPLETION", "waiting_on_task"),
        ("MANUAL_PAUSE", "paused_by_user"),
        ("SOMETHING_NEW", None),
        ("", None),
    ],
)
def test_a_paused_snapshot_pauses_an_enrollment_in_progress(dependency, detail):
    log = snapshot(started(Log(), "E", 0, 5), "s", "E", "paused", dependency)
    assert state(log) == ("paused", detail)
    (row,) = log.tables()["account_overview"]
    assert (row["active_enrollments"], row["active_contacts"]) == (1, 1)
    (row,) = log.tables()["enrollments_by_step"]
    assert row["status"] == "paused"


def test_a_scheduled_or_ended_enrollment_is_never_paused():
    log = snapshot(Log().enroll(), "s", "E", "PAUSED", "MANUAL_PAUSE")
    assert state(log) == ("scheduled", None)
    log.event("finished", HOUR, enrollment="E")
    assert state(log) == ("finished", None)


def test_the_latest_snapshot_that_is_not_archived_counts_and_ties_go_to_the_greater_id():
    log = snapshot(started(Log(), "E", 0, 5), "2", "E", "PAUSED", updated=9)
    snapshot(log, "10", "E", "EXECUTING", updated=9)
    assert state(log) == ("paused", None)
    snapshot(log, "11", "E", "EXECUTING", updated=10, archived=True)
    assert state(log) == ("paused", None)
    snapshot(log, "1", "E", "EXECUTING", "MANUAL_PAUSE", updated=10)
    assert state(log) == ("in_progress", None)


def test_a_snapshot_that_names_no_enrollment_is_of_its_own_id():
    assert state(snapshot(started(Log(), "E", 0, 5), "E", "", "PAUSED")) == ("paused", None)
    assert state(snapshot(started(Log(), "E", 0, 5), "E", "F", "PAUSED")) == ("in_progress", None)
