"""Rows of step_contacts, step_metrics_daily and enrollments_by_step."""

from __future__ import annotations

from . import calendars
from .facts import Enrollment, Objects
from .funnel import SENT_KINDS, counting_meetings
from .performance import groups, started
from .steps import place, template_of_step


def step_contacts(
    enrollments: list[Enrollment],
    rows: list[dict],
    objects: Objects,
    account: dict,
    metric_rules: str,
) -> list[dict]:
    """By (account, enrollment, step order), with its one template: the enrollments behind step_funnel."""
    row_of = {row["enrollment_id"]: row for row in rows}
    report = []
    for enrollment in enrollments:
        if enrollment.started_at is None:
            continue
        row = row_of[enrollment.enrollment_id]
        for (step_order, template_id), there in _places(enrollment, objects, metric_rules).items():
            report.append(
                {
                    "portal_id": enrollment.portal_id,
                    "enrollment_id": enrollment.enrollment_id,
                    "step_order": step_order,
                    "template_id": template_id,
                    "contact_id": row["contact_id"],
                    "sequence_id": row["sequence_id"],
                    "enrolled_by_user_id": row["enrolled_by_user_id"],
                    "company_id": row["company_id"],
                    "enrolled_on": calendars.day_of(row["enrolled_at"], account),
                    "is_executed": any(kind in SENT_KINDS for kind, _ in there),
                    "is_meeting_booked": any(kind == "meeting" for kind, _ in there),
                    "executed_at": _first(there, "step_executed"),
                    "first_opened_at": _first(there, "opened"),
                    "first_clicked_at": _first(there, "clicked"),
                    "first_replied_at": _first(there, "replied"),
                    "first_meeting_booked_at": _first(there, "meeting"),
                    "tasks_completed": len([kind for kind, _ in there if kind == "task"]),
                }
            )
    return report


def _places(enrollment: Enrollment, objects: Objects, metric_rules: str) -> dict[tuple, list[tuple]]:
    """(step order, template id) -> (what, when) of all that counts in the funnel there."""
    places: dict[tuple, list[tuple]] = {}

    def put(step_order, template_id, what: str, when) -> None:
        if step_order is not None:
            places.setdefault((step_order, template_id), []).append((what, when))

    for event in enrollment.events:
        if event.kind in SENT_KINDS:
            put(*place(enrollment, event), event.kind, event.occurred_at)
    for booked_at, step_order, template_id in counting_meetings(enrollment, metric_rules):
        put(step_order, template_id, "meeting", booked_at)
    for task in objects.tasks:
        if task.enrollment_id == enrollment.enrollment_id:
            template_id = template_of_step(enrollment, task.step_order)
            put(task.step_order, template_id, "task", task.completed_at)
    return places


def _first(there: list[tuple], wanted: str):
    """The earliest known time of a kind."""
    return min((when for what, when in there if what == wanted and when is not None), default=None)


def step_metrics_daily(contacts: list[dict]) -> list[dict]:
    """By (account, sequence, step order, template, user, company, day of enrollment).

    contacts: step_contacts.
    """
    names = (
        *("portal_id", "sequence_id", "step_order", "template_id"),
        *("enrolled_by_user_id", "company_id", "enrolled_on"),
    )
    report = []
    for key, group in groups(contacts, lambda row: tuple(row[name] for name in names)).items():
        report.append(
            dict(zip(names, key, strict=True))
            | {
                "steps_executed": len([row for row in group if row["is_executed"]]),
                "meetings": len([row for row in group if row["is_meeting_booked"]]),
                "opens": len([row for row in group if row["first_opened_at"] is not None]),
                "clicks": len([row for row in group if row["first_clicked_at"] is not None]),
                "replies": len([row for row in group if row["first_replied_at"] is not None]),
                "tasks_completed": sum(row["tasks_completed"] for row in group),
            }
        )
    return report


def enrollments_by_step(rows: list[dict]) -> list[dict]:
    """By (account, sequence, last executed step, status), over started enrollments."""

    def key_of(row: dict) -> tuple:
        return (row["portal_id"], row["sequence_id"], row["last_step_order"], row["status"])

    names = ("portal_id", "sequence_id", "step_order", "status")
    return [
        dict(zip(names, key, strict=True)) | {"enrollments": len(group)}
        for key, group in groups(started(rows), key_of).items()
    ]
