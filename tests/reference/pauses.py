"""Which enrollments are paused: only those whose snapshot says so, and only while in progress."""

from __future__ import annotations

from . import endings
from .facts import Enrollment, Objects

DETAIL_OF_DEPENDENCY = {"TASK_COMPLETION": "waiting_on_task", "MANUAL_PAUSE": "paused_by_user"}


def status(enrollment: Enrollment, objects: Objects) -> tuple[str, str | None]:
    """Status and its detail, from the events and the latest snapshot."""
    by_events = endings.status(enrollment)
    snapshot = objects.pauses.get(enrollment.enrollment_id)
    if by_events != "in_progress" or snapshot is None or snapshot.state != "PAUSED":
        return (by_events, None)
    return ("paused", DETAIL_OF_DEPENDENCY.get(snapshot.dependency))
