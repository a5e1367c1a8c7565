"""The random accounts reach every corner, and the reference does not mind how they land."""

from __future__ import annotations

import json
import random
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from . import endings, random_logs
from .landed import LandedRecord
from .model import build
from .random_pools import TYPE_OF_KIND
from .step_reports import OUTCOMES
from .write import write_load


@st.composite
def accounts_delivered_twice(draw: st.DrawFn) -> tuple[list[LandedRecord], list[LandedRecord]]:
    records = draw(random_logs.portal("77"))
    return draw(random_logs.deliveries(records)), draw(random_logs.deliveries(records))


def in_order(tables: dict[str, list[dict]]) -> dict[str, list[str]]:
    """Without what depends on the load that an event came in: that, and whether it explains a difference."""
    of_load = dict.fromkeys(("likely_reason", "load_id", "loaded_at"))
    return {name: sorted(str(row | of_load) for row in rows) for name, rows in tables.items()}


@settings(deadline=None)
@given(accounts_delivered_twice())
def test_any_delivery_of_the_same_records_gives_the_same_tables(deliveries):
    first, second = deliveries
    assert in_order(build(first, {})) == in_order(build(second, {}))


def hundreds_of_accounts(metric_rules: str) -> dict[str, list[dict]]:
    rng = random.Random(5)
    landed, accounts = [], {}
    for number in range(400):
        landed += random_logs.deliver(rng, random_logs.random_account(rng, str(number)))
        setting = random_logs.random_setting(rng)
        if setting is not None:
            accounts[str(number)] = setting
    return build(landed, accounts, metric_rules)


@pytest.mark.parametrize("metric_rules", ["current", "2022", "before_2022"])
def test_hundreds_of_random_accounts_reach_every_status_reason_attribution_and_flag(metric_rules):
    tables = hundreds_of_accounts(metric_rules)
    seen = Counter()
    for row in tables["fct_enrollments"]:
        seen.update([row["status"], row["end_reason"]])
        seen.update((name, value) for name, value in row.items() if name.startswith("is_"))
    seen.update(row["attribution"] for row in tables["fct_sequence_events"])
    flags = [name for name in tables["fct_enrollments"][0] if name.startswith("is_")]
    expected = [
        *("scheduled", "in_progress", "paused", "finished", "unenrolled", "errored"),
        *("enrollment_id", "sequence", "contact", "none"),
        *endings.REASONS_IN_ORDER,
        *((flag, value) for flag in flags for value in (True, False)),
    ]
    assert {what: seen[what] for what in expected if seen[what] < 15} == {}
    assert all(tables[name] for name in tables)


