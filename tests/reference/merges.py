"""Merged contacts, companies and deals: who is the last survivor of an id."""

from __future__ import annotations

from . import values


def merge_edges(objects: list[dict]) -> dict[str, str]:
    """Old id -> the id it was merged into.

    objects: the latest version of each object of one type of one account, archived ones too.
    When several list the same old id: the greatest updatedAt, then the greatest id as text.
    """
    listed_by: dict[str, list[dict]] = {}
    for one in objects:
        for old_id in listed(one.get("properties") or {}):
            if old_id != values.id_text(one["id"]):
                listed_by.setdefault(old_id, []).append(one)
    return {old_id: values.id_text(max(some, key=_recency)["id"]) for old_id, some in listed_by.items()}


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


def _recency(one: dict) -> tuple:
    return (values.time(one.get("updatedAt")) or values.EPOCH, values.id_text(one["id"]))
