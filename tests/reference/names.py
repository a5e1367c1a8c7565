"""What ids are called: the rows of dim_templates, and the names that reports show beside ids."""

from __future__ import annotations

import re

from . import crm, values
from .facts import Event, Objects
from .landed import LandedRecord

# Dimensions and facts, the cubes, and what else shows ids alone.
WITHOUT_NAMES = re.compile(r"(dim|fct)_.*|.*_daily|step_contacts|enrollment_status")

# Id -> the names beside it.
BESIDE = {
    "sequence_id": ("sequence_name",),
    "folder_id": ("folder_name",),
    "template_id": ("template_name",),
    "contact_id": ("contact_name", "contact_email"),
    "company_id": ("company_name",),
    "user_id": ("user_name",),
    "enrolled_by_user_id": ("enrolled_by_user_name",),
}


def beside_ids(table: str, rows: list[dict], names: dict[str, dict[str, str | None]]) -> list[dict]:
    """The rows of a report with the names of its ids; of any other table as they are.

    names: column of a name -> id -> the name.
    """
    if WITHOUT_NAMES.fullmatch(table):
        return rows
    return [
        row
        | {
            column: names[column].get(row[its_id])
            for its_id, columns in BESIDE.items()
            if its_id in row
            for column in columns
        }
        for row in rows
    ]


def of_account(
    objects: Objects, users: list[dict], templates: list[dict], folders: dict[str, str]
) -> dict[str, dict[str, str | None]]:
    """Column of a name -> id -> the name, of one account. users, templates: its dim_users, dim_templates."""
    of_users = {user["user_id"]: user["user_name"] for user in users}
    return {
        "sequence_name": {its_id: one.name for its_id, one in objects.sequences.items()},
        "folder_name": folders,
        "template_name": {one["template_id"]: one["template_name"] for one in templates},
        "contact_name": {
            its_id: full_name(one.first_name, one.last_name) for its_id, one in objects.contacts.items()
        },
        "contact_email": {its_id: one.email for its_id, one in objects.contacts.items()},
        "company_name": objects.company_names,
        "user_name": of_users,
        "enrolled_by_user_name": of_users,
    }


def full_name(first: str | None, last: str | None) -> str | None:
    """What is not empty of the two, joined by a space."""
    return " ".join(name.strip() for name in (first, last) if name and name.strip()) or None


def dim_templates(
    portal_id: str,
    landed: list[LandedRecord],
    events: list[Event],
    seeded: dict[str, str],
) -> list[dict]:
    """One row for each template that an event, a step, an e-mail, a template object or the seed names."""
    own: dict[str, str | None] = {}
    archived: set[str] = set()
    subjects: dict[str, list[str]] = {}
    of_steps: set[str | None] = set()
    for one in landed:
        if one.kind == "templates":
            template_id = values.id_text(one.record["id"])
            own[template_id] = _told(one.record, "name")
            if crm.is_archived(one.record):
                archived.add(template_id)
        if one.kind == "sequences":
            of_steps |= {_of_step(step) for step in crm.steps_of(one.record).values()}
        template_id = values.id_text((one.record.get("properties") or {}).get("hs_template_id"))
        if one.kind == "emails" and template_id is not None:
            sent = subjects.setdefault(template_id, [])
            subject = _told(one.record, "hs_email_subject")
            if subject and (_told(one.record, "hs_email_direction") or "").upper() != "INCOMING_EMAIL":
                sent.append(subject)
    of_events = {event.own_template_id for event in events}
    rows = []
    for template_id in sorted((own.keys() | subjects.keys() | seeded.keys() | of_steps | of_events) - {None}):
        sent = subjects.get(template_id, [])
        # of those that are equally frequent, the first of the alphabet
        subject = max(sorted(set(sent)), key=sent.count, default=None)
        told = {"object": own.get(template_id), "seed": seeded.get(template_id), "subject": subject}
        source = next((source for source, name in told.items() if name), None)
        rows.append(
            {
                "portal_id": portal_id,
                "template_id": template_id,
                "template_name": told.get(source),
                "name_source": source,
                "is_archived": template_id in archived,
            }
        )
    return rows


def _told(record: dict, field: str) -> str | None:
    """A field as a property, else at the top, without spaces around it; None when nothing is left."""
    text = values.text((record.get("properties") or {}).get(field)) or values.text(record.get(field))
    return (text or "").strip() or None


def _of_step(step: dict) -> str | None:
    of_email, of_task = (
        values.id_text((step.get(name) or {}).get("templateId")) for name in ("emailPattern", "taskPattern")
    )
    return of_email or of_task
