"""Rows of monthly_enrollments, sender_score and sender_score_by_sequence."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def month_of(at: datetime, time_zone: str | None) -> date:
    """First day of the month of an instant in the account's time zone."""
    local = at.astimezone(ZoneInfo(time_zone) if time_zone else UTC)
    return date(local.year, local.month, 1)


def monthly_enrollments(rows: list[dict], account: dict) -> list[dict]:
    """By (account, month of enrollment, sequence), over started enrollments.

    rows: fct_enrollments of one account.
    """
    groups: dict[tuple, list[dict]] = {}
    for row in rows:
        if row["is_started"]:
            month = month_of(row["enrolled_at"], account.get("time_zone"))
            key = (row["portal_id"], month, row["sequence_id"])
            groups.setdefault(key, []).append(row)
    report = []
    for (portal_id, month, sequence_id), group in groups.items():
        number = len(group)
        unsubscribes = sum(row["is_unsubscribed"] for row in group)
        totals = {
            name: sum(row[name] for row in group) for name in ("opens", "clicks", "replies", "meetings")
        }
        report.append(
            {
                "portal_id": portal_id,
                "enrolled_month": month,
                "sequence_id": sequence_id,
                "enrollments": number,
                "contacts": len({row["contact_id"] for row in group} - {None}),
                "opens": sum(row["is_opened"] for row in group),
                "clicks": sum(row["is_clicked"] for row in group),
                "replies": sum(row["is_replied"] for row in group),
                "meetings": sum(row["is_meeting_booked"] for row in group),
                "unsubscribes": unsubscribes,
                "total_opens": totals["opens"],
                "total_clicks": totals["clicks"],
                "total_replies": totals["replies"],
                "total_meetings": totals["meetings"],
                "opens_per_enrollment": totals["opens"] / number,
                "clicks_per_enrollment": totals["clicks"] / number,
                "replies_per_enrollment": totals["replies"] / number,
                "meetings_per_enrollment": totals["meetings"] / number,
                "unsubscribes_per_enrollment": unsubscribes / number,
            }
        )
    return report


def sender_score(rows: list[dict], by_sequence: bool) -> list[dict]:
    """By (account, user[, sequence]), over ended, started enrollments; rates in 0..1.

    rows: fct_enrollments of one account.
    """
    groups: dict[tuple, list[dict]] = {}
    for row in rows:
        if row["is_started"] and row["ended_at"] is not None:
            key = (row["portal_id"], row["enrolled_by_user_id"])
            if by_sequence:
                key += (row["sequence_id"],)
            groups.setdefault(key, []).append(row)
    report = []
    for key, group in groups.items():
        ended = len(group)
        bounced = sum(row["is_bounced"] for row in group)
        replied = sum(row["is_replied_to_sequence_email"] and not row["is_bounced"] for row in group)
        names = ("portal_id", "user_id", "sequence_id")[: len(key)]
        report.append(
            dict(zip(names, key, strict=True))
            | {
                "ended_enrollments": ended,
                "reply_rate": replied / (ended - bounced) if ended > bounced else None,
                "bounce_rate": bounced / ended,
            }
        )
    return report
