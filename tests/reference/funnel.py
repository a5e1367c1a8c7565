"""Rows of step_funnel."""

from __future__ import annotations

from . import kinds, rates
from .attribution import SAME_ACT, not_ended_before
from .enrollments import meetings_of
from .facts import Enrollment, Objects
from .steps import is_meeting_unenrollment, place, template_of_step


def step_funnel(enrollments: list[Enrollment], objects: Objects, metric_rules: str) -> list[dict]:
    """By (account, sequence, step order, template), over the started enrollments of one account.

    Counts are distinct enrollments (tasks: tasks), rates are over steps_executed, in 0..1.
    """
    started = {e.enrollment_id: e for e in enrollments if e.started_at is not None}
    # (sequence id, step order, template id) -> measure -> enrollment ids (tasks: task ids)
    cells: dict[tuple, dict[str, set[str]]] = {}

    def count(enrollment: Enrollment, step_order, template_id, measure: str, what: str) -> None:
        if step_order is not None:
            key = (enrollment.sequence_id, step_order, template_id)
            cells.setdefault(key, {}).setdefault(measure, set()).add(what)

    for enrollment in started.values():
        its_id = enrollment.enrollment_id
        for event in enrollment.events:
            where = place(enrollment, event)
            if event.kind in kinds.OF_STEP:
                count(enrollment, *where, "steps_executed", its_id)
            if event.kind in ("opened", "clicked", "replied"):
                count(enrollment, *where, event.kind, its_id)
        for _, *where in counting_meetings(enrollment, metric_rules):
            count(enrollment, *where, "meetings", its_id)

    for task in objects.tasks:
        enrollment = started.get(task.enrollment_id)
        if enrollment is not None:
            template_id = template_of_step(enrollment, task.step_order)
            count(enrollment, task.step_order, template_id, "tasks_completed", task.task_id)

    rows = []
    for (sequence_id, step_order, template_id), measures in cells.items():
        number = {
            name: len(measures.get(name, ()))
            for name in (
                "steps_executed",
                "meetings",
                "opened",
                "clicked",
                "replied",
                "tasks_completed",
            )
        }
        sent = number["steps_executed"]
        of_sequence = len([e for e in started.values() if e.sequence_id == sequence_id])
        reached = _reached(sequence_id, step_order, cells)
        lower = [s for q, s, _ in cells if q == sequence_id and s < step_order]
        drop_off = None
        if lower:
            reached_before = _reached(sequence_id, max(lower), cells)
            if reached_before > 0:
                drop_off = 1 - (reached / of_sequence) / (reached_before / of_sequence)
        actions = objects.actions.get(sequence_id, {})
        rows.append(
            {
                "portal_id": enrollments[0].portal_id,
                "sequence_id": sequence_id,
                "step_order": step_order,
                "template_id": template_id,
                "action": actions.get(step_order) or ("EMAIL" if template_id else None),
                "is_current_step": step_order in actions,
                "steps_executed": sent,
                "meeting_booked": number["meetings"],
                "opened": number["opened"],
                "clicked": number["clicked"],
                "replied": number["replied"],
                "tasks_completed": number["tasks_completed"],
                **rates.with_interval("open_rate", number["opened"], sent),
                **rates.with_interval("click_rate", number["clicked"], sent),
                **rates.with_interval("reply_rate", number["replied"], sent),
                **rates.with_interval("meeting_rate", number["meetings"], sent),
                "task_completion_rate": rates.rate(number["tasks_completed"], sent),
                **rates.with_interval("reach_rate", reached, of_sequence),
                "drop_off": drop_off,
            }
        )
    return rows


def counting_meetings(enrollment: Enrollment, metric_rules: str) -> list[tuple]:
    """(booked at, step order, template id) of the enrollment's meetings that count in the funnel.

    booked at is None for the meeting that is known by nothing but the unenrollment. A meeting and the
    unenrollment of the same act are one booking, where the meeting stands.
    """
    counting = []
    for meeting in meetings_of(enrollment):
        counts = meeting.through_sequence or metric_rules != "before_2022"
        if counts and not_ended_before(enrollment, meeting.booked_at):
            counting.append((meeting.booked_at, *place(enrollment, meeting)))
    if "meeting_booked" in enrollment.reasons_of_act and metric_rules != "before_2022":
        by_meeting = [event for event in enrollment.events if is_meeting_unenrollment(event)]
        first = min(by_meeting, key=lambda event: (event.occurred_at, event.event_id))
        of_same_act = [
            meeting
            for meeting in counting
            if abs(meeting[0] - first.occurred_at) <= SAME_ACT and meeting[1:] != (None, None)
        ]
        if not of_same_act:
            counting.append((None, *place(enrollment, first)))
    return counting


def _reached(sequence_id: str | None, step_order: int, cells: dict[tuple, dict[str, set[str]]]) -> int:
    """The sequence's started enrollments that came to the step, over all templates."""
    reached: set[str] = set()
    for (of_sequence, of_step, _), measures in cells.items():
        if (of_sequence, of_step) == (sequence_id, step_order):
            reached |= measures.get("steps_executed", set())
    return len(reached)
