"""What is read from one account's records: events, sequence steps, meetings, tasks."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from . import accounts, crm, links, merges, stages, values
from .landed import LandedRecord

SEEDS = Path(__file__).resolve().parents[2] / "seeds"


@dataclass
class Event:
    """One de-duplicated event; the fields after `properties` are filled by attribution."""

    portal_id: str
    event_type: str
    event_id: str
    kind: str
    event_name: str | None
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
    properties: dict
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
    own_template_id: str | None = None


@dataclass
class Task:
    """A task of a sequence that is done and not archived."""

    task_id: str
    enrollment_id: str | None
    step_order: int | None
    completed_at: datetime | None


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
    deals: list[crm.Deal] = field(default_factory=list)
    started_at: datetime | None = None
    ended_at: datetime | None = None
    end_reason: str | None = None
    reasons_of_act: frozenset[str] = frozenset()
    finished_at: datetime | None = None

    def of_kind(self, kind: str) -> list[Event]:
        """The attributed events of one kind."""
        return [event for event in self.events if event.kind == kind]


@dataclass
class Objects:
    """What the objects of one account say.

    actions: sequence id -> step order -> action type, of the present definition.
    contacts, sequences: id -> what is known now, archived ones too.
    company_names: company id -> its name now.
    company_edges: merged company id -> the one it was merged into.
    pauses: enrollment id -> its latest snapshot.
    """

    edges: dict[str, str]
    actions: dict[str, dict[int, str | None]]
    contacts: dict[str, crm.Contact]
    sequences: dict[str, crm.Sequence]
    company_names: dict[str, str | None]
    company_edges: dict[str, str]
    pauses: dict[str, crm.Snapshot]
    deals: list[crm.Deal]
    meetings: list[Meeting]
    tasks: list[Task]


def event_types() -> dict[str, tuple[str, bool]]:
    """Event type -> (kind, takes part in attribution)."""
    with (SEEDS / "event_types.csv").open(encoding="utf-8", newline="") as lines:
        return {
            row["event_type"]: (row["kind"], row["is_sequence_event"] == "true")
            for row in csv.DictReader(lines)
        }


def event_names() -> dict[str, str]:
    """Event type -> what HubSpot calls it."""
    with (SEEDS / "event_types.csv").open(encoding="utf-8", newline="") as lines:
        return {row["event_type"]: row["event_name"] for row in csv.DictReader(lines)}


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
    names = event_names()
    aliases = property_aliases()
    read = []
    for one in landed:
        record = one.record
        properties = record.get("properties") or {}

        def first(canonical: str, properties: dict = properties) -> str | None:
            read = values.id_text if canonical.endswith("_id") else values.text
            for source in aliases.get(canonical, []):
                if read(properties.get(source)) is not None:
                    return read(properties.get(source))
            return None

        kind, is_sequence_event = types.get(record["eventType"], ("unknown", False))
        object_id = values.id_text(record["objectId"])
        object_type = (values.text(record.get("objectType")) or "CONTACT").upper()
        is_contact = object_type in ("CONTACT", "0-1")
        is_workflow_enrollment = first("flow_id") is not None
        read.append(
            Event(
                portal_id=one.portal_id,
                event_type=record["eventType"],
                event_id=values.id_text(record["id"]),
                kind=kind,
                event_name=names.get(record["eventType"]),
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
                properties=properties,
            )
        )
    return sorted(read, key=lambda e: (e.occurred_at, e.event_type, e.event_id))


def read_objects(landed: list[LandedRecord], account: dict) -> Objects:
    """Everything that one account's objects say.

    account: {"currency", …}, or empty.
    """
    rates = accounts.rates(account.get("currency"), landed)
    by_type: dict[str, list[dict]] = {}
    for one in landed:
        by_type.setdefault(one.kind, []).append(one.record)
    linked = links.read_links(landed)
    merge_rows = [row for row in by_type.get("merges", []) if not crm.is_archived(row)]
    contact_edges, company_edges, deal_edges = (
        merges.merge_edges(by_type.get(kind, []), kind, merge_rows)
        for kind in ("contacts", "companies", "deals")
    )

    actions: dict[str, dict[int, str | None]] = {}
    for sequence in by_type.get("sequences", []):
        actions[values.id_text(sequence["id"])] = {
            order: (values.text(step.get("actionType")) or "").upper() or None
            for order, step in crm.steps_of(sequence).items()
        }

    meetings = []
    for meeting in by_type.get("meetings", []):
        meeting_id = values.id_text(meeting["id"])
        contacts = linked.get(("meetings", meeting_id, "contacts"), [])
        survivors = {merges.last_survivor(contact, contact_edges) for contact in contacts}
        meetings += _meetings_of_object(meeting, survivors)

    tasks = []
    for task in by_type.get("tasks", []):
        properties = task.get("properties") or {}
        if _is_completed(properties) and not crm.is_archived(task):
            enrollment_id = values.id_text(properties.get("hs_task_sequence_step_enrollment_id"))
            order = values.step_order(properties.get("hs_task_sequence_step_order"))
            completed_at = values.time(properties.get("hs_task_completion_date"))
            tasks.append(Task(values.id_text(task["id"]), enrollment_id, order, completed_at))
    return Objects(
        edges=contact_edges,
        actions=actions,
        contacts=crm.read_contacts(by_type.get("contacts", []), linked),
        sequences=crm.read_sequences(by_type.get("sequences", [])),
        company_names=crm.read_company_names(by_type.get("companies", [])),
        company_edges=company_edges,
        pauses=crm.read_snapshots(by_type.get("sequence_enrollments", [])),
        deals=crm.read_deals(
            by_type.get("deals", []),
            deal_edges,
            stages.read_stages(landed),
            linked,
            contact_edges,
            account.get("currency"),
            rates,
        ),
        meetings=meetings,
        tasks=tasks,
    )


def _is_completed(task: dict) -> bool:
    """What the task says of itself, in any spelling, or its status."""
    status = (values.text(task.get("hs_task_status")) or "").upper()
    return values.is_true(task.get("hs_task_is_completed")) or status == "COMPLETED"


def _meetings_of_object(meeting: dict, contacts: set[str]) -> list[Meeting]:
    """One meeting for each of the contacts of a meetings object, as they survive."""
    if crm.is_archived(meeting):
        return []
    created = (meeting.get("properties") or {}).get("hs_createdate")
    booked_at = values.time(created) or values.time(meeting.get("createdAt"))
    if booked_at is None:
        return []
    return [Meeting(contact, booked_at, through_sequence=False) for contact in sorted(contacts)]
