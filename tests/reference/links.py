"""What objects are linked to: the shapes in which links come, and which word on them counts."""

from __future__ import annotations

import json
from collections.abc import Iterator

from . import crm, values
from .landed import LandedRecord

# Key of an object's links: (type, id, type of what it is linked to).
Key = tuple[str, str, str]

SINGULAR = {"contacts": "contact", "companies": "company"}


def linked_ids(links: object, kind: str) -> list[str]:
    """The ids in a list of links to objects of a kind, each once, in their order."""
    found: list[str] = []
    for text in _texts(links, kind):
        for part in text.replace(",", ";").replace("|", ";").split(";"):
            one = values.id_text(part)
            if one is not None and one not in found:
                found.append(one)
    return found


def _texts(links: object, kind: str) -> Iterator[str]:
    if isinstance(links, list):
        for one in links:
            yield from _texts(one, kind)
    elif isinstance(links, dict):
        for page in ("results", kind):
            if page in links:
                yield from _texts(links[page], kind)
                return
        if isinstance(links.get("to"), list):
            yield from _texts(links["to"], kind)
            return
        own = (f"{kind}_id", f"{SINGULAR[kind]}_id")
        for name in ("toObjectId", "to_object_id", *own, "id", "vid"):
            if (text := values.text(links.get(name))) is not None:
                yield text
                return
        if f"{kind}_id" not in links and values.text(links.get("value")) is not None:
            yield values.text(links["value"])
    elif isinstance(links, str) and links.strip()[:1] in ("[", "{"):
        try:
            yield from _texts(json.loads(links), kind)
        except json.JSONDecodeError:
            yield "".join(sign for sign in links if sign not in "[]{}\"'")
    elif links is not None:
        yield str(links)


def read_links(landed: list[LandedRecord]) -> dict[Key, list[str]]:
    """What the objects of one account are linked to, by the last word on each.

    landed: the latest version of every object. A word is the object's own record, a list of its links, or the
    rows of a link table: those of the newest load with any for the object. Later is: by updatedAt (none is
    before all), by load, then a list, then a table, then the object.
    """
    words: dict[Key, list[tuple]] = {}
    rows: dict[Key, list[LandedRecord]] = {}
    for one in landed:
        if one.kind == "associations":
            for key in _keys(one.record):
                if "results" in one.record:
                    ids = [] if crm.is_archived(one.record) else linked_ids(one.record["results"], key[2])
                    words.setdefault(key, []).append((_time(one), one.load, 3, ids))
                else:
                    rows.setdefault(key, []).append(one)
            continue
        kind = "companies" if one.kind == "contacts" else "contacts"
        if one.kind in ("contacts", "deals", "tasks", "meetings", "emails", "calls"):
            links = (one.record.get("associations") or {}).get(kind)
            if links is not None and str(links).strip():
                key = (one.kind, values.id_text(one.record["id"]), kind)
                words.setdefault(key, []).append((_time(one), one.load, 1, linked_ids(links, kind)))
    for key, of_object in rows.items():
        newest = max(one.told for one in of_object)
        of_load = sorted((one for one in of_object if one.told == newest), key=lambda one: one.arrival)
        ids = [
            linked
            for one in of_load
            if not crm.is_archived(one.record)
            and (linked := values.id_text(one.record.get("toObjectId"))) is not None
        ]
        words.setdefault(key, []).append((max(map(_time, of_load)), newest, 2, ids))
    return {key: max(some, key=lambda word: word[:3])[3] for key, some in words.items()}


def _keys(record: dict) -> list[Key]:
    """Of one object; of engagements, whose types share their ids, of each of these."""
    from_id = values.id_text(record.get("fromObjectId"))
    kinds = [values.text(record.get(name)) for name in ("fromObjectType", "toObjectType")]
    if from_id is None or not all(kinds):
        return []
    of_engagements = ("tasks", "meetings", "emails", "calls")
    from_kinds = of_engagements if kinds[0] == "engagements" else (kinds[0].lower(),)
    return [(kind, from_id, kinds[1].lower()) for kind in from_kinds]


def _time(one: LandedRecord):
    return values.time(one.record.get("updatedAt")) or values.EPOCH
