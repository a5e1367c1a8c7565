"""Contacts of deals, tasks, meetings and e-mails, in the shape in which the list endpoint gives them.

The batch read of v3 names id and type of a link just as the list endpoint does, so that a record has the
same content whichever way it was found. The elements are kept as they came.
"""

from __future__ import annotations

from collections import defaultdict

from sequence_warehouse.hubspot.paging import next_after
from sequence_warehouse.hubspot.transport import Hubspot

# HubSpot takes more in some versions; a hundred are taken by all.
BATCH = 100
LINK_NAMES = {
    "deals": "deal_to_contact",
    "tasks": "task_to_contact",
    "meetings": "meeting_event_to_contact",
    "emails": "email_to_contact",
}
NONE_FOUND = "NO_ASSOCIATIONS_FOUND"


def with_contacts(hubspot: Hubspot, object_type: str, records: list[dict]) -> list[dict]:
    """The records, each with its ``associations.contacts``; without the member where it has none."""
    links: dict[str, list[dict]] = {}
    for start in range(0, len(records), BATCH):
        links |= _read(hubspot, object_type, [record["id"] for record in records[start : start + BATCH]])
    return [
        {**record, "associations": {"contacts": {"results": links[record["id"]]}}}
        if links.get(record["id"])
        else {name: value for name, value in record.items() if name != "associations"}
        for record in records
    ]


def complete(hubspot: Hubspot, object_type: str, records: list[dict]) -> list[dict]:
    """Listed records, those with more contacts than a page shows read again by batch."""
    cut = [record for record in records if next_after(_contacts(record)) is not None]
    if not cut:
        return records
    whole = {record["id"]: record for record in with_contacts(hubspot, object_type, cut)}
    return [whole.get(record["id"], record) for record in records]


def _contacts(record: dict) -> dict:
    return (record.get("associations") or {}).get("contacts") or {}


def _read(hubspot: Hubspot, object_type: str, ids: list[str]) -> dict[str, list[dict]]:
    """Links by id."""
    found: dict[str, list[dict]] = defaultdict(list)
    path = f"associations/{object_type}/contacts/batch/read"
    cut: list[dict] = []
    for result in _results(hubspot, f"/crm/v3/{path}", object_type, [{"id": record_id} for record_id in ids]):
        record_id = str(result["from"]["id"])
        if next_after(result) is None:
            found[record_id] = result.get("to") or []
        else:  # more than a page: only v4 takes a token in a batch
            cut.append({"id": record_id})
    while cut:
        answer = _results(hubspot, f"/crm/v4/{path}", object_type, cut)
        cut = []
        for result in answer:
            record_id = str(result["from"]["id"])
            found[record_id] += [_as_v3(object_type, link) for link in result.get("to") or []]
            if (after := next_after(result)) is not None:
                cut.append({"id": record_id, "after": after})
    return found


def _as_v3(object_type: str, link: dict) -> dict:
    """A link of v4, whole, with the id and the name of v3 added."""
    return {"id": str(link["toObjectId"]), "type": LINK_NAMES[object_type], **link}


def _results(hubspot: Hubspot, path: str, object_type: str, inputs: list[dict]) -> list[dict]:
    """The results of a batch. A partial answer (207) is completed: what failed is asked for again.

    Raises HubspotError when a part of the batch fails each time.
    """
    results: list[dict] = []
    failures = 0
    while inputs:
        answer = hubspot.post(path, {"inputs": inputs})
        results += answer["results"]
        answered = {str(result["from"]["id"]) for result in answer["results"]}
        answered |= _without(answer, inputs, answered)
        inputs = [one for one in inputs if one["id"] not in answered]
        if inputs:
            failures += 1
            reasons = {str(error.get("message") or "") for error in answer.get("errors") or []}
            hubspot.back_off(
                failures,
                f"HubSpot gave no contacts of {len(inputs)} {object_type}: "
                + ("; ".join(sorted(reasons))[:200] or "without a word"),
            )
    return results


def _without(answer: dict, inputs: list[dict], answered: set[str]) -> set[str]:
    """Ids that have no contact: HubSpot leaves them out, and in a 207 calls each an error."""
    errors = answer.get("errors") or []
    none = [error for error in errors if NONE_FOUND in str(error.get("subCategory") or error.get("category"))]
    if len(none) == len(errors) and (errors or not answer.get("numErrors")):
        return {one["id"] for one in inputs} - answered
    contexts = [error.get("context") or {} for error in none]
    return {str(value) for context in contexts for name in context for value in _listed(context[name])}


def _listed(value: object) -> list:
    return value if isinstance(value, list) else [value]
