"""What CRM objects say: contacts, companies, sequences, snapshots of enrollments, deals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from . import merges, values


@dataclass
class Contact:
    """A contact as it is now."""

    email: str | None
    first_name: str | None
    last_name: str | None
    company_id: str | None


@dataclass
class Sequence:
    """A sequence as it is now; length is None when none of its steps is known."""

    name: str | None
    folder_id: str | None
    created_at: datetime | None
    length: timedelta | None


@dataclass
class Snapshot:
    """What somebody saw of an enrollment at a time: its state and what it waits for."""

    state: str | None
    dependency: str | None


@dataclass
class Deal:
    """A deal that is not archived; contacts are the last survivors of those it is associated with."""

    deal_id: str
    name: str | None
    pipeline_id: str | None
    stage_id: str | None
    created_at: datetime | None
    closed_at: datetime | None
    amount: Decimal | None
    is_closed_won: bool
    contacts: set[str]
    credited_enrollment_id: str | None = None


def read_contacts(contacts: list[dict]) -> dict[str, Contact]:
    """Contact id -> contact."""
    read = {}
    for contact in contacts:
        properties = contact.get("properties") or {}
        read[str(contact["id"])] = Contact(
            values.text(properties.get("email")),
            values.text(properties.get("firstname")),
            values.text(properties.get("lastname")),
            values.text(properties.get("associatedcompanyid")),
        )
    return read


def read_company_names(companies: list[dict]) -> dict[str, str | None]:
    """Company id -> name."""
    return {
        str(company["id"]): values.text((company.get("properties") or {}).get("name"))
        for company in companies
    }


def steps_of(sequence: dict) -> dict[int, dict]:
    """Step order -> step, of a sequence's present definition; finishing is no step."""
    steps = {}
    for step in sequence.get("steps") or []:
        if (values.text(step.get("actionType")) or "").upper() == "FINISH_ENROLLMENT":
            continue
        order = values.step_order(step.get("stepOrder"))
        if order is not None:
            steps[order] = step
    return steps


def read_sequences(sequences: list[dict]) -> dict[str, Sequence]:
    """Sequence id -> sequence."""
    read = {}
    for sequence in sequences:
        length = None
        for step in steps_of(sequence).values():
            length = length or timedelta()
            length += timedelta(milliseconds=int(values.text(step.get("delayMillis")) or 0))
        read[str(sequence["id"])] = Sequence(
            values.text(sequence.get("name")),
            values.text(sequence.get("folderId")),
            values.time(sequence.get("createdAt")),
            length,
        )
    return read


def read_snapshots(snapshots: list[dict]) -> dict[str, Snapshot]:
    """Enrollment id -> its latest snapshot that is not archived."""

    def recency(snapshot: dict) -> tuple[datetime, str]:
        return (values.time(snapshot.get("updatedAt")) or values.EPOCH, str(snapshot["id"]))

    read = {}
    for snapshot in sorted(snapshots, key=recency):
        if not snapshot.get("archived"):
            properties = snapshot.get("properties") or {}
            enrollment_id = values.text(properties.get("hs_enrollment_id")) or str(snapshot["id"])
            read[enrollment_id] = Snapshot(
                (values.text(properties.get("hs_enrollment_state")) or "").upper() or None,
                (values.text(properties.get("hs_dependency_type")) or "").upper() or None,
            )
    return read


def read_deals(deals: list[dict], pipelines: list[dict], edges: dict[str, str]) -> list[Deal]:
    """The deals that are not archived, credited to nothing yet."""
    read = []
    for deal in deals:
        if deal.get("archived"):
            continue
        properties = deal.get("properties") or {}
        created_at = values.time(properties.get("createdate")) or values.time(deal.get("createdAt"))
        associated = ((deal.get("associations") or {}).get("contacts") or {}).get("results") or []
        read.append(
            Deal(
                deal_id=str(deal["id"]),
                name=values.text(properties.get("dealname")),
                pipeline_id=values.text(properties.get("pipeline")),
                stage_id=values.text(properties.get("dealstage")),
                created_at=created_at,
                closed_at=values.time(properties.get("closedate")),
                amount=values.money(properties.get("amount")),
                is_closed_won=_is_closed_won(properties, pipelines),
                contacts={merges.last_survivor(str(contact["id"]), edges) for contact in associated},
            )
        )
    return read


def _is_closed_won(properties: dict, pipelines: list[dict]) -> bool:
    """The deal's own word; where it has none, its stage's, in its pipeline (without one: in any)."""
    own_word = (values.text(properties.get("hs_is_closed_won")) or "").strip()
    if own_word:
        return values.is_true(own_word)
    pipeline_id = values.text(properties.get("pipeline"))
    stage_id = values.text(properties.get("dealstage"))
    for pipeline in pipelines:
        if pipeline_id is not None and str(pipeline["id"]) != pipeline_id:
            continue
        for stage in pipeline.get("stages") or []:
            if stage_id is not None and values.text(stage.get("id")) == stage_id:
                told = stage.get("metadata") or {}
                if values.is_true(told.get("isClosed")) and values.number(told.get("probability")) == 1:
                    return True
    return False
