"""The stream ``associations``: which contacts each deal, task, meeting and e-mail has, asked for by batch.

A link may come without a new time of change of its object, and lists may go on showing what they knew. So
links are asked for by themselves: hourly of what was landed or changed since the last time, as the streams of
objects noted it in their states; by a sweep of all that they know and that is neither archived nor missing.
Landed is the set of an object, when it differs from what was landed last, by the object's record or by a set:

    {"id": "deals/6001/contacts", "fromObjectType": "deals", "fromObjectId": "6001",
     "toObjectType": "contacts", "results": [as they came], "updatedAt": when it was asked for}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from sequence_warehouse.extract import catalog
from sequence_warehouse.extract.batches import BATCH, contact_id, links_of
from sequence_warehouse.extract.clock import iso
from sequence_warehouse.extract.errors import Forbidden
from sequence_warehouse.extract.landing import hashed
from sequence_warehouse.extract.state import Known, known_objects

if TYPE_CHECKING:
    from sequence_warehouse.extract.running import Run

MINUTE_MS = 60_000


def read(run: Run) -> None:
    """Finish what is open, a killed sweep among it, then read what is due. Forbidden is raised once all types
    that may be read have been."""
    is_whole = run.sweep or run.is_backfill
    opened: dict[str, dict[str, Any]] = run.state.get("readings", {})
    _finish(run)
    if is_whole and any(reading["since"] is None for reading in opened.values()):
        return
    cursors: dict[str, int] = run.state.get("cursors", {})
    readings = {}
    for object_type in catalog.linked():
        since = None if is_whole else cursors.get(object_type)
        if since is not None and since > run.now_ms:  # a clock was ahead for a while
            since = None
        readings[object_type] = {"since": since, "began": run.now_ms, "after": ""}
    run.state.commit(readings=readings)
    _finish(run)
    run.state.commit(cursor=run.now_ms)


def content(record: dict[str, Any]) -> object:
    """What makes a set another one: its links, in whatever order, and not when it was asked for."""
    encoder = msgspec.json.Encoder(order="sorted")
    return [record.get("id"), sorted(encoder.encode(link).decode() for link in record.get("results") or [])]


def hash_of(contact_ids: list[str]) -> int:
    """What the states of objects note of the contacts that a record named."""
    return hashed("\n".join(sorted(set(contact_ids))).encode())


def _finish(run: Run) -> None:
    readings: dict[str, dict[str, Any]] = run.state.get("readings", {})
    refused: Forbidden | None = None
    for object_type in [one for one in readings if one in catalog.linked()]:
        cursors: dict[str, int] = run.state.get("cursors", {})
        began = readings[object_type]["began"]
        try:
            _read(run, object_type, readings)
        except Forbidden as error:  # the other types go on; asked again from where its cursor is
            refused = refused or error
        else:
            cursors[object_type] = began
        del readings[object_type]
        run.state.commit(readings=readings or None, cursors=cursors or None)
    if refused is not None:
        raise refused


def _read(run: Run, object_type: str, readings: dict[str, dict[str, Any]]) -> None:
    """The links of one type's objects, a batch after the other; a killed run goes on after the last one."""
    reading = readings[object_type]
    since = reading["since"]
    reach = None if since is None else (since, since - int(run.options.object_overlap_minutes * MINUTE_MS))
    label = f"{object_type}-{'all' if since is None else 'changed'}"
    while objects := known_objects(run.state.folder, object_type, reading["after"], BATCH, reach):
        asked_ms = max(run.hubspot.now_ms, run.state.get("asked_ms", 0))  # a clock may have gone back
        links = links_of(run.hubspot, object_type, [one.id for one in objects])
        records = [_record(object_type, one, links.get(one.id, []), asked_ms) for one in objects]
        known = run.landing.known([record["id"] for record in records])
        reading["after"] = objects[-1].id
        run.land(
            [
                record
                for one, record in zip(objects, records, strict=True)
                if record["id"] in known or one.links != _hash(record)
            ],
            label,
            readings=readings,
            asked_ms=asked_ms,
        )


def _record(object_type: str, known: Known, links: list[dict[str, Any]], asked_ms: int) -> dict[str, Any]:
    return {
        "id": f"{object_type}/{known.id}/contacts",
        "fromObjectType": object_type,
        "fromObjectId": known.id,
        "toObjectType": "contacts",
        "results": links,
        # what was asked for after an object was read is younger, whatever the two clocks say
        "updatedAt": iso(max(asked_ms, (known.updated_ms or 0) + 1)),
    }


def _hash(record: dict[str, Any]) -> int:
    return hash_of([contact_id(link) for link in record["results"]])
