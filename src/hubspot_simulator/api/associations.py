"""POST /crm/v3|v4/associations/{from}/{to}/batch/read: links, both ways, of many objects at once.

The versions differ: v3 names a link (``deal_to_contact``) and gives ids as text, v4 numbers both.
"""

from __future__ import annotations

from itertools import groupby
from typing import Any

from hubspot_simulator.api.asking import Answer, Ask, opened, sealed, whole_key
from hubspot_simulator.api.errors import HubSpotError
from hubspot_simulator.api.objects import batch, kind_of, lag_ms
from sequence_warehouse.storage.database import literal

MOST_INPUTS = 1000
_NONE_FOUND = "crm.associations.NO_ASSOCIATIONS_FOUND"

# HubSpot's numbers of its own kinds of links.
TYPE_IDS = {
    "deal_to_contact": 3, "contact_to_deal": 4, "email_to_contact": 198, "contact_to_email": 197,
    "meeting_event_to_contact": 200, "contact_to_meeting_event": 199, "task_to_contact": 204,
    "contact_to_task": 203, "contact_to_company": 279, "company_to_contact": 280, "deal_to_company": 341,
    "company_to_deal": 342,
}  # fmt: skip


def batch_read(ask: Ask) -> Answer:
    """207 when some objects have no such link. More links than a page: ``paging`` within the result."""
    from_kind, to_kind = kind_of(ask.names["from"]), kind_of(ask.names["to"])
    is_v4 = ask.names["version"] == "v4"
    inputs = {str(item["id"]): item.get("after") if is_v4 else None for item in ask.inputs(MOST_INPUTS)}
    listed = ", ".join(literal(identifier) for identifier in inputs) or "null"
    rows = ask.account.rows(
        f"""
        select from_id, position, to_id, link_type from links
        where from_kind = ? and to_kind = ? and from_id in ({listed})
        order by position
        """,
        [from_kind, to_kind],
    )
    rows = _made(ask, from_kind, to_kind, rows)
    links = {identifier: list(found) for identifier, found in groupby(rows, key=lambda row: row[0])}
    failed = next(iter(inputs), "") if ask.one_fails else ""
    most = ask.settings.associations_page
    results, errors = [], []
    for identifier, after in inputs.items():
        if identifier == failed:
            errors.append(_failed(identifier))
            continue
        start = whole_key(opened(after)) if after else -1
        found = [row for row in links.get(identifier, []) if row[1] > start]
        if not found:
            errors.append(_none_found(ask, from_kind, to_kind, identifier))
            continue
        result = {"from": {"id": identifier}, "to": [_link(row, is_v4) for row in found[:most]]}
        if len(found) > most:
            token = sealed(found[most - 1][1])
            link = (
                f"{ask.base_url}/crm/v4/objects/{from_kind}/{identifier}/associations/{to_kind}?after={token}"
            )
            result["paging"] = {"next": {"after": token, "link": link}}
        results.append(result)
    if "batch-404" in ask.behaviours and inputs and not results and not failed:
        raise HubSpotError(404, "No associations found.", "OBJECT_NOT_FOUND", subCategory=_NONE_FOUND)
    return batch(results, errors)


def _made(ask: Ask, from_kind: str, to_kind: str, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Links that are made by the account's present: late ones some time after the last change of the activity
    or deal that they are of."""
    if ask.late_links is None:
        return rows
    is_back = from_kind in ("contacts", "companies")
    kind = to_kind if is_back else from_kind
    # the same link, whichever way it is asked for
    sides = [(row[2], row[0]) if is_back else (row[0], row[2]) for row in rows]
    listed = ", ".join({literal(one) for one, _ in sides}) or "null"
    changed = dict(
        ask.account.rows(f"select id, updated_ms from objects where kind = ? and id in ({listed})", [kind])
    )

    def is_made(one: str, other: str) -> bool:
        lag = lag_ms(ask, kind, one, other)
        return lag is None or ask.now_ms is None or (changed.get(one) or 0) + lag <= ask.now_ms

    return [row for row, (one, other) in zip(rows, sides, strict=True) if is_made(one, other)]


def _link(row: tuple[Any, ...], is_v4: bool) -> dict[str, Any]:
    _, _, to_id, link_type = row
    if not is_v4:
        return {"id": to_id, "type": link_type}
    type_id = TYPE_IDS.get(link_type, 0)
    return {
        "toObjectId": int(to_id),
        "associationTypes": [{"category": "HUBSPOT_DEFINED", "typeId": type_id, "label": None}],
    }


def _failed(identifier: str) -> dict[str, Any]:
    return {
        "status": "error",
        "category": "INTERNAL_ERROR",
        "message": f"The associations of {identifier} could not be read.",
        "context": {"fromObjectId": [identifier]},
    }


def _none_found(ask: Ask, from_kind: str, to_kind: str, identifier: str) -> dict[str, Any]:
    return {
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "subCategory": {"name": "NO_ASSOCIATIONS_FOUND"} if "207-object" in ask.behaviours else _NONE_FOUND,
        "message": f"No {to_kind} are associated with {from_kind} {identifier}.",
        "context": {"fromObjectId": [identifier], "fromObjectType": [from_kind], "toObjectType": [to_kind]},
    }
