"""Rows of monthly_enrollments, monthly_overview and of the sender scores."""

from __future__ import annotations

import csv
from datetime import date, datetime

from . import calendars, rates
from .facts import SEEDS, Objects
from .performance import MONTHLY, distinct, groups, having, started

# Ended enrollments without which there is no score: of a user, and of a user in a sequence.
MIN_ENDED = {"sender_score": 100, "sender_score_by_sequence": 101}


def monthly_enrollments(
    rows: list[dict], objects: Objects, account: dict, as_of: datetime | None
) -> list[dict]:
    """By (account, month of enrollment, sequence), over started enrollments.

    rows: fct_enrollments of one account.
    """

    def key_of(row: dict) -> tuple:
        month = calendars.month_of(row["enrolled_at"], account)
        return (row["portal_id"], month, row["sequence_id"])

    return [
        {
            "portal_id": portal_id,
            "enrolled_month": month,
            "sequence_id": sequence_id,
            **_of_month(group),
            "is_mature": _is_mature(month, sequence_id, objects, account, as_of),
        }
        for (portal_id, month, sequence_id), group in groups(started(rows), key_of).items()
    ]


def monthly_overview(rows: list[dict], objects: Objects, account: dict, as_of: datetime | None) -> list[dict]:
    """By (account, month of enrollment): mature when the cohorts of all its sequences are."""

    def key_of(row: dict) -> tuple:
        return (row["portal_id"], calendars.month_of(row["enrolled_at"], account))

    report = []
    for (portal_id, month), group in groups(started(rows), key_of).items():
        cohorts = [
            _is_mature(month, sequence_id, objects, account, as_of)
            for sequence_id in {row["sequence_id"] for row in group}
        ]
        is_mature: bool | None = True
        if None in cohorts:
            is_mature = None
        if False in cohorts:
            is_mature = False
        report.append(
            {
                "portal_id": portal_id,
                "enrolled_month": month,
                **_of_month(group),
                "is_mature": is_mature,
            }
        )
    return report


def _of_month(group: list[dict]) -> dict:
    """The measures of the enrollments of one month."""
    number = len(group)
    people = {metric: len(having(group, metric)) for metric in MONTHLY}
    totals = {name: sum(row[name] for row in group) for name in ("opens", "clicks", "replies", "meetings")}
    return {
        "enrollments": number,
        "contacts": distinct(group, "contact_id"),
        **people,
        "total_opens": totals["opens"],
        "total_clicks": totals["clicks"],
        "total_replies": totals["replies"],
        "total_meetings": totals["meetings"],
        "opens_per_enrollment": totals["opens"] / number,
        "clicks_per_enrollment": totals["clicks"] / number,
        "replies_per_enrollment": totals["replies"] / number,
        "meetings_per_enrollment": totals["meetings"] / number,
        "unsubscribes_per_enrollment": people["unsubscribed"] / number,
    }


def _is_mature(
    month: date, sequence_id: str | None, objects: Objects, account: dict, as_of: datetime | None
) -> bool | None:
    """Whether whoever enrolled in the month could come to the sequence's end; None: not known."""
    sequence = objects.sequences.get(sequence_id)
    if sequence is None or sequence.length is None or as_of is None:
        return None
    return calendars.end_of_month(month, account) + sequence.length <= as_of


def _ended(rows: list[dict]) -> list[dict]:
    return [row for row in started(rows) if row["ended_at"] is not None]


def _score_counts(group: list[dict]) -> dict:
    """What a sender's score is made of; whoever bounced could not reply."""
    return {
        "ended": len(group),
        "replied": sum(row["is_replied_to_sequence_email"] and not row["is_bounced"] for row in group),
        "bounced": sum(row["is_bounced"] for row in group),
    }


def sender_score(rows: list[dict], by_sequence: bool) -> list[dict]:
    """By (account, user[, sequence]), over ended, started enrollments; rates in 0..1.

    rows: fct_enrollments of one account.
    """
    names = ("portal_id", "user_id", "sequence_id")[: 3 if by_sequence else 2]
    min_ended = MIN_ENDED["sender_score_by_sequence" if by_sequence else "sender_score"]

    def key_of(row: dict) -> tuple:
        return (row["portal_id"], row["enrolled_by_user_id"], row["sequence_id"])[: len(names)]

    report = []
    for key, group in groups(_ended(rows), key_of).items():
        number = _score_counts(group)
        row = dict(zip(names, key, strict=True)) | {"ended_enrollments": number["ended"]}
        row |= rates.with_interval("reply_rate", number["replied"], number["ended"] - number["bounced"])
        row |= rates.with_interval("bounce_rate", number["bounced"], number["ended"])
        report.append(row | _score(row, is_enough=number["ended"] >= min_ended))
    return report


def _score(row: dict, is_enough: bool) -> dict:
    """The points of both rates, and where there is enough to judge, their sum and its band."""
    reply_points = _band("reply_rate", row["reply_rate"]).get("points")
    bounce_points = _band("bounce_rate", row["bounce_rate"])["points"]
    if not is_enough:
        score, band = None, "not enough data"
    else:
        if row["reply_rate"] is None:  # all bounced
            reply_points = 0
        score = int(reply_points) + int(bounce_points)
        band = _band("score", score)["band"]
    return {
        "reply_points": None if reply_points is None else int(reply_points),
        "bounce_points": int(bounce_points),
        "score": score,
        "band": band,
    }


def _band(metric: str, value: float | None) -> dict:
    """The row of the seed in whose range the value lies; nothing for no value."""
    with (SEEDS / "sender_score_bands.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if value is None or row["metric"] != metric:
                continue
            lower, upper = float(row["lower_bound"]), float(row["upper_bound"])
            above = value > lower or (value == lower and row["is_lower_included"] == "true")
            below = value < upper or (value == upper and row["is_upper_included"] == "true")
            if above and below:
                return row
    return {}


def sender_score_daily(rows: list[dict], account: dict) -> list[dict]:
    """By (account, user, sequence, day of the end), over ended, started enrollments."""
    names = ("portal_id", "user_id", "sequence_id", "ended_on")

    def key_of(row: dict) -> tuple:
        ended_on = calendars.day_of(row["ended_at"], account)
        return (row["portal_id"], row["enrolled_by_user_id"], row["sequence_id"], ended_on)

    return [
        dict(zip(names, key, strict=True)) | _score_counts(group)
        for key, group in groups(_ended(rows), key_of).items()
    ]
