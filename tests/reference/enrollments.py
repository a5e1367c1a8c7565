"""Rows of fct_enrollments and fct_sequence_events."""

from __future__ import annotations

from datetime import date, datetime

from . import calendars, deals, merges, pauses
from .attribution import (
    finished_shortly_before,
    is_email_step,
    meeting_of,
    not_ended_before,
)
from .facts import Enrollment, Event, Meeting, Objects

RULES = ("current", "2022", "before_2022")
STARTER_CHANGE = date(2020, 3, 3)


def is_legacy_starter(account: dict) -> bool:
    """On Sales or Service Hub Starter, created before 2020-03-03.

    account: {"plan", "created_on" (date or ISO text), …}, or empty.
    """
    created_on = account.get("created_on")
    if not created_on:
        return False
    if isinstance(created_on, str):
        created_on = date.fromisoformat(created_on)
    return "Starter" in (account.get("plan") or "") and created_on < STARTER_CHANGE


def meetings_of(enrollment: Enrollment) -> list[Meeting]:
    """All meetings of the enrollment, whenever booked: events first, then objects."""
    booked = enrollment.of_kind("meeting_booked_through_sequence")
    return [meeting_of(event) for event in booked] + enrollment.meetings


def enrollment_row(enrollment: Enrollment, objects: Objects, account: dict, metric_rules: str) -> dict:
    """One row of fct_enrollments; times in UTC."""
    if metric_rules not in RULES:
        raise ValueError(f"metric_rules is one of {RULES}, not {metric_rules!r}")
    steps = enrollment.of_kind("step_executed")
    step_times = [step.occurred_at for step in steps]
    orders = {step.own_step_order for step in steps} - {None}
    opens = enrollment.of_kind("opened")
    clicks = enrollment.of_kind("clicked")
    replies = enrollment.of_kind("replied")
    meetings = meetings_of(enrollment)
    company_id, company_source = _company(enrollment, objects)
    emails = [step for step in steps if is_email_step(step, enrollment, objects)]
    status, status_detail = pauses.status(enrollment, objects)
    flags = _flags(enrollment, replies, meetings)
    flags |= _flags_in_force(flags, is_legacy_starter(account), metric_rules)
    return {
        "portal_id": enrollment.portal_id,
        "enrollment_id": enrollment.enrollment_id,
        "sequence_id": enrollment.sequence_id,
        "contact_id": enrollment.contact_id,
        "company_id": company_id,
        "company_source": company_source,
        "enrolled_by_user_id": enrollment.user_id,
        "enrolled_at": enrollment.enrolled_at,
        "started_at": enrollment.started_at,
        "ended_at": enrollment.ended_at,
        "status": status,
        "status_detail": status_detail,
        "end_reason": enrollment.end_reason,
        "first_step_executed_at": min(step_times, default=None),
        "last_step_executed_at": max(step_times, default=None),
        "last_step_order": max(orders, default=None),
        "steps_executed": len(orders),
        "emails_sent": len(emails),
        "first_email_sent_at": _earliest(emails),
        "opens": len(opens),
        "clicks": len(clicks),
        "replies": len(replies),
        "meetings": len(meetings),
        "first_opened_at": _earliest(opens),
        "first_clicked_at": _earliest(clicks),
        "first_replied_at": _earliest(replies),
        "first_meeting_booked_at": min((m.booked_at for m in meetings), default=None),
        "first_counted_meeting_booked_at": min(flags["counted_meetings"], default=None),
        "last_activity_at": _last_activity_at(enrollment),
        "enrolled_on": calendars.day_of(enrollment.enrolled_at, account),
        "ended_on": enrollment.ended_at and calendars.day_of(enrollment.ended_at, account),
        "is_started": enrollment.started_at is not None,
        "is_inferred": enrollment.is_inferred,
        "is_opened": bool(opens),
        "is_clicked": bool(clicks),
        "is_replied": flags["is_replied"],
        "is_replied_while_enrolled": flags["replied_now"],
        "is_replied_to_sequence_email": bool(replies),
        "is_meeting_booked": flags["is_meeting_booked"],
        "is_meeting_booked_while_enrolled_or_after": flags["while_enrolled_or_after"],
        "is_meeting_booked_while_enrolled": flags["while_enrolled"],
        "is_meeting_booked_through_sequence": flags["through_sequence"],
        "is_bounced": bool(enrollment.of_kind("bounced")) or "bounced" in enrollment.reasons_of_act,
        "is_unsubscribed": flags["unsubscribed"],
        "is_no_response": enrollment.ended_at is not None and not flags["replied_now"],
        "deals": len(enrollment.deals),
        "revenue": deals.revenue(enrollment),
    }


