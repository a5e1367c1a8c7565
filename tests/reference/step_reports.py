"""Rows of fct_enrollment_steps, step_contacts, step_metrics_daily, enrollments_by_step and step_exits."""

from __future__ import annotations

from . import calendars, kinds, rates
from .attribution import is_email_step
from .facts import Enrollment, Objects
from .funnel import counting_meetings
from .performance import groups, started
from .steps import place, template_of_step


def enrollment_steps(
    enrollments: list[Enrollment],
    rows: list[dict],
    objects: Objects,
    account: dict,
    metric_rules: str,
) -> list[dict]:
    """By (account, enrollment, step order) with its one template; on no known step, by template."""
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
                    "is_executed": any(kind in kinds.OF_STEP for kind, _ in there),
                    "is_meeting_booked": any(kind == "meeting" for kind, _ in there),
                    "executed_at": _first(there, "step_executed"),
                    "first_opened_at": _first(there, "opened"),
                    "first_clicked_at": _first(there, "clicked"),
                    "first_replied_at": _first(there, "replied"),
                    "first_meeting_booked_at": _first(there, "meeting"),
                    "emails_sent": len([kind for kind, _ in there if kind == "email"]),
                    "tasks_completed": len([kind for kind, _ in there if kind == "task"]),
                }
            )
    return report


def step_contacts(steps: list[dict]) -> list[dict]:
    """The enrollments behind step_funnel: what is on a known step. steps: fct_enrollment_steps."""
    return [
        {name: value for name, value in step.items() if name != "emails_sent"}
        for step in steps
        if step["step_order"] is not None
    ]


def _places(enrollment: Enrollment, objects: Objects, metric_rules: str) -> dict[tuple, list[tuple]]:
    """(step order, template id) -> (what, when) of all that counts in the reports of steps there."""
    places: dict[tuple, list[tuple]] = {}

    def put(step_order, template_id, what: str, when) -> None:
        places.setdefault((step_order, template_id), []).append((what, when))

    for event in enrollment.events:
        if event.kind in kinds.OF_STEP:
            put(*place(enrollment, event), event.kind, event.occurred_at)
        if event.kind == "step_executed" and is_email_step(event, enrollment, objects):
            put(*place(enrollment, event), "email", event.occurred_at)
    for booked_at, step_order, template_id in counting_meetings(enrollment, metric_rules):
        # on neither a step nor a template it is the enrollment's alone
        if (step_order, template_id) != (None, None):
            put(step_order, template_id, "meeting", booked_at)
    for task in objects.tasks:
        if task.enrollment_id == enrollment.enrollment_id and task.step_order is not None:
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
                "meeting_booked": len([row for row in group if row["is_meeting_booked"]]),
                "opened": len([row for row in group if row["first_opened_at"] is not None]),
                "clicked": len([row for row in group if row["first_clicked_at"] is not None]),
                "replied": len([row for row in group if row["first_replied_at"] is not None]),
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


# End reason -> column of step_exits.
EXITS = {
    "finished": "finished_here",
    "replied": "exited_replied",
    "meeting_booked": "exited_meeting_booked",
    "account_meeting": "exited_account",
    "account_replied": "exited_account",
    "bounced": "exited_bounced",
    "unsubscribed": "exited_unsubscribed",
    "manual": "exited_manual",
    "workflow": "exited_workflow",
    "sequence_deleted": "exited_sequence_deleted",
    "error": "exited_error",
    "other": "exited_other",
}
OUTCOMES = ("went_on", "waiting", *dict.fromkeys(EXITS.values()))


def step_exits(contacts: list[dict], rows: list[dict]) -> list[dict]:
    """By (account, sequence, step order): what became of the enrollments that executed the step.

    contacts: step_contacts.
    """
    row_of = {row["enrollment_id"]: row for row in rows}
    executed: dict[str, set[int]] = {}
    for contact in contacts:
        if contact["is_executed"]:
            executed.setdefault(contact["enrollment_id"], set()).add(contact["step_order"])
    outcomes: dict[tuple, list[str]] = {}
    for enrollment_id, orders in executed.items():
        row = row_of[enrollment_id]
        for step_order in orders:
            if any(later > step_order for later in orders):
                outcome = "went_on"
            elif row["ended_at"] is None:
                outcome = "waiting"
            else:
                outcome = EXITS[row["end_reason"]]
            key = (row["portal_id"], row["sequence_id"], step_order)
            outcomes.setdefault(key, []).append(outcome)
    return [_exits_row(key, of_step) for key, of_step in outcomes.items()]


def _exits_row(key: tuple, outcomes: list[str]) -> dict:
    row = dict(zip(("portal_id", "sequence_id", "step_order"), key, strict=True))
    row |= {"executed": len(outcomes)}
    row |= {outcome: outcomes.count(outcome) for outcome in OUTCOMES}
    row["success"] = row["exited_replied"] + row["exited_meeting_booked"]
    row["loss"] = sum(row[f"exited_{how}"] for how in ("bounced", "unsubscribed", "manual", "error"))
    known = len(outcomes) - row["waiting"]
    row |= rates.with_interval("success_rate", row["success"], known)
    return row | rates.with_interval("loss_rate", row["loss"], known)
