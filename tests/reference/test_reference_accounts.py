"""The reference on examples: what accounts and HubSpot's own enrollments say of themselves."""

from __future__ import annotations

from decimal import Decimal

import pytest

from .landed import LandedRecord
from .model import build

STEP = "e_v2_sequence_step_executed"


def landed(kind: str, record: dict, line: int = 1) -> LandedRecord:
    return LandedRecord(1, f"portal=1/{kind}.jsonl", line, "1", kind, record)


def step(event_id: str, at: str, contact: str = "501", **properties: str) -> LandedRecord:
    names = {"enrollment": "hs_enrollment_id", "sequence": "hs_sequence_id"}
    record = {
        "id": event_id,
        "eventType": STEP,
        "objectType": "CONTACT",
        "objectId": contact,
        "occurredAt": at,
        "properties": {names[name]: value for name, value in properties.items()},
    }
    return landed("event", record)


def answer(
    own_id: str, enrolled_at: str | None, contact: str = "501", sequence: str | None = "7"
) -> LandedRecord:
    record = {"id": own_id, "contactId": contact, "sequenceId": sequence, "enrolledAt": enrolled_at}
    return landed(
        "sequence_enrollments", record | {"fetchedAt": "2026-03-05T00:00:00Z", "createdAt": "2026-01-01"}
    )


def began(*records: LandedRecord) -> dict[str, str]:
    rows = build(list(records), {})["fct_enrollments"]
    return {row["enrollment_id"]: f"{row['enrolled_at']:%d %H}" for row in rows}


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (answer("E", "2026-03-01T08:00:00Z"), "01 08"),
        (answer("E", "2026-03-03T08:00:00Z"), "02 10"),
        (answer("E", None), "02 10"),
        # of another id: the contact's first in the sequence from then on
        (answer("A", "2026-03-01T08:00:00Z"), "01 08"),
        (answer("A", "2026-03-01T08:00:00Z", contact="502"), "02 10"),
        (answer("A", "2026-03-01T08:00:00Z", sequence="8"), "02 10"),
    ],
)
def test_a_told_time_moves_an_inferred_beginning_back_and_makes_no_enrollment(told, expected):
    assert began(step("1", "2026-03-02T10:00:00Z", enrollment="E", sequence="7"), told) == {"E": expected}
    assert began(told) == {}


def test_events_after_the_told_beginning_belong_to_the_enrollment():
    earlier = step("0", "2026-03-01T09:00:00Z", sequence="7")
    named = step("1", "2026-03-02T10:00:00Z", enrollment="E", sequence="7")
    for told, steps in ((answer("E", "2026-03-01T09:00:00Z"), 2), (answer("E", "2026-03-01T09:00:01Z"), 1)):
        events = build([earlier, named, told], {})["fct_sequence_events"]
        assert sum(event["enrollment_id"] == "E" for event in events) == steps


@pytest.mark.parametrize(
    ("seed", "expected"),
    [
        ({}, ("NOK", Decimal(23))),
        ({"currency": "EUR"}, ("EUR", Decimal(2))),
        ({"currency": "USD"}, ("USD", None)),
    ],
)
def test_a_landed_rate_into_the_account_s_currency_is_the_last_resort(seed, expected):
    deal = {"id": "1", "properties": {"amount": "2", "deal_currency_code": "EUR"}}
    rate = {"id": "1", "fromCurrencyCode": "EUR", "toCurrencyCode": "NOK", "conversionRate": 11.5}
    back = {"id": "2", "fromCurrencyCode": "USD", "toCurrencyCode": "EUR", "conversionRate": 0.9}
    account = {"id": "1", "companyCurrency": "NOK", "timeZone": "US/Eastern"}
    records = [
        landed("deals", deal),
        landed("exchange_rates", rate),
        landed("exchange_rates", back, 2),
        landed("accounts", account),
    ]
    tables = build(records, {"1": seed})
    assert tables["account_overview"][0]["currency"] == expected[0]
    assert tables["fct_deals"][0]["amount_in_home_currency"] == expected[1]
    assert tables["field_issues"] == []


@pytest.mark.parametrize("seed", [{}, {"time_zone": "Europe/Nowhere"}])
def test_a_zone_that_is_none_is_utc_and_counted(seed):
    zone = {"id": "1", "timeZone": "Europe/Elsewhere"}
    tables = build([landed("accounts", zone), step("1", "2026-03-01T23:30:00Z", enrollment="E")], {"1": seed})
    (row,) = tables["monthly_enrollments"]
    assert f"{row['enrolled_month']}" == "2026-03-01"
    (issue,) = tables["field_issues"]
    assert (issue["source"], issue["field"], issue["reason"]) == (
        "accounts",
        "time_zone",
        "unknown_time_zone",
    )
    assert issue["example"] == (seed.get("time_zone") or "Europe/Elsewhere")
