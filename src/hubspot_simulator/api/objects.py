"""CRM objects: lists, single ones and batches, with the properties and associations that were asked for."""

from __future__ import annotations

import json
from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

from hubspot_simulator.api.asking import Answer, Ask, answer, whole_key
from hubspot_simulator.api.clean import CREATED, LAST_MODIFIED
from hubspot_simulator.api.errors import invalid, not_found
from hubspot_simulator.api.kinds import CRM_KINDS, OTHER_NAMES
from sequence_warehouse.storage.database import literal

MOST_OBJECTS = 100
MOST_IN_BATCH = 100

# What comes without asking, beside the three that always come.
_DEFAULT_PROPERTIES = {
    "contacts": {"email", "firstname", "lastname"},
    "companies": {"name", "domain"},
    "deals": {"dealname", "amount", "dealstage", "pipeline", "closedate"},
}


def kind_of(name: str) -> str:
    """The folder's name of an object type, however it is called; raises the 400 of an unknown one."""
    kind = OTHER_NAMES.get(name.lower(), name.lower())
    if kind not in CRM_KINDS:
        raise invalid(f"Unable to infer object type from: {name}")
    return kind


def always(kind: str) -> set[str]:
    """The three properties that every answer holds."""
    return {"hs_object_id", CREATED.get(kind, "createdate"), LAST_MODIFIED.get(kind, "hs_lastmodifieddate")}


def chosen(
    ask: Ask, kind: str, document: str, properties: list[str], associations: Sequence[str] = ()
) -> dict[str, Any]:
    """An object with some of its properties (unknown names are passed over) and associations only."""
    record: dict[str, Any] = json.loads(document)
    wanted = always(kind) | (set(properties) or _DEFAULT_PROPERTIES.get(kind, set()))
    record["properties"] = {name: value for name, value in record["properties"].items() if name in wanted}
    links = {}
    for name, found in record.pop("associations", {}).items():
        shown = [one for one in found["results"] if lag_ms(ask, kind, record["id"], one["id"]) is None]
        if shown and name in associations:
            links[name] = found | {"results": shown}
    if links:
        record["associations"] = links
    return record


def lag_ms(ask: Ask, kind: str, identifier: str, to_id: str) -> int | None:
    """How long after its object's last change a link is made; None: it was there by then."""
    if ask.late_links is None:
        return None
    share, hours = ask.late_links
    draw = int.from_bytes(blake2b(f"{kind}/{identifier}/{to_id}".encode(), digest_size=8).digest(), "big")
    if draw % 10_000 >= share * 10_000:
        return None
    return 1 + draw // 10_000 % max(1, int(hours * 3_600_000))


def visible(ask: Ask) -> str:
    """SQL: what was last changed after the account's present is not there yet, what vanished no more."""
    is_there = "" if ask.now_ms is None else f" and updated_ms <= {ask.now_ms}"
    if ask.vanished:
        is_there += f" and md5_number(kind || '/' || id) % 10000 >= {round(ask.vanished * 10_000)}"
    return is_there


def objects(ask: Ask) -> Answer:
    """One page of a list, by id; archived ones only on request, and then only those."""
    kind = kind_of(ask.names["kind"])
    associations = [kind_of(name) for name in ask.listed("associations")]
    limit = ask.limit(MOST_OBJECTS, 10)
    after = whole_key(ask.after())
    rows = ask.account.objects_page(kind, ask.flag("archived"), after, limit + 1, f"true {visible(ask)}")
    content = {
        "results": [
            chosen(ask, kind, document, ask.listed("properties"), associations)
            for _, document in rows[:limit]
        ]
    }
    return answer(content | (ask.paging(rows[limit - 1][0]) if len(rows) > limit else {}))


def single_object(ask: Ask) -> Answer:
    kind = kind_of(ask.names["kind"])
    associations = [kind_of(name) for name in ask.listed("associations")]
    rows = ask.account.rows(
        f"select document from objects where kind = ? and id = ? and archived = ? {visible(ask)}",
        [kind, ask.names["id"], ask.flag("archived")],
    )
    if not rows:
        raise not_found(f"The object {ask.names['id']} of {kind}")
    return answer(chosen(ask, kind, rows[0][0], ask.listed("properties"), associations))


def batch_read(ask: Ask) -> Answer:
    """Objects by id, 207 when some are not there; never associations."""
    kind = kind_of(ask.names["kind"])
    wanted = list(dict.fromkeys(str(item["id"]) for item in ask.inputs(MOST_IN_BATCH)))
    listed = ", ".join(literal(identifier) for identifier in wanted) or "null"
    rows = ask.account.rows(
        f"""
        select id, document from objects
        where kind = ? and archived = ? and id in ({listed}) {visible(ask)}
        """,
        [kind, ask.flag("archived")],
    )
    found = dict(rows)
    properties = list(ask.body.get("properties") or [])
    missing = [identifier for identifier in wanted if identifier not in found]
    results = [
        chosen(ask, kind, found[identifier], properties) for identifier in wanted if identifier in found
    ]
    error = {
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "message": f"Could not get some {kind.upper()}, they may be deleted or not exist.",
        "context": {"ids": missing},
    }
    return batch(results, [error] if missing else [])


def batch(results: list[Any], errors: list[Any]) -> Answer:
    """The answer of a batch; 207 if anything in it failed."""
    # Always the same: two answers to one question are the same bytes.
    times = {"startedAt": "2026-07-01T00:00:00.000Z", "completedAt": "2026-07-01T00:00:00.001Z"}
    content = {"status": "COMPLETE", "results": results, **times}
    if not errors:
        return answer(content)
    return answer(content | {"numErrors": len(errors), "errors": errors}, 207)