@pytest.mark.parametrize("metric_rules", ["current", "before_2022"])
def test_hundreds_of_random_accounts_reach_every_case_of_the_reports(metric_rules):
    tables = hundreds_of_accounts(metric_rules)
    enrollments = {(row["portal_id"], row["enrollment_id"]): row for row in tables["fct_enrollments"]}
    seen = Counter(
        {
            "account without events": _number(tables["account_overview"], as_of=None),
            "sequence nobody was enrolled in": _number(tables["sequence_performance"], enrollments=0),
        }
    )
    seen.update(("detail", row["status_detail"]) for row in enrollments.values() if row["status"] == "paused")
    for deal in tables["fct_deals"]:
        enrollment = enrollments.get((deal["portal_id"], deal["credited_enrollment_id"]))
        seen[("won", deal["is_closed_won"], "credited", enrollment is not None)] += 1
        seen[("amount known", deal["amount"] is not None)] += 1
        seen["deal never created"] += deal["created_at"] is None
        seen["deal at the start"] += bool(enrollment) and enrollment["started_at"] == deal["created_at"]
    seen["revenue"] = sum(row["revenue"] > 0 for row in enrollments.values())
    seen["several deals"] = sum(row["deals"] > 1 for row in enrollments.values())
    for name in ("monthly_enrollments", "monthly_overview"):
        seen.update((name, row["is_mature"]) for row in tables[name])
    seen.update(row["reason"] for row in tables["contact_hygiene"])
    for row in tables["time_to_response"]:
        seen[(row["level"], row["response"], row["step_order"] is not None)] += 1
        seen["several responses"] += row["responses"] > 1
    seen.update(("domain", row["recipient_domain"]) for row in tables["deliverability"])
    for row in tables["email_performance"]:
        seen[("template known", row["template_id"] is not None)] += 1
        seen["more meetings than e-mails"] += row["meeting_booked"] > row["enrollments_sent"]
    seen["tasks done at a step never executed"] = _number(tables["step_contacts"], is_executed=False)
    seen["opened, execution unknown"] = sum(
        row["is_executed"] and row["executed_at"] is None for row in tables["step_contacts"]
    )
    for row in enrollments.values():
        for flag, events, reason in (
            ("is_replied_while_enrolled", "replies", "replied"),
            ("is_meeting_booked_while_enrolled", "meetings", "meeting_booked"),
        ):
            seen[(reason, "beside another reason")] += (
                row[flag] and not row[events] and row["end_reason"] != reason
            )
    executed = TYPE_OF_KIND["step_executed"]
    for row in tables["fct_sequence_events"]:
        seen["template known from an open alone"] += (
            row["event_type"] == executed and row["template_id"] is not None and not row["is_email_sent"]
        )
    seen["all bounced"] = sum(
        row["reply_rate"] is None and row["ended_enrollments"] >= 3 for row in tables["sender_score"]
    )
    seen.update(("rank", row["engagement_rank"]) for row in tables["engaged_contacts"])
    seen.update(row["likely_reason"] for row in tables["reconciliation"] if row["difference"])
    for row in tables["step_exits"]:
        seen.update({("exit", outcome): row[outcome] for outcome in OUTCOMES})
    seen["two e-mails of an hour"] = sum(row["sent"] > 1 for row in tables["send_hours"])
    for row in tables["enrollment_list"]:
        seen[("next step known", row["next_step_order"] is not None)] += 1
        seen[("completed", row["last_step_completed_at"] is not None)] += 1
        seen[("name known", row["contact_name"] is not None)] += 1
    seen.update((row["family"], row["verdict"]) for row in tables["freshness"])
    seen.update(row["finding"] for row in tables["enrollment_status"])
    seen.update((row["source"], row["reason"]) for row in tables["field_issues"])
    expected = {
        **{(family, verdict): 50 for family in ("events", "objects") for verdict in ("silent", "complete")},
        **{("events", "never seen"): 50, ("objects", "never seen"): 50},
        **{f"current in {where}": 15 for where in ("both", "HubSpot, ended here", "HubSpot, unknown here")},
        **{f"open here, {where} in HubSpot": 5 for where in ("another", "none")},
        **{("accounts", "unknown_time_zone"): 15, ("exchange_rates", "unreadable_amount"): 15},
        **{("detail", detail): 5 for detail in ("waiting_on_task", "paused_by_user", None)},
        **{("won", won, "credited", credit): 30 for won in (True, False) for credit in (True, False)},
        **{("amount known", known): 50 for known in (True, False)},
        **{"deal never created": 10, "deal at the start": 15, "revenue": 20, "several deals": 15},
        **{("monthly_enrollments", is_mature): 30 for is_mature in (True, False, None)},
        **{("monthly_overview", is_mature): 30 for is_mature in (True, False, None)},
        **{"hard_bounced": 30, "unsubscribed": 30, "never_engaged": 5},
        **{("step", response, True): 15 for response in ("reply", "meeting")},
        **{("sequence", response, False): 30 for response in ("reply", "meeting")},
        **{"several responses": 15, ("step", "reply", False): 3},
        **{("domain", domain): 15 for domain in ("example.com", "mail.example.com", "example.org", None)},
        **{("template known", known): 50 for known in (True, False)},
        **{"tasks done at a step never executed": 15, "opened, execution unknown": 15},
        **{("rank", 1): 50, ("rank", 2): 15, ("rank", 3): 5},
        **{("next step known", True): 50, ("completed", True): 50, ("name known", True): 50},
        **{"account without events": 3, "sequence nobody was enrolled in": 15},
        "more meetings than e-mails": 5,
        **{("replied", "beside another reason"): 5, ("meeting_booked", "beside another reason"): 5},
        **{"template known from an open alone": 30, "all bounced": 3},
        **{"fetched before our newest event": 50, "events loaded after it was fetched": 5},
        **{"unattributed events": 15, "our newest event is older than the answer": 15, None: 50},
        **{"contacts or enrollments": 5, "rule version": 5 if metric_rules == "before_2022" else 0},
        **{("exit", outcome): 5 for outcome in OUTCOMES},
        "two e-mails of an hour": 15,
    }
    assert {what: seen[what] for what, least in expected.items() if seen[what] < least} == {}


def _number(rows: list[dict], **wanted) -> int:
    return len([row for row in rows if all(row[name] == value for name, value in wanted.items())])


def test_written_loads_can_be_read_back_line_by_line(tmp_path: Path):
    rng = random.Random(3)
    landed = random_logs.deliver(rng, random_logs.random_account(rng, "77"))
    for load in range(1, 5):
        write_load(tmp_path, landed, load)
    for one in landed:
        line = (tmp_path / one.path).read_text(encoding="utf-8").splitlines()[one.line - 1]
        assert json.loads(line) == one.record


def test_a_failing_account_shrinks_to_the_records_that_matter():
    records = random_logs.random_account(random.Random(1), "77")
    wanted = records[:2]
    left = random_logs.smallest(records, lambda some: all(one in some for one in wanted))
    assert sorted(map(str, left)) == sorted(map(str, wanted))
