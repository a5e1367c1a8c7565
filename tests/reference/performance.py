"""Rows of sequence_performance, account_overview and enrollment_metrics_daily."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from . import calendars, rates
from .facts import Objects

# Metric of a set of enrollments -> flag of fct_enrollments.
FLAGS = {
    "opened": "is_opened",
    "clicked": "is_clicked",
    "replied": "is_replied",
    "replied_to_sequence_email": "is_replied_to_sequence_email",
    "meeting_booked": "is_meeting_booked",
    "no_response": "is_no_response",
    "bounced": "is_bounced",
    "unsubscribed": "is_unsubscribed",
}

# Rate -> metric it is the rate of.
RATES = {
    "open_rate": "opened",
    "click_rate": "clicked",
    "reply_rate": "replied",
    "sequence_email_reply_rate": "replied_to_sequence_email",
    "meeting_rate": "meeting_booked",
    "no_response_rate": "no_response",
    "bounce_rate": "bounced",
    "unsubscribe_rate": "unsubscribed",
    "deal_rate": "enrollments_with_deal",
}

# What "enrollments by month" shows of them.
MONTHLY = ("opened", "clicked", "replied", "meeting_booked", "unsubscribed")

ENGAGED = ("is_opened", "is_clicked", "is_replied", "is_meeting_booked")


def started(rows: list[dict]) -> list[dict]:
    """The rows of fct_enrollments that count in metrics."""
    return [row for row in rows if row["is_started"]]


def groups(rows: list[dict], key_of) -> dict[tuple, list[dict]]:
    """Key -> its rows."""
    found: dict[tuple, list[dict]] = {}
    for row in rows:
        found.setdefault(key_of(row), []).append(row)
    return found


def having(rows: list[dict], metric: str) -> list[dict]:
    """The enrollments that count in a metric."""
    if metric == "enrollments_with_deal":
        return [row for row in rows if row["deals"] > 0]
    return [row for row in rows if row[FLAGS[metric]]]


def distinct(rows: list[dict], column: str) -> int:
    """Number of distinct values that are known."""
    return len({row[column] for row in rows} - {None})


def counts(rows: list[dict]) -> dict:
    """What may be added up over disjoint sets of started enrollments."""
    return {
        "enrollments": len(rows),
        "active_enrollments": len([row for row in rows if row["ended_at"] is None]),
        **{metric: len(having(rows, metric)) for metric in RATES.values()},
        "deals": sum(row["deals"] for row in rows),
        "total_revenue": sum((row["revenue"] for row in rows), Decimal(0)),
        "total_opens": sum(row["opens"] for row in rows),
        "total_clicks": sum(row["clicks"] for row in rows),
        "total_replies": sum(row["replies"] for row in rows),
        "total_meetings": sum(row["meetings"] for row in rows),
    }


def measures(rows: list[dict]) -> dict:
    """Every metric of a set of started enrollments."""
    found = counts(rows)
    found["contacts"] = distinct(rows, "contact_id")
    found["active_contacts"] = distinct([row for row in rows if row["ended_at"] is None], "contact_id")
    engaged = [row for row in rows if any(row[flag] for flag in ENGAGED)]
    found["companies"] = distinct(rows, "company_id")
    found["companies_engaged"] = distinct(engaged, "company_id")
    found["companies_with_meeting"] = distinct(having(rows, "meeting_booked"), "company_id")
    for name, metric in RATES.items():
        found |= rates.with_interval(name, found[metric], found["enrollments"])
        contacts = distinct(having(rows, metric), "contact_id")
        found[f"contact_{metric}"] = contacts
        found[f"contact_{name}"] = rates.rate(contacts, found["contacts"])
    return found


def sequence_performance(portal_id: str, rows: list[dict], objects: Objects, account: dict) -> list[dict]:
    """By (account, sequence): every sequence that has an object or an enrollment."""
    of_sequence = groups(started(rows), lambda row: row["sequence_id"])
    known = set(objects.sequences) | {row["sequence_id"] for row in rows} - {None}
    report = []
    for sequence_id in [*sorted(known), None]:
        if sequence_id is None and None not in of_sequence:
            continue
        sequence = objects.sequences.get(sequence_id)
        report.append(
            {
                "portal_id": portal_id,
                "sequence_id": sequence_id,
                "sequence_name": sequence.name if sequence else None,
                "folder_id": sequence.folder_id if sequence else None,
                "created_at": sequence.created_at if sequence else None,
                "currency": account.get("currency") or None,
                **measures(of_sequence.get(sequence_id, [])),
            }
        )
    return report


def account_overview(portal_id: str, rows: list[dict], account: dict, as_of: datetime | None) -> list[dict]:
    """One row: the same over all sequences."""
    return [
        {
            "portal_id": portal_id,
            "account_name": account.get("account_name") or None,
            "currency": account.get("currency") or None,
            "as_of": as_of,
            **measures(started(rows)),
        }
    ]


def enrollment_metrics_daily(rows: list[dict], account: dict) -> list[dict]:
    """By (account, sequence, user, company, status, day of enrollment)."""

    def key_of(row: dict) -> tuple:
        return (
            row["portal_id"],
            row["sequence_id"],
            row["enrolled_by_user_id"],
            row["company_id"],
            row["status"],
            calendars.day_of(row["enrolled_at"], account),
        )

    names = ("portal_id", "sequence_id", "enrolled_by_user_id", "company_id", "status", "enrolled_on")
    return [
        dict(zip(names, key, strict=True)) | counts(group)
        for key, group in groups(started(rows), key_of).items()
    ]
