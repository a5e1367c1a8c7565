"""What is read from one account's records: events, sequence steps, meetings, tasks."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from . import merges, values
from .landed import LandedRecord

SEEDS = Path(__file__).resolve().parents[2] / "seeds"


@dataclass
class Event:
    """One de-duplicated event; the fields after `error_type` are filled by attribution."""

    portal_id: str
    event_type: str
    event_id: str
    kind: str
    is_sequence_event: bool
    occurred_at: datetime
    object_id: str
    contact_id: str | None
    carried_enrollment_id: str | None
    sequence_id: str | None
    user_id: str | None
    company_id: str | None
    own_step_order: int | None
    own_template_id: str | None
    source: str | None
    error_type: str | None
    enrollment_id: str | None = None
    attribution: str = "none"
    step_order: int | None = None
    template_id: str | None = None


@dataclass
class Meeting:
    """One booked meeting: of a sequence event, or of a meetings object and one contact."""

    contact_id: str | None
    booked_at: datetime
    through_sequence: bool
    step_order: int | None = None
    template_id: str | None = None


@dataclass
class Task:
    """A task of a sequence that is done and not archived."""

    task_id: str
    enrollment_id: str | None
    step_order: int | None


@dataclass
class Enrollment:
    """One pass of one contact through one sequence."""

    portal_id: str
    enrollment_id: str
    enrolled_at: datetime
    contact_id: str | None
    sequence_id: str | None
    user_id: str | None
    company_id: str | None
    is_inferred: bool
    events: list[Event] = field(default_factory=list)
    meetings: list[Meeting] = field(default_factory=list)
    started_at: datetime | None = None
    ended_at: datetime | None = None
    end_reason: str | None = None

    def of_kind(self, kind: str) -> list[Event]:
        """The attributed events of one kind."""
        return [event for event in self.events if event.kind == kind]


@dataclass
class Objects:
    """What the objects of one account say.

    actions: sequence id -> step order -> action type, of the present definition.
    companies: contact id -> the company it is associated with now.
    """

    edges: dict[str, str]
    actions: dict[str, dict[int, str | None]]
    companies: dict[str, str]
    meetings: list[Meeting]
    tasks: list[Task]


def event_types() -> dict[str, tuple[str, bool]]:
    """Event type -> (kind, takes part in attribution)."""
    with (SEEDS / "event_types.csv").open(encoding="utf-8", newline="") as lines:
        return {
            row["event_type"]: (row["kind"], row["is_sequence_event"] == "true")
            for row in csv.DictReader(lines)
        }


def property_aliases() -> dict[str, list[str]]:
    """Canonical property -> source properties, the first to be looked at first."""
    with (SEEDS / "property_aliases.csv").open(encoding="utf-8", newline="") as lines:
        rows = sorted(csv.DictReader(lines), key=lambda row: int(row["priority"]))
    aliases: dict[str, list[str]] = {}
    for row in rows:
        aliases.setdefault(row["canonical_property"], []).append(row["source_property"])
    return aliases


def read_events(landed: list[LandedRecord], edges: dict[str, str]) -> list[Event]:
    """The events of one account, in the order (occurred_at, event_type, event_id)."""
    types = event_types()
    aliases = property_aliases()
    read = []
    for one in landed:
        record = one.record
        properties = record.get("properties") or {}

        def first(canonical: str, properties: dict = properties) -> str | None:
            for source in aliases.get(canonical, []):
                if values.text(properties.get(source)) is not None:
                    return values.text(properties.get(source))
            return None

        kind, is_sequence_event = types.get(record["eventType"], ("unknown", False))
        object_id = str(record["objectId"])
        object_type = (values.text(record.get("objectType")) or "CONTACT").upper()
        is_contact = object_type in ("CONTACT", "0-1")
        is_workflow_enrollment = first("flow_id") is not None
        read.append(
            Event(
                portal_id=one.portal_id,
                event_type=record["eventType"],
                event_id=str(record["id"]),
                kind=kind,
                is_sequence_event=is_sequence_event,
                occurred_at=values.time(record["occurredAt"]),
                object_id=object_id,
                contact_id=merges.last_survivor(object_id, edges) if is_contact else None,
                carried_enrollment_id=None if is_workflow_enrollment else first("enrollment_id"),
                sequence_id=first("sequence_id"),
                user_id=first("enrolled_by_user_id"),
                company_id=first("company_id"),
                own_step_order=values.step_order(first("step_order")),
                own_template_id=first("template_id"),
                source=(first("unenrolled_source") or "").upper() or None,
                error_type=(first("step_error_type") or "").upper() or None,
            )
        )
    return sorted(read, key=lambda e: (e.occurred_at, e.event_type, e.event_id))


def read_objects(landed: list[LandedRecord]) -> Objects:
    """Merges, step definitions, companies, meetings and done tasks of one account."""
    by_type: dict[str, list[dict]] = {}
    for one in landed:
        by_type.setdefault(one.kind, []).append(one.record)
    edges = merges.merge_edges(by_type.get("contacts", []))

    companies = {}
    for contact in by_type.get("contacts", []):
        company = values.text((contact.get("properties") or {}).get("associatedcompanyid"))
        if company is not None:
            companies[str(contact["id"])] = company

    actions: dict[str, dict[int, str | None]] = {}
    for sequence in by_type.get("sequences", []):
        steps: dict[int, str | None] = {}
        for step in sequence.get("steps") or []:
            order = values.step_order(step.get("stepOrder"))
            if order is not None:
                steps[order] = values.text(step.get("actionType"))
        actions[str(sequence["id"])] = steps

    meetings = []
    for meeting in by_type.get("meetings", []):
        meetings += _meetings_of_object(meeting, edges)

    tasks = []
    for task in by_type.get("tasks", []):
        properties = task.get("properties") or {}
        is_done = (values.text(properties.get("hs_task_is_completed")) or "").lower() == "true"
        if is_done and not task.get("archived"):
            enrollment_id = values.text(properties.get("hs_task_sequence_step_enrollment_id"))
            order = values.step_order(properties.get("hs_task_sequence_step_order"))
            tasks.append(Task(str(task["id"]), enrollment_id, order))
    return Objects(edges, actions, companies, meetings, tasks)


def _meetings_of_object(meeting: dict, edges: dict[str, str]) -> list[Meeting]:
    """One meeting for each distinct surviving contact of a meetings object."""
    if meeting.get("archived"):
        return []
    created = values.text((meeting.get("properties") or {}).get("hs_createdate"))
    booked_at = values.time(created) or values.time(meeting.get("createdAt"))
    if booked_at is None:
        return []
    associated = ((meeting.get("associations") or {}).get("contacts") or {}).get("results") or []
    contacts = {merges.last_survivor(str(contact["id"]), edges) for contact in associated}
    return [Meeting(contact, booked_at, through_sequence=False) for contact in sorted(contacts)]
