"""Landed records and their de-duplication."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from . import crm, values


@dataclass(frozen=True)
class LandedRecord:
    """One line of one landed file.

    load: number of the load that brought it, growing.
    path: path of the file, relative to the landing folder.
    line: line number in the file, from 1.
    kind: "event", or the object type, such as "contacts".
    record: the JSON object of that line, as HubSpot returns it.
    """

    load: int
    path: str
    line: int
    portal_id: str
    kind: str
    record: dict

    @property
    def arrival(self) -> tuple[int, str, int]:
        """Greater is later: load, then path, then line."""
        return (self.load, self.path, self.line)


def events(records: list[LandedRecord]) -> list[LandedRecord]:
    """One record for each (portal, eventType, id): the one that arrived last."""
    latest: dict[tuple[str, str, str], LandedRecord] = {}
    for landed in records:
        if landed.kind != "event":
            continue
        identity = (landed.portal_id, landed.record["eventType"], values.id_text(landed.record["id"]))
        known = latest.get(identity)
        if known is None or landed.arrival > known.arrival:
            latest[identity] = landed
    return [latest[identity] for identity in sorted(latest)]


def objects(records: list[LandedRecord]) -> list[LandedRecord]:
    """One record for each (portal, type, id): the greatest updatedAt, then the last arrival.

    An object of which a removal says that HubSpot lists it no more is archived, unless it was updated later;
    removals are no objects.
    """
    latest: dict[tuple[str, str, str], LandedRecord] = {}
    for landed in records:
        if landed.kind == "event":
            continue
        identity = (landed.portal_id, landed.kind, values.id_text(landed.record["id"]))
        known = latest.get(identity)
        if known is None or _version(landed) > _version(known):
            latest[identity] = landed
    removed: dict[tuple[str, str, str], datetime | None] = {}
    for (portal_id, kind, _), landed in latest.items():
        if kind == "removals" and not crm.is_archived(landed.record):
            identity = (portal_id, landed.record["objectType"], values.id_text(landed.record["objectId"]))
            removed[identity] = values.time(landed.record.get("updatedAt"))
    result = []
    for identity in sorted(latest):
        landed = latest[identity]
        updated_at = values.time(landed.record.get("updatedAt"))
        if identity in removed and not (updated_at and removed[identity] and updated_at > removed[identity]):
            landed = replace(landed, record=landed.record | {"archived": True})
        if landed.kind != "removals":
            result.append(landed)
    return result


def _version(landed: LandedRecord) -> tuple[datetime, tuple[int, str, int]]:
    updated_at = values.time(landed.record.get("updatedAt")) or values.EPOCH
    return (updated_at, landed.arrival)
