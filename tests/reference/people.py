"""Rows of enrollment_list, engaged_contacts and contact_hygiene."""

from __future__ import annotations

from datetime import datetime

from .attribution import is_email_step
from .facts import Enrollment, Objects
from .performance import groups, started

NEVER_ENGAGED_MIN_ENROLLMENTS = 3


def enrollment_list(enrollments: list[Enrollment], rows: list[dict], objects: Objects) -> list[dict]:
    """One row for each enrollment, scheduled ones too."""
    report = []
    for enrollment, row in zip(enrollments, rows, strict=True):
        report.append(
            {
                "portal_id": row["portal_id"],
                "enrollment_id": row["enrollment_id"],
                "contact_id": row["contact_id"],
                "company_id": row["company_id"],
                "sequence_id": row["sequence_id"],
                "enrolled_by_user_id": row["enrolled_by_user_id"],
                "enrolled_at": row["enrolled_at"],
                "started_at": row["started_at"],
                "ended_at": row["ended_at"],
                "last_step_completed_at": last_step_completed_at(enrollment, objects),
                "status": row["status"],
                "status_detail": row["status_detail"],
                "end_reason": row["end_reason"],
                "last_step_order": row["last_step_order"],
                "next_step_order": next_step_order(row, objects),
            }
        )
    return report


def last_step_completed_at(enrollment: Enrollment, objects: Objects) -> datetime | None:
    """An e-mail is completed when it is sent, a task when it is done, an unknown step when executed."""
    actions = objects.actions.get(enrollment.sequence_id, {})
    times = []
    for step in enrollment.of_kind("step_executed"):
        is_of_unknown_action = actions.get(step.own_step_order) is None
        if is_email_step(step, enrollment, objects) or is_of_unknown_action:
            times.append(step.occurred_at)
    for task in objects.tasks:
        if task.enrollment_id == enrollment.enrollment_id and task.completed_at is not None:
            times.append(task.completed_at)
    return max(times, default=None)


def next_step_order(row: dict, objects: Objects) -> int | None:
    """The first step of the present definition after the last executed one; None when ended."""
    if row["ended_at"] is not None:
        return None
    following = []
    for order in objects.actions.get(row["sequence_id"], {}):
        if row["last_step_order"] is None or order > row["last_step_order"]:
            following.append(order)
    return min(following, default=None)


def engaged_contacts(rows: list[dict], objects: Objects) -> list[dict]:
    """By (account, contact, sequence): the latest enrollment there, where it was opened or clicked."""
    of_contacts = [row for row in started(rows) if row["contact_id"] is not None]
    report = []
    for group in groups(of_contacts, lambda row: (row["contact_id"], row["sequence_id"])).values():
        row = max(group, key=lambda row: (row["enrolled_at"], row["enrollment_id"]))
        if row["opens"] + row["clicks"] == 0:
            continue
        report.append(
            {
                "portal_id": row["portal_id"],
                "contact_id": row["contact_id"],
                "sequence_id": row["sequence_id"],
                "enrollment_id": row["enrollment_id"],
                "company_id": row["company_id"],
                "status": row["status"],
                "last_step_order": row["last_step_order"],
                "next_step_order": next_step_order(row, objects),
                "emails_sent": row["emails_sent"],
                "opens": row["opens"],
                "clicks": row["clicks"],
                "last_activity_at": row["last_activity_at"],
            }
        )
    # Sorting is stable: the last criterion first.
    report.sort(key=lambda row: (row["contact_id"], row["sequence_id"] is None, row["sequence_id"] or ""))
    report.sort(key=lambda row: row["last_activity_at"], reverse=True)
    report.sort(key=lambda row: (row["clicks"], row["opens"]), reverse=True)
    for position, row in enumerate(report, start=1):
        row["engagement_rank"] = position
    return report


def contact_hygiene(rows: list[dict], objects: Objects) -> list[dict]:
    """By (account, contact, reason): whom to leave out, over started enrollments."""
    of_contacts = [row for row in started(rows) if row["contact_id"] is not None]
    report = []
    for contact_id, group in groups(of_contacts, lambda row: row["contact_id"]).items():
        contact = objects.contacts.get(contact_id)
        reasons = {}
        for reason, flag in (("hard_bounced", "is_bounced"), ("unsubscribed", "is_unsubscribed")):
            flagged = [row for row in group if row[flag]]
            if flagged:
                ends = [row["ended_at"] for row in flagged if row["ended_at"] is not None]
                reasons[reason] = min(ends, default=None)
        if len(group) >= NEVER_ENGAGED_MIN_ENROLLMENTS and not any(map(_is_engaged, group)):
            reasons["never_engaged"] = min(row["enrolled_at"] for row in group)
        for reason, since in reasons.items():
            report.append(
                {
                    "portal_id": group[0]["portal_id"],
                    "contact_id": contact_id,
                    "reason": reason,
                    "company_id": contact.company_id if contact else None,
                    "enrollments": len(group),
                    "last_enrolled_at": max(row["enrolled_at"] for row in group),
                    "since": since,
                }
            )
    return report


def _is_engaged(row: dict) -> bool:
    """Any open, click, reply or meeting, as an event or among what ended the enrollment."""
    events = row["opens"] + row["clicks"] + row["replies"] + row["meetings"]
    return events > 0 or row["is_replied_while_enrolled"] or row["is_meeting_booked_while_enrolled"]
