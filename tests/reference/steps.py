"""Which step, and which e-mail template, an attributed event belongs to."""

from __future__ import annotations

from datetime import datetime

from .attribution import is_email_step
from .facts import Enrollment, Event, Objects


def resolve(enrollment: Enrollment, objects: Objects) -> None:
    """Fill step_order and template_id of the enrollment's events and meeting objects."""
    for event in enrollment.events:
        event.step_order = which_step(event, enrollment, objects)
        event.template_id = event.own_template_id or template_of_step(
            enrollment, event.step_order, event.occurred_at
        )
    for meeting in enrollment.meetings:
        meeting.step_order = last_step(executed(enrollment), meeting.booked_at)
        meeting.template_id = template_of_step(enrollment, meeting.step_order, meeting.booked_at)


def executed(enrollment: Enrollment) -> list[Event]:
    """The step events whose step order is known."""
    return [e for e in enrollment.of_kind("step_executed") if e.own_step_order is not None]


def which_step(event: Event, enrollment: Enrollment, objects: Objects) -> int | None:
    """The step order (from 0) of an attributed event; None when nothing tells it."""
    if event.own_step_order is not None or event.kind in ("enrolled", "step_executed"):
        return event.own_step_order
    steps = executed(enrollment)
    if event.own_template_id is not None:
        same_template = [s for s in steps if s.own_template_id == event.own_template_id]
        nearest = nearest_step(same_template, event.occurred_at)
        if nearest is not None:
            return nearest.own_step_order
    if event.kind in ("opened", "clicked", "replied"):
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


def template_of_step(enrollment: Enrollment, step_order: int | None, at: datetime) -> str | None:
    """The template with which the enrollment's step was executed, as seen from a time."""
    if step_order is None:
        return None
    with_template = [
        step
        for step in executed(enrollment)
        if step.own_step_order == step_order and step.own_template_id is not None
    ]
    nearest = nearest_step(with_template, at)
    return None if nearest is None else nearest.own_template_id