def _company(enrollment: Enrollment, objects: Objects) -> tuple[str | None, str | None]:
    """(company, as it survives, and where it is from): of the events, else of the contact now."""
    company_id, source = enrollment.company_id, "event"
    if company_id is None and enrollment.contact_id is not None:
        contact = objects.contacts.get(enrollment.contact_id)
        company_id, source = (contact.company_id if contact else None), "contact"
    if company_id is None:
        return None, None
    return merges.last_survivor(company_id, objects.company_edges), source


def _last_activity_at(enrollment: Enrollment) -> datetime | None:
    """The latest open, click, reply or meeting of the enrollment, whatever it counts for."""
    times = [meeting.booked_at for meeting in meetings_of(enrollment)]
    for kind in ("opened", "clicked", "replied"):
        times += [event.occurred_at for event in enrollment.of_kind(kind)]
    return max(times, default=None)


def _earliest(events: list[Event]) -> datetime | None:
    return min((event.occurred_at for event in events), default=None)


def _flags(enrollment: Enrollment, replies: list[Event], meetings: list[Meeting]) -> dict:
    """The flags of every version of the rules, side by side."""
    ended_by = enrollment.reasons_of_act

    replied_now = "replied" in ended_by
    for reply in replies:
        if not_ended_before(enrollment, reply.occurred_at):
            replied_now = True

    unsubscribed = "unsubscribed" in ended_by
    for event in enrollment.of_kind("unsubscribed"):
        if not_ended_before(enrollment, event.occurred_at):
            unsubscribed = True

    while_enrolled = while_enrolled_or_after = "meeting_booked" in ended_by
    through_sequence = False
    booked: dict[str, list[datetime]] = {"before_2022": [], "2022": [], "current": []}
    for meeting in meetings:
        if not_ended_before(enrollment, meeting.booked_at):
            while_enrolled = while_enrolled_or_after = True
            booked["2022"].append(meeting.booked_at)
            booked["current"].append(meeting.booked_at)
            if meeting.through_sequence:
                through_sequence = True
                booked["before_2022"].append(meeting.booked_at)
        if finished_shortly_before(enrollment, meeting.booked_at):
            while_enrolled_or_after = True
            booked["current"].append(meeting.booked_at)

    return {
        "replied_ever": bool(replies),
        "replied_now": replied_now,
        "unsubscribed": unsubscribed,
        "while_enrolled_or_after": while_enrolled_or_after,
        "while_enrolled": while_enrolled,
        "through_sequence": through_sequence,
        "booked": booked,
    }


def _flags_in_force(flags: dict, legacy_starter: bool, metric_rules: str) -> dict:
    """is_replied and is_meeting_booked, as the rules in force say."""
    if metric_rules == "before_2022":
        return {
            "is_replied": flags["replied_ever"],
            "is_meeting_booked": flags["through_sequence"],
            "counted_meetings": flags["booked"]["before_2022"],
        }
    if metric_rules == "2022" or legacy_starter:
        return {
            "is_replied": flags["replied_now"],
            "is_meeting_booked": flags["while_enrolled"],
            "counted_meetings": flags["booked"]["2022"],
        }
    return {
        "is_replied": flags["replied_now"],
        "is_meeting_booked": flags["while_enrolled_or_after"],
        "counted_meetings": flags["booked"]["current"],
    }


def event_row(
    event: Event,
    enrollments: dict[str, Enrollment],
    objects: Objects,
    loads: dict[tuple[str, str], int],
) -> dict:
    """One row of fct_sequence_events; an unattributed event keeps its own properties.

    loads: (event type, event id) -> the number of the load that brought the event first, which stands here
    for that load's id and for its time.
    """
    load = loads[event.event_type, event.event_id]
    sequence_id, step_order, template_id = (
        event.sequence_id,
        event.own_step_order,
        event.own_template_id,
    )
    is_email_sent = False
    if event.enrollment_id is not None:
        is_email_sent = event.kind == "step_executed" and is_email_step(
            event, enrollments[event.enrollment_id], objects
        )
        sequence_id = enrollments[event.enrollment_id].sequence_id or event.sequence_id
        step_order, template_id = event.step_order, event.template_id
    return {
        "portal_id": event.portal_id,
        "event_type": event.event_type,
        "event_id": event.event_id,
        "event_name": event.event_name,
        "occurred_at": event.occurred_at,
        "contact_id": event.contact_id,
        "sequence_id": sequence_id,
        "enrollment_id": event.enrollment_id,
        "step_order": step_order,
        "template_id": template_id,
        "attribution": event.attribution,
        "is_email_sent": is_email_sent,
        "properties": event.properties,
        "loaded_at": load,
        "load_id": load,
    }
