"""Merged contacts: who is the last survivor of a contact id."""

from __future__ import annotations

from . import values


def merge_edges(contacts: list[dict]) -> dict[str, str]:
    """Old contact id -> the contact id it was merged into.

    contacts: the latest version of each contact object of one account.
    When several list the same old id: the greatest updatedAt, then the greatest id as text.
    """
    listed_by: dict[str, list[dict]] = {}
    for contact in contacts:
        properties = contact.get("properties") or {}
        for old_id in values.id_list(properties.get("hs_merged_object_ids")):
            if old_id != str(contact["id"]):
                listed_by.setdefault(old_id, []).append(contact)
    edges = {}
    for old_id, survivors in listed_by.items():
        last = max(survivors, key=_recency)
        edges[old_id] = str(last["id"])
    return edges


def last_survivor(contact_id: str, edges: dict[str, str]) -> str:
    """Follow the merges to the last; in a circle, the smallest id text of the circle."""
    path = [contact_id]
    while path[-1] in edges:
        following = edges[path[-1]]
        if following in path:
            circle = path[path.index(following) :]
            return min(circle)
        path.append(following)
    return path[-1]


def _recency(contact: dict) -> tuple:
    return (values.time(contact.get("updatedAt")) or values.EPOCH, str(contact["id"]))
