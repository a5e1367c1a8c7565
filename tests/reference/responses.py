"""Rows of time_to_response."""

from __future__ import annotations

from datetime import datetime

from .facts import Enrollment
from .rates import percentile


def time_to_response(enrollments: list[Enrollment], rows: list[dict], contacts: list[dict]) -> list[dict]:
    """By (account, level, sequence, step order, response): hours from the first e-mail to the response.

    contacts: step_contacts.
    """
    hours: dict[tuple, list[float]] = {}
    for enrollment, row in zip(enrollments, rows, strict=True):
        sent_at = row["first_email_sent_at"]
        if sent_at is None or not row["is_started"]:
            continue
        found = [("reply", row["first_replied_at"], _step_of_reply(enrollment, row["first_replied_at"]))]
        booked_at = row["first_counted_meeting_booked_at"]
        found.append(("meeting", booked_at, _step_of_meeting(row, contacts)))
        for response, at, step_order in found:
            if at is None or at < sent_at:
                continue
            waited = (at - sent_at).total_seconds() / 3600
            key = (row["portal_id"], "sequence", row["sequence_id"], None, response)
            hours.setdefault(key, []).append(waited)
            key = (row["portal_id"], "step", row["sequence_id"], step_order, response)
            hours.setdefault(key, []).append(waited)
    names = ("portal_id", "level", "sequence_id", "step_order", "response")
    return [
        dict(zip(names, key, strict=True))
        | {
            "responses": len(waits),
            "median_hours": percentile(waits, 0.5),
            "p90_hours": percentile(waits, 0.9),
        }
        for key, waits in hours.items()
    ]


def _step_of_reply(enrollment: Enrollment, at: datetime | None) -> int | None:
    """The smallest step on which a reply of this time stands."""
    steps = [
        reply.step_order
        for reply in enrollment.of_kind("replied")
        if reply.occurred_at == at and reply.step_order is not None
    ]
    return min(steps, default=None)


def _step_of_meeting(row: dict, contacts: list[dict]) -> int | None:
    """The smallest step on which the enrollment's first counted meeting is the first."""
    steps = [
        there["step_order"]
        for there in contacts
        if there["enrollment_id"] == row["enrollment_id"]
        and there["first_meeting_booked_at"] is not None
        and there["first_meeting_booked_at"] == row["first_counted_meeting_booked_at"]
    ]
    return min(steps, default=None)
