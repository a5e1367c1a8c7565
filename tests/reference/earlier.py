"""Our numbers as they stood at an earlier moment, from the times beside what counts now.

What is known without its time was so then already: it explains no difference.
"""

from __future__ import annotations

from datetime import datetime

from .facts import Objects


def moment(fetched_at: datetime | None, as_of: datetime | None) -> datetime | None:
    """When the answer was fetched; where our newest event is older, as long before that event."""
    if fetched_at is None or as_of is None:
        return None
    return fetched_at if fetched_at <= as_of else as_of - (fetched_at - as_of)


def rows_then(rows: list[dict], steps: list[dict], objects: Objects, then: datetime) -> list[dict]:
    """The rows of fct_enrollments that had started, as they stood; steps: step_contacts."""
    return [
        _row_then(row, steps, objects, then)
        for row in rows
        if row["started_at"] is not None and row["started_at"] <= then
    ]


def _row_then(row: dict, steps: list[dict], objects: Objects, then: datetime) -> dict:
    def by_then(*times: datetime | None, unknown: bool = False) -> bool:
        known = [time for time in times if time is not None]
        return min(known) <= then if known else unknown

    ended = by_then(row["ended_at"])
    executed = [
        step["step_order"]
        for step in steps
        if step["enrollment_id"] == row["enrollment_id"] and by_then(step["executed_at"])
    ]
    booked_at = row["first_counted_meeting_booked_at"] or row["ended_at"]
    won = won_deals(row, objects)
    won_then = [deal for deal in won if by_then(deal.created_at) and by_then(deal.closed_at, unknown=True)]
    deals = [deal for deal in _deals(row, objects) if by_then(deal.created_at)]
    return row | {
        "status": row["status"] if ended or row["status"] == "paused" else "in_progress",
        "last_step_order": max(executed, default=None),
        "ended_at": row["ended_at"] if ended else None,
        "is_opened": by_then(row["first_opened_at"]),
        "is_clicked": by_then(row["first_clicked_at"]),
        "is_replied": row["is_replied"] and by_then(row["first_replied_at"], row["ended_at"], unknown=True),
        "is_meeting_booked": row["is_meeting_booked"] and by_then(booked_at, unknown=True),
        "is_no_response": row["is_no_response"] and ended,
        "is_bounced": row["is_bounced"] and ended,
        "is_unsubscribed": row["is_unsubscribed"] and ended,
        "deals": len(deals),
        "won": len(won_then),
        "revenue": row["revenue"] if len(won_then) == len(won) else 0,
    }


def won_deals(row: dict, objects: Objects) -> list:
    return [deal for deal in _deals(row, objects) if deal.is_closed_won]


def _deals(row: dict, objects: Objects) -> list:
    return [deal for deal in objects.deals if deal.credited_enrollment_id == row["enrollment_id"]]


def step_then(group: list[dict], objects: Objects, then: datetime) -> dict:
    """What one enrollment's step, of which these are the rows of step_contacts, had by then."""

    def first(column: str) -> datetime | None:
        return min((row[column] for row in group if row[column] is not None), default=None)

    def by_then(column: str) -> bool:
        return first(column) is not None and first(column) <= then

    columns = ("executed_at", "first_opened_at", "first_clicked_at", "first_replied_at")
    booked_at = first("first_meeting_booked_at")
    later = [
        task
        for task in objects.tasks
        if (task.enrollment_id, task.step_order) == (group[0]["enrollment_id"], group[0]["step_order"])
        and task.completed_at is not None
        and task.completed_at > then
    ]
    return {
        "enrollment_id": group[0]["enrollment_id"],
        "is_executed": any(by_then(column) for column in columns),
        "is_meeting_booked": any(row["is_meeting_booked"] for row in group)
        and (booked_at is None or booked_at <= then),
        "first_opened_at": by_then("first_opened_at"),
        "first_clicked_at": by_then("first_clicked_at"),
        "first_replied_at": by_then("first_replied_at"),
        "tasks_completed": sum(row["tasks_completed"] for row in group) - len(later),
    }
