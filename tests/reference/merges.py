"""Merged contacts, companies and deals: who is the last survivor of an id."""

from __future__ import annotations

from . import values


def merge_edges(objects: list[dict], kind: str = "", rows: list[dict] | None = None) -> dict[str, str]:
    """Old id -> the id it was merged into.

    objects: the latest version of each object of one type of one account, archived ones too.
    kind: that type. rows: the latest version of each row of tables of merges, of any type, no archived ones.
    When several list the same old id: the greatest updatedAt, then the greatest id as text.
    """
    claims: dict[str, list[tuple]] = {}
    for one in objects:
        for old_id in listed(one.get("properties") or {}):
            claims.setdefault(old_id, []).append((_time(one), values.id_text(one["id"])))
    for row in rows or []:
        if row.get("objectType") == kind:
            old_id, survivor = values.id_text(row["objectId"]), values.id_text(row["survivorObjectId"])
            claims.setdefault(old_id, []).append((_time(row), survivor))
    edges = {}
    for old_id, some in claims.items():
        others = [claim for claim in some if claim[1] != old_id]
        if others:
            edges[old_id] = max(others)[1]
    return edges


def listed(properties: dict) -> list[str]:
    """The ids that an object says were merged into it."""
    with_times = [str(item) for item in values.id_list(properties.get("hs_calculated_merged_vids"))]
    return values.id_list(properties.get("hs_merged_object_ids")) + [
        vid for item in with_times if (vid := values.id_text(item.split(":")[0])) is not None
    ]


def last_survivor(object_id: str | None, edges: dict[str, str]) -> str | None:
    """Follow the merges to the last; in a circle, the smallest id text of the circle."""
    path = [object_id]
    while path[-1] in edges:
        following = edges[path[-1]]
        if following in path:
            circle = path[path.index(following) :]
            return min(circle)
        path.append(following)
    return path[-1]


def is_merged(object_id: str, edges: dict[str, str]) -> bool:
    """Whether an object lives on in another one."""
    return last_survivor(object_id, edges) != object_id


def _time(one: dict):
    return values.time(one.get("updatedAt")) or values.EPOCH
