"""HubSpot's own API answers, the baseline that every tool is held against."""

from __future__ import annotations

from pathlib import Path

from tests.other_tools import account
from tests.other_tools.account import Thing
from tests.other_tools.writing import with_merges, write_events, write_lines, write_page, write_sequence

OBJECTS = {
    "contacts": [*account.CONTACTS, account.EARLIER_CONTACT],
    "companies": account.COMPANIES,
    "deals": account.DEALS,
    "tasks": account.TASKS,
    "meetings": account.MEETINGS,
}


def write_v3(folder: Path) -> None:
    """Links as the object endpoints return them, ``{"id", "type"}``; whole pages."""
    for name, things in OBJECTS.items():
        pages = [record(thing, name, _v3) for thing in things]
        write_page(folder / f"objects/{name}/page-1.json", pages)
    write_rest(folder)


def write_v4(folder: Path) -> None:
    """Links as the associations endpoints of version 4 return them, ``{"toObjectId", …}``; lines."""
    for name, things in OBJECTS.items():
        write_lines(folder / f"objects/{name}/all.jsonl", [record(thing, name, _v4) for thing in things])
    write_rest(folder)


def write_lists(folder: Path) -> None:
    """Links as client libraries and loaders simplify them: lists of ids, of objects, with a capital."""
    shapes = {
        "deals": lambda ids: {"Contacts": {"results": [{"id": identity} for identity in ids]}},
        "meetings": lambda ids: {"contacts": [{"id": identity} for identity in ids]},
        "tasks": lambda ids: {"contacts": ids},
    }
    for name, things in OBJECTS.items():
        records = [record(thing, name, _v3) for thing in things]
        for thing, written in zip(things, records, strict=True):
            if name in shapes:
                written["associations"] = shapes[name](thing.links["contacts"])
        write_lines(folder / f"objects/{name}/all.jsonl", records)
    write_rest(folder)


def write_rest(folder: Path) -> None:
    """Owners, pipelines, the sequence and the events."""
    write_owners(folder)
    write_pipelines(folder)
    write_sequence(folder)
    write_events(folder)


def write_owners(folder: Path) -> None:
    write_lines(folder / "objects/owners/owners.jsonl", [owner()])


def write_pipelines(folder: Path) -> None:
    write_page(folder / "objects/pipelines/deals.json", pipelines())


def record(thing: Thing, object_type: str, link) -> dict:
    """One object of ``/crm/v3/objects``; ``link`` makes a link of an id and the two types."""
    associations = {
        to: {"results": [link(identity, object_type, to) for identity in ids]}
        for to, ids in thing.links.items()
    }
    return {
        "id": thing.id,
        "properties": with_merges(thing) | {"hs_object_id": thing.id},
        "createdAt": thing.created_at,
        "updatedAt": thing.updated_at,
        "archived": thing.is_archived,
        **({"associations": associations} if associations else {}),
    }


def _v3(identity: str, object_type: str, to: str) -> dict:
    return {"id": identity, "type": f"{object_type}_to_{to}"}


def _v4(identity: str, object_type: str, to: str) -> dict:
    kind = {"category": "HUBSPOT_DEFINED", "typeId": 3, "label": None}
    return {"toObjectId": int(identity), "associationTypes": [kind]}


def owner() -> dict:
    """The owner as ``/crm/v3/owners`` returns it."""
    times = {"createdAt": "2026-01-01T09:00:00.000Z", "updatedAt": "2026-01-01T09:00:00.000Z"}
    user = int(account.OWNER["userId"])
    return account.OWNER | times | {"userId": user, "userIdIncludingInactive": user, "archived": False}


def pipelines() -> list[dict]:
    """The pipelines as ``/crm/v3/pipelines/deals`` returns them."""
    times = {"createdAt": "2026-01-01T09:00:00.000Z", "updatedAt": "2026-01-01T09:00:00.000Z"}
    return [
        {"id": identity, "label": label, "displayOrder": 0, "archived": False, **times}
        | {"stages": [_stage(*stage[1:]) | times for stage in account.STAGES if stage[0] == identity]}
        for identity, label in account.PIPELINES.items()
    ]


def _stage(identity: str, label: str, is_closed: bool, probability: str) -> dict:
    metadata = {"isClosed": str(is_closed).lower(), "probability": probability}
    return {"id": identity, "label": label, "displayOrder": 0, "archived": False, "metadata": metadata}
