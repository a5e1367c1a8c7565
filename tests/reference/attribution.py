"""Which enrollments there are, and which event belongs to which of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from . import endings, kinds
from .endings import SAME_ACT
from .facts import Enrollment, Event, Meeting, Objects

AFTER_FINISH = timedelta(days=7)


def derived_id(event: Event) -> str:
    """The id of the enrollment that an enroll event without an enrollment id makes."""
    return f"derived:{event.object_id}:{event.sequence_id or ''}:{event.event_id}"


def make_enrollments(events: list[Event]) -> dict[str, Enrollment]:
    """Enrollment id -> enrollment, of one account.

    events: ordered by (occurred_at, event_type, event_id).
    """
    carried: dict[str, list[Event]] = {}
    enrollments: dict[str, Enrollment] = {}
    for event in events:
        if not event.is_sequence_event:
            continue
        if event.carried_enrollment_id is not None:
            carried.setdefault(event.carried_enrollment_id, []).append(event)
        elif event.kind == "enrolled":
            enrollments[derived_id(event)] = _enrollment(derived_id(event), [event], [event])
    for enrollment_id, its_events in carried.items():
        enroll_events = [event for event in its_events if event.kind == "enrolled"]
        enroll_events.sort(key=lambda e: (e.occurred_at, e.event_id))
        enrollments[enrollment_id] = _enrollment(enrollment_id, enroll_events[:1], its_events)
    return enrollments


def _enrollment(enrollment_id: str, enroll_events: list[Event], its_events: list[Event]) -> Enrollment:
    """enroll_events: the one that counts, or none. its_events: all that carry the id, in order."""

    def first(value_of: Callable[[Event], str | None]) -> str | None:
        for event in enroll_events + its_events:
            if value_of(event) is not None:
                return value_of(event)
        return None

    return Enrollment(
        portal_id=its_events[0].portal_id,
        enrollment_id=enrollment_id,
        enrolled_at=(enroll_events + its_events)[0].occurred_at,
        contact_id=first(lambda event: event.contact_id),
        sequence_id=first(lambda event: event.sequence_id),
        user_id=first(lambda event: event.user_id),
        company_id=first(lambda event: event.company_id),
        is_inferred=not enroll_events,
    )


def latest(candidates: list[Enrollment]) -> Enrollment | None:
    """The greatest enrolled_at, ties to the greater enrollment id as text."""
    if not candidates:
        return None
    return max(candidates, key=lambda e: (e.enrolled_at, e.enrollment_id))


def attribute(events: list[Event], enrollments: dict[str, Enrollment], objects: Objects) -> None:
    """Fill every enrollment's events and meetings, and what tells of its end."""
    waiting_for_rule_3 = []
    for event in events:
        if not event.is_sequence_event:
            continue
        if event.carried_enrollment_id is not None:
            _belongs(event, enrollments[event.carried_enrollment_id], "enrollment_id")
        elif event.kind == "enrolled":
            rule = "sequence" if event.sequence_id is not None else "contact"
            _belongs(event, enrollments[derived_id(event)], rule)
        elif event.contact_id is None:
            continue
        elif event.sequence_id is not None:
            _belongs(event, _rule_2(event, enrollments), "sequence")
        else:
            waiting_for_rule_3.append(event)

    for enrollment in enrollments.values():
        endings.end(enrollment)

    # Opens, clicks, replies and meetings execute no step and end nothing: no rule below looks
    # at what another event got by it, so that their order does not matter.
    for event in waiting_for_rule_3:
        of_contact = [e for e in enrollments.values() if e.contact_id == event.contact_id]
        if event.kind == "replied":
            found = [e for e in of_contact if not_ended_before(e, event.occurred_at)]
        elif event.kind == "meeting_booked_through_sequence":
            found = [e for e in of_contact if open_for_meeting(e, event.occurred_at)]
        elif event.kind in kinds.OF_EMAIL:
            found = [e for e in of_contact if _had_sent(e, event, objects)]
        else:
            found = []
        _belongs(event, latest(found), "contact")

    for meeting in objects.meetings:
        of_contact = [e for e in enrollments.values() if e.contact_id == meeting.contact_id]
        found = latest([e for e in of_contact if open_for_meeting(e, meeting.booked_at)])
        if found is not None:
            found.meetings.append(meeting)


def _belongs(event: Event, enrollment: Enrollment | None, rule: str) -> None:
    if enrollment is None:
        return
    event.enrollment_id = enrollment.enrollment_id
    event.attribution = rule
    enrollment.events.append(event)


def _rule_2(event: Event, enrollments: dict[str, Enrollment]) -> Enrollment | None:
    return latest(
        [
            enrollment
            for enrollment in enrollments.values()
            if enrollment.contact_id == event.contact_id
            and enrollment.sequence_id == event.sequence_id
            and enrollment.enrolled_at <= event.occurred_at
        ]
    )


def not_ended_before(enrollment: Enrollment, at) -> bool:
    """While enrolled: enrolled_at <= at <= ended_at + SAME_ACT."""
    if at < enrollment.enrolled_at:
        return False
    return enrollment.ended_at is None or at <= enrollment.ended_at + SAME_ACT


def finished_shortly_before(enrollment: Enrollment, at) -> bool:
    """Its first finish event was at most AFTER_FINISH before, and it was enrolled by then."""
    if at < enrollment.enrolled_at or enrollment.finished_at is None:
        return False
    return at <= enrollment.finished_at + AFTER_FINISH


def open_for_meeting(enrollment: Enrollment, at) -> bool:
    """A meeting booked at this time may be the enrollment's."""
    return not_ended_before(enrollment, at) or finished_shortly_before(enrollment, at)


def is_email_step(step: Event, enrollment: Enrollment, objects: Objects) -> bool:
    """The step event names a template, or the step's present definition is EMAIL."""
    if step.own_template_id is not None:
        return True
    actions = objects.actions.get(enrollment.sequence_id, {})
    return actions.get(step.own_step_order) == "EMAIL"


def _had_sent(enrollment: Enrollment, event: Event, objects: Objects) -> bool:
    """An e-mail with the event's template (without one: any e-mail) had been sent by then."""
    for step in enrollment.of_kind("step_executed"):
        if step.occurred_at > event.occurred_at:
            continue
        if event.own_template_id is not None and step.own_template_id == event.own_template_id:
            return True
        if event.own_template_id is None and is_email_step(step, enrollment, objects):
            return True
    return False


def meeting_of(event: Event) -> Meeting:
    """A "booked a meeting through a sequence" event as a meeting."""
    return Meeting(event.contact_id, event.occurred_at, True, event.step_order, event.own_template_id)
