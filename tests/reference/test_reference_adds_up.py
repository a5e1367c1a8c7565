"""On random accounts, what is told twice is told alike: cubes, drill-downs, lists and totals."""

from __future__ import annotations

import random

import pytest

from . import random_logs
from .model import build
from .performance import RATES
from .step_reports import OUTCOMES

ADDITIVE = (
    *("enrollments", "active_enrollments", *RATES.values(), "deals", "total_revenue"),
    *("total_opens", "total_clicks", "total_replies", "total_meetings"),
)
STEP_COUNTS = ("steps_executed", "meeting_booked", "opened", "clicked", "replied", "tasks_completed")


@pytest.fixture(scope="module", params=["current", "2022", "before_2022"])
def tables(request) -> dict[str, list[dict]]:
    rng = random.Random(7)
    landed = []
    for number in range(100):
        landed += random_logs.deliver(rng, random_logs.random_account(rng, str(number)))
    return build(landed, {"1": {"time_zone": "Europe/Oslo"}}, request.param)


def sums(rows: list[dict], key: tuple[str, ...], measures: tuple[str, ...]) -> dict[tuple, list]:
    """Key -> sums of the measures, without keys of which nothing is counted."""
    found: dict[tuple, list] = {}
    for row in rows:
        total = found.setdefault(tuple(row[name] for name in key), [0] * len(measures))
        for position, name in enumerate(measures):
            total[position] += row[name]
    return {key: total for key, total in found.items() if any(total)}


def assert_same_sums(tables: dict, one: str, other: str, key: tuple, measures: tuple) -> None:
    assert sums(tables[one], key, measures) == sums(tables[other], key, measures)


def test_the_daily_cube_adds_up_to_the_sequences_and_they_to_the_account(tables):
    key = ("portal_id", "sequence_id")
    assert_same_sums(tables, "enrollment_metrics_daily", "sequence_performance", key, ADDITIVE)
    assert_same_sums(tables, "sequence_performance", "account_overview", ("portal_id",), ADDITIVE)


def test_the_steps_by_day_and_by_contact_add_up_to_the_funnel(tables):
    key = ("portal_id", "sequence_id", "step_order", "template_id")
    assert_same_sums(tables, "step_metrics_daily", "step_funnel", key, STEP_COUNTS)
    behind = [row | {"meeting_booked": row["is_meeting_booked"]} for row in tables["step_contacts"]]
    measures = ("meeting_booked", "tasks_completed")
    assert sums(behind, key, measures) == sums(tables["step_funnel"], key, measures)


def test_each_enrollment_of_a_step_has_one_outcome_and_leaves_at_one_step(tables):
    for row in tables["step_exits"]:
        assert row["executed"] == sum(row[outcome] for outcome in OUTCOMES)
    behind = {
        (row["portal_id"], row["enrollment_id"], row["step_order"])
        for row in tables["step_contacts"]
        if row["is_executed"]
    }
    assert sum(row["executed"] for row in tables["step_exits"]) == len(behind)
    left = sum(row["executed"] - row["went_on"] for row in tables["step_exits"])
    assert left == len({(portal_id, enrollment_id) for portal_id, enrollment_id, _ in behind})


def test_no_more_of_the_emails_of_an_hour_are_answered_than_were_sent(tables):
    for row in tables["send_hours"]:
        assert max(row[kind] for kind in ("opened", "clicked", "replied", "meeting_booked")) <= row["sent"]
    of_sequence = ("portal_id", "sequence_id")
    sent = sums(tables["send_hours"], of_sequence, ("sent",))
    at_all = sums(tables["engagement_by_hour"], of_sequence, ("sent",))
    assert sent.keys() == at_all.keys() and all(sent[key] <= at_all[key] for key in sent)


def test_every_started_enrollment_stands_at_one_step_and_in_one_month(tables):
    key = ("portal_id", "sequence_id")
    assert_same_sums(tables, "enrollments_by_step", "sequence_performance", key, ("enrollments",))
    measures = ("enrollments", "opened", "unsubscribed", "total_meetings")
    key = ("portal_id", "enrolled_month")
    assert_same_sums(tables, "monthly_enrollments", "monthly_overview", key, measures)


def test_the_senders_days_add_up_to_their_scores(tables):
    daily = sums(tables["sender_score_daily"], ("portal_id", "user_id"), ("ended",))
    scores = sums(tables["sender_score"], ("portal_id", "user_id"), ("ended_enrollments",))
    assert daily == scores


def test_every_deal_is_credited_at_most_once_and_none_before_the_start(tables):
    started_at = {(row["portal_id"], row["enrollment_id"]): row for row in tables["fct_enrollments"]}
    credits = [row for row in tables["fct_deals"] if row["credited_enrollment_id"] is not None]
    assert sum(row["deals"] for row in tables["fct_enrollments"]) == len(credits)
    for row in credits:
        enrollment = started_at[row["portal_id"], row["credited_enrollment_id"]]
        assert enrollment["started_at"] <= row["created_at"]


def test_hours_hold_every_attributed_open_and_lists_every_enrollment(tables):
    for measure in ("opens", "clicks", "replies"):
        by_hour = sum(row[f"total_{measure}"] for row in tables["engagement_by_hour"])
        assert by_hour == sum(row[measure] for row in tables["fct_enrollments"])
    by_hour = sum(row["sent"] for row in tables["engagement_by_hour"])
    assert by_hour == sum(row["emails_sent"] for row in tables["fct_enrollments"])
    assert len(tables["enrollment_list"]) == len(tables["fct_enrollments"])


def test_every_rate_lies_within_its_interval(tables):
    for rows in tables.values():
        for row in rows:
            for name in row:
                if name.endswith("_lower") and row[name] is not None:
                    rate = row[name.removesuffix("_lower")]
                    upper = row[name.removesuffix("_lower") + "_upper"]
                    assert 0 <= row[name] <= rate + 1e-9 and rate - 1e-9 <= upper <= 1


def test_no_table_has_two_rows_of_a_key(tables):
    keys = {
        "fct_enrollments": ("enrollment_id",),
        "fct_deals": ("deal_id",),
        "fct_enrollment_steps": ("enrollment_id", "step_order", "template_id"),
        "sequence_performance": ("sequence_id",),
        "account_overview": (),
        "enrollment_metrics_daily": (
            *("sequence_id", "enrolled_by_user_id", "company_id", "status", "enrolled_on"),
        ),
        "step_funnel": ("sequence_id", "step_order", "template_id"),
        "step_contacts": ("enrollment_id", "step_order"),
        "enrollments_by_step": ("sequence_id", "step_order", "status"),
        "step_exits": ("sequence_id", "step_order"),
        "email_performance": ("sequence_id", "template_id"),
        "enrollment_list": ("enrollment_id",),
        "engaged_contacts": ("contact_id", "sequence_id"),
        "monthly_enrollments": ("enrolled_month", "sequence_id"),
        "monthly_overview": ("enrolled_month",),
        "sender_score_daily": ("user_id", "sequence_id", "ended_on"),
        "contact_hygiene": ("contact_id", "reason"),
        "time_to_response": ("level", "sequence_id", "step_order", "response"),
        "engagement_by_hour": ("sequence_id", "weekday", "hour"),
        "send_hours": ("sequence_id", "weekday", "hour"),
        "deliverability": ("enrolled_by_user_id", "recipient_domain"),
    }
    for table, columns in keys.items():
        found = [tuple(row[name] for name in ("portal_id", *columns)) for row in tables[table]]
        assert len(found) == len(set(found)), table
