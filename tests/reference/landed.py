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
    told: of a version of an object, the newest load that brought any version of it.
    """

    load: int
    path: str
    line: int
    portal_id: str
    kind: str
    record: dict
    told: int = 0

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


def objects(
    records: list[LandedRecord], snapshots: frozenset[tuple[str, str]] = frozenset()
) -> list[LandedRecord]:
    """One record for each (portal, type, id): the greatest updatedAt, then the last arrival.

    An object of which a removal says that HubSpot lists it no more is archived, unless it was updated later;
    removals are no objects. Single properties are put together to objects.

    snapshots: (portal or "*", type) of objects of which the newest load has all: what it lacks is archived.
    """
    latest: dict[tuple[str, str, str], LandedRecord] = {}
    told: dict[tuple[str, str, str], int] = {}
    whole = [one for one in records if one.kind not in ("event", "object_properties")]
    for landed in whole + _assembled(records):
        identity = (landed.portal_id, landed.kind, values.id_text(landed.record["id"]))
        told[identity] = max(landed.load, told.get(identity, 0))
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
        portal_id, kind, _ = identity
        landed = replace(latest[identity], told=told[identity])
        updated_at = values.time(landed.record.get("updatedAt"))
        if identity in removed and not (updated_at and removed[identity] and updated_at > removed[identity]):
            landed = replace(landed, record=landed.record | {"archived": True})
        if snapshots & {(portal_id, kind), ("*", kind)}:
            newest = max(
                load for (portal, of_kind, _), load in told.items() if (portal, of_kind) == (portal_id, kind)
            )
            if landed.told < newest:
                landed = replace(landed, record=landed.record | {"archived": True}, told=newest)
        if landed.kind != "removals":
            result.append(landed)
    return result


def _assembled(records: list[LandedRecord]) -> list[LandedRecord]:
    """One more version of each object that is told property by property, of the latest value of each.

    It is as new as the newest of them, and arrived in the last load that told any.
    """
    latest: dict[tuple[str, str, str], dict[str, LandedRecord]] = {}
    loads: dict[tuple[str, str, str], int] = {}
    for landed in records:
        if landed.kind == "object_properties":
            kind = landed.record["objectType"]
            identity = (landed.portal_id, kind, values.id_text(landed.record["objectId"]))
            loads[identity] = max(landed.load, loads.get(identity, 0))
            known = latest.setdefault(identity, {}).get(landed.record["name"])
            if known is None or _version(landed) > _version(known):
                latest[identity][landed.record["name"]] = landed
    assembled = []
    for (portal_id, kind, object_id), properties in latest.items():
        times = [values.time(one.record.get("updatedAt")) for one in properties.values()]
        updated_at = max((time for time in times if time is not None), default=None)
        last = max(properties.values(), key=lambda one: one.arrival)
        record = {
            "id": object_id,
            "updatedAt": updated_at.isoformat() if updated_at else None,
            "properties": {
                name: None if crm.is_archived(one.record) else one.record.get("value")
                for name, one in properties.items()
            },
        }
        load = loads[portal_id, kind, object_id]
        assembled.append(LandedRecord(load, last.path, last.line, portal_id, kind, record))
    return assembled


def _version(landed: LandedRecord) -> tuple[datetime, tuple[int, str, int]]:
    updated_at = values.time(landed.record.get("updatedAt")) or values.EPOCH
    return (updated_at, landed.arrival)
