"""Contacts of deals, tasks, meetings and e-mails, in the shape in which the list endpoint gives them.

The batch read of v3 names id and type of a link just as the list endpoint does, so that a record has the
same content whichever way it was found. The elements are kept as they came.
"""

from __future__ import annotations

from typing import Any

from sequence_warehouse.extract.batches import BATCH, contact_id, links_of
from sequence_warehouse.extract.catalog import linked
from sequence_warehouse.extract.paging import next_after
from sequence_warehouse.extract.transport import Hubspot

# What links call an object where it is not the word for one of its type.
_ENDS = {"meetings": "meeting_event"}


def with_contacts(hubspot: Hubspot, object_type: str, records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The records, each with its ``associations.contacts``; without the member where it has none."""
    links: dict[str, list[dict[str, Any]]] = {}
    for start in range(0, len(records), BATCH):
        ids = [record["id"] for record in records[start : start + BATCH]]
        links |= links_of(hubspot, object_type, ids, ("v3", "v4"))
    return [
        {**record, "associations": {"contacts": {"results": _as_v3(object_type, links[record["id"]])}}}
        if links.get(record["id"])
        else {name: value for name, value in record.items() if name != "associations"}
        for record in records
    ]


def complete(hubspot: Hubspot, object_type: str, records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Listed records, those with more contacts than a page shows read again by batch."""
    cut = [record for record in records if next_after(_contacts(record)) is not None]
    if not cut:
        return records
    whole = {record["id"]: record for record in with_contacts(hubspot, object_type, cut)}
    return [whole.get(record["id"], record) for record in records]


def contact_ids(record: dict[str, Any]) -> list[str]:
    """The ids of a record's contacts."""
    return [contact_id(link) for link in _contacts(record).get("results") or []]


def in_order(record: dict[str, Any]) -> dict[str, Any]:
    """The record with its contacts by id: lists and batches have them in orders of their own."""
    results = _contacts(record).get("results") or []
    if len(results) < 2:
        return record
    contacts = {**_contacts(record), "results": sorted(results, key=contact_id)}
    return {**record, "associations": {**record["associations"], "contacts": contacts}}


def _contacts(record: dict[str, Any]) -> dict[str, Any]:
    return (record.get("associations") or {}).get("contacts") or {}


def _as_v3(object_type: str, links: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Links, those of v4 whole, with the id and the name of v3 added."""
    name = f"{_ENDS.get(object_type) or linked()[object_type]}_to_contact"
    return [link if "id" in link else {"id": contact_id(link), "type": name, **link} for link in links]
