"""What HubSpot says of when enrollments began, and of who is still enrolled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from . import crm, merges, values
from .attribution import SAME_ACT
from .facts import Enrollment
from .landed import LandedRecord

# A quiet hour is no sign that events are missing.
QUIET = timedelta(hours=1)


@dataclass(frozen=True)
class Statement:
    """One landed sequence enrollment that is not archived; of a snapshot, contact_id is None."""

    own_id: str
    enrollment_id: str
    contact_id: str | None
    sequence_id: str | None
    enrolled_at: datetime | None
    fetched_at: datetime | None


def read(objects: list[LandedRecord], edges: dict[str, str]) -> list[Statement]:
    """All statements of one account."""
    found = []
    for one in objects:
        if one.kind == "sequence_enrollments" and not crm.is_archived(one.record):
            record, own_id = one.record, values.id_text(one.record["id"])
            contact_id = values.id_text(record.get("contactId"))
            fetched_at = values.time(record.get("fetchedAt")) or values.time(record.get("updatedAt"))
            named = values.id_text((record.get("properties") or {}).get("hs_enrollment_id"))
            found.append(
                Statement(
                    own_id,
                    named or own_id,
                    None if contact_id is None else merges.last_survivor(contact_id, edges),
                    values.id_text(record.get("sequenceId")),
                    values.time(record.get("enrolledAt")),
                    fetched_at,
                )
            )
    return found


def move(enrollments: dict[str, Enrollment], statements: list[Statement]) -> None:
    """Let inferred enrollments begin when HubSpot says, where that is earlier."""
    earliest: dict[tuple, Statement] = {}
    for one in sorted((one for one in statements if one.enrolled_at), key=lambda one: one.enrolled_at):
        earliest.setdefault((one.enrollment_id, one.contact_id, one.sequence_id), one)
    told: dict[str, datetime] = {}
    for statement in earliest.values():
        enrollment_id = statement.enrollment_id
        if enrollment_id not in enrollments:
            candidates = [
                (one.enrolled_at, one.enrollment_id)
                for one in enrollments.values()
                if _is_of(statement, one) and one.enrolled_at >= statement.enrolled_at - SAME_ACT
            ]
            if not candidates:
                continue
            enrollment_id = min(candidates)[1]
        told[enrollment_id] = min(statement.enrolled_at, told.get(enrollment_id, statement.enrolled_at))
    for enrollment_id, enrolled_at in told.items():
        one = enrollments[enrollment_id]
        if one.is_inferred:
            one.enrolled_at = min(one.enrolled_at, enrolled_at)


def enrollment_status(
    portal_id: str, enrollments: dict[str, Enrollment], statements: list[Statement], as_of: datetime | None
) -> list[dict]:
    """By (account, sequence, finding, reason): who is enrolled by the newest answer about each contact."""
    newest: dict[str, Statement] = {}
    for one in sorted(statements, key=lambda one: (one.fetched_at or values.EPOCH, one.own_id)):
        if one.contact_id is not None and one.fetched_at is not None:
            newest[one.contact_id] = one
    found: dict[tuple, list[Statement]] = {}
    for answer in newest.values():
        is_enrolled = answer.enrolled_at is not None or answer.sequence_id is not None
        ours = _ours(answer, enrollments) if is_enrolled else None
        if is_enrolled:
            key = _current_there(answer, ours, as_of)
            found.setdefault(key, []).append(answer)
        for one in enrollments.values():
            if one is not ours and one.contact_id == answer.contact_id and _is_open(one, answer.fetched_at):
                there = "another" if is_enrolled else "none"
                is_old = as_of is not None and as_of < answer.fetched_at - QUIET
                reason = (
                    "our newest event is older than the answer" if is_old else "no ending event was loaded"
                )
                key = (one.sequence_id, f"open here, {there} in HubSpot", reason)
                found.setdefault(key, []).append(answer)
    return [
        {
            "portal_id": portal_id,
            "sequence_id": sequence_id,
            "finding": finding,
            "reason": reason,
            "enrollments": len(answers),
            "example_contact_id": min(answer.contact_id for answer in answers),
            "newest_answer_at": max(answer.fetched_at for answer in answers),
        }
        for (sequence_id, finding, reason), answers in found.items()
    ]


def _current_there(
    answer: Statement, ours: Enrollment | None, as_of: datetime | None
) -> tuple[str | None, str, str | None]:
    """(sequence, finding, reason) of an enrollment that HubSpot says is current."""
    sequence_id = answer.sequence_id or (ours.sequence_id if ours else None)
    if ours is None:
        told = answer.enrolled_at
        is_known_time = told is not None and as_of is not None and told <= as_of
        reason = "no event tells of it" if is_known_time else "enrolled after our newest event"
        return (sequence_id, "current in HubSpot, unknown here", reason)
    if ours.ended_at is not None and ours.ended_at <= answer.fetched_at:
        return (sequence_id, "current in HubSpot, ended here", f"ended here: {ours.end_reason}")
    return (sequence_id, "current in both", None)


def _is_of(statement: Statement, one: Enrollment) -> bool:
    """Whether both name the same contact and sequence."""
    of_statement, of_one = (statement.contact_id, statement.sequence_id), (one.contact_id, one.sequence_id)
    return None not in of_statement and of_statement == of_one


def _ours(answer: Statement, enrollments: dict[str, Enrollment]) -> Enrollment | None:
    if answer.enrollment_id in enrollments:
        return enrollments[answer.enrollment_id]
    passes = [
        one
        for one in enrollments.values()
        if _is_of(answer, one)
        and one.enrolled_at <= answer.fetched_at
        and (answer.enrolled_at is None or one.enrolled_at >= answer.enrolled_at - SAME_ACT)
    ]
    return max(passes, key=lambda one: (one.enrolled_at, one.enrollment_id), default=None)


def _is_open(one: Enrollment, at: datetime) -> bool:
    """Not ended, and all that is known of it was by then."""
    executed = [step.occurred_at for step in one.of_kind("step_executed")]
    known = [one.enrolled_at, one.started_at, *executed]
    return one.ended_at is None and all(moment <= at for moment in known if moment is not None)
