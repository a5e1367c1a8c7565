"""When an enrollment started and ended, and why it ended."""

from __future__ import annotations

from datetime import datetime, timedelta

from . import kinds
from .facts import Enrollment, Event

SAME_ACT = timedelta(seconds=60)

REASONS_IN_ORDER = (
    "bounced",
    "unsubscribed",
    "meeting_booked",
    "replied",
    "account_meeting",
    "account_replied",
    "manual",
    "workflow",
    "sequence_deleted",
    "error",
    "finished",
    "other",
)

REASON_OF_SOURCE = {
    "MEETING": "meeting_booked",
    "REPLY": "replied",
    "THREAD_REPLY": "replied",
    "ACCOUNT_MEETING": "account_meeting",
    "ACCOUNT_REPLY": "account_replied",
    "MANUAL": "manual",
    "WORKFLOW": "workflow",
    "SEQUENCE_DELETED": "sequence_deleted",
}

REASON_OF_ERROR = {"BOUNCED": "bounced", "UNSUBSCRIBED": "unsubscribed"}


def reason_of(event: Event, enrollment: Enrollment) -> str | None:
    """Why this event ends its enrollment; None when it does not end it."""
    if event.kind in ("finished", "bounced", "unsubscribed"):
        return event.kind
    if event.kind == "unenrolled_manually":
        return "manual"
    if event.kind == "unenrolled":
        if event.source == "ERROR":
            return REASON_OF_ERROR.get(event.error_type, "error")
        return REASON_OF_SOURCE.get(event.source, "other")
    if event.kind == "errored":
        if event.error_type in REASON_OF_ERROR:
            return REASON_OF_ERROR[event.error_type]
        for other in enrollment.events:
            went_on = other.kind in ("step_executed", "finished")
            if went_on and other.occurred_at > event.occurred_at:
                return None
        return "error"
    return None


def end(enrollment: Enrollment) -> None:
    """Set what tells of the end, from the events attributed by id or by sequence.

    The act is every ending event within SAME_ACT of the earliest; what comes after it changes nothing.
    """
    endings: list[tuple[datetime, str]] = []
    for event in enrollment.events:
        reason = reason_of(event, enrollment)
        if reason is not None:
            endings.append((event.occurred_at, reason))
    if not endings:
        return
    enrollment.ended_at = min(at for at, _ in endings)
    act = [(at, reason) for at, reason in endings if at <= enrollment.ended_at + SAME_ACT]
    enrollment.reasons_of_act = frozenset(reason for _, reason in act)
    enrollment.end_reason = min(enrollment.reasons_of_act, key=REASONS_IN_ORDER.index)
    if enrollment.end_reason == "finished":
        enrollment.finished_at = min(at for at, reason in act if reason == "finished")


def start(enrollment: Enrollment) -> None:
    """Set started_at from all attributed events; it stays None while only scheduled."""
    times = [event.occurred_at for event in enrollment.events if event.kind in kinds.STARTING]
    if times:
        enrollment.started_at = min(times)


def status(enrollment: Enrollment) -> str:
    """scheduled, in_progress, finished, unenrolled or errored, as events alone tell."""
    if enrollment.ended_at is not None:
        return {"finished": "finished", "error": "errored"}.get(enrollment.end_reason, "unenrolled")
    return "scheduled" if enrollment.started_at is None else "in_progress"
