"""Which step, and which e-mail template, an attributed event belongs to."""

from __future__ import annotations

from datetime import datetime

from . import kinds
from .attribution import is_email_step
from .endings import REASON_OF_SOURCE
from .facts import Enrollment, Event, Meeting, Objects


def resolve(enrollment: Enrollment, objects: Objects) -> None:
    """Fill step_order and template_id of the enrollment's events, step_order of its meeting objects."""
    for event in enrollment.events:
        event.step_order = which_step(event, enrollment, objects)
    for event in enrollment.events:
        event.template_id = event.own_template_id or template_of_step(enrollment, event.step_order)
    for meeting in enrollment.meetings:
        meeting.step_order = last_step(executed(enrollment), meeting.booked_at)


def executed(enrollment: Enrollment) -> list[Event]:
    """The step events whose step order is known."""
    return [e for e in enrollment.of_kind("step_executed") if e.own_step_order is not None]


def which_step(event: Event, enrollment: Enrollment, objects: Objects) -> int | None:
    """The step order (from 0) of an attributed event; None when nothing tells it."""
    if event.kind == "meeting_booked_through_sequence" or is_meeting_unenrollment(event):
        reached = last_step(executed(enrollment), event.occurred_at)
        return event.own_step_order if reached is None else reached
    if event.own_step_order is not None or event.kind in ("enrolled", "step_executed"):
        return event.own_step_order
    steps = executed(enrollment)
    if event.own_template_id is not None:
        same_template = [s for s in steps if s.own_template_id == event.own_template_id]
        nearest = nearest_step(same_template, event.occurred_at)
        if nearest is not None:
            return nearest.own_step_order
    if event.kind in kinds.ENGAGEMENTS:
        steps = [step for step in steps if is_email_step(step, enrollment, objects)]
    return last_step(steps, event.occurred_at)


def last_step(steps: list[Event], at: datetime) -> int | None:
    """The order of the last step executed at or before the time."""
    by_then = [step for step in steps if step.occurred_at <= at]
    if not by_then:
        return None
    return max(by_then, key=lambda s: (s.occurred_at, s.own_step_order)).own_step_order


def nearest_step(steps: list[Event], at: datetime) -> Event | None:
    """The latest step at or before the time, else the earliest after it.

    Ties in time go to the greater step order, then to the greater event id.
    """
    by_then = [step for step in steps if step.occurred_at <= at]
    if by_then:
        last_time = max(step.occurred_at for step in by_then)
        at_once = [step for step in by_then if step.occurred_at == last_time]
    elif steps:
        first_time = min(step.occurred_at for step in steps)
        at_once = [step for step in steps if step.occurred_at == first_time]
    else:
        return None
    return max(at_once, key=lambda s: (s.own_step_order, s.event_id))


def is_meeting_unenrollment(event: Event) -> bool:
    """Whether a meeting of the contact's own unenrolled them."""
    return event.kind == "unenrolled" and REASON_OF_SOURCE.get(event.source) == "meeting_booked"


def template_of_step(enrollment: Enrollment, step_order: int | None) -> str | None:
    """The one template of the enrollment's step: of what first executed it with one, else of what
    first was opened, clicked or replied to with one.
    """
    if step_order is None:
        return None
    for some in (("step_executed",), kinds.ENGAGEMENTS):
        naming = [
            event
            for event in enrollment.events
            if event.kind in some and event.step_order == step_order and event.own_template_id is not None
        ]
        if naming:
            first = min(naming, key=lambda event: (event.occurred_at, event.event_id, event.event_type))
            return first.own_template_id
    return None


def place(enrollment: Enrollment, what: Event | Meeting) -> tuple[int | None, str | None]:
    """(step order, template) under which the step reports count it; on no step, its own template."""
    if what.step_order is None:
        return (None, what.own_template_id)
    return (what.step_order, template_of_step(enrollment, what.step_order))
