"""Links of many objects by batch read, in either version: whole, or HubspotError.

The elements are kept as they came. v3 names a link (``id``, ``type``) just as the list endpoint does; only v4
(``toObjectId``, ``associationTypes``) takes a paging token in a batch.

That an object has no links is told in several ways: it is left out of a good answer; an error of a partial
answer (207) or of a 404 says so of it, its ``subCategory`` being text or an object; a 404 says so of them
all. Any other error of a 207 is a failure of that object, which is asked for again. A 404 that does not say
what it means may be the path's, or one object's: the other version is asked, then halves of the batch.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from typing import Any

from sequence_warehouse.extract.errors import NoProgress, NotFound
from sequence_warehouse.extract.paging import next_after
from sequence_warehouse.extract.transport import Hubspot

# HubSpot takes more in some versions; a hundred are taken by all.
BATCH = 100
# HubSpot has at most 50,000 links of one object, and a page of them has a hundred or more
MOST_PAGES = 1000
_NONE_FOUND = "noassociationsfound"
_NONE_SAID = re.compile(r"\s*no \S+ (is|are) associated with", re.IGNORECASE)


def links_of(
    hubspot: Hubspot, object_type: str, ids: list[str], versions: tuple[str, ...] = ("v4", "v3")
) -> dict[str, list[dict[str, Any]]]:
    """The contacts of each object, by its id; of those without any, nothing. versions: tried in order."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    walked: set[tuple[str, str | None]] = set()
    guard = hubspot.guard()
    pages = 0
    inputs = [{"id": one} for one in ids]
    while inputs:
        cut: list[dict[str, Any]] = []
        links: list[tuple[str, str]] = []
        pages += 1
        for version, result in _answers(hubspot, object_type, versions, inputs):
            record_id, after = str(result["from"]["id"]), next_after(result)
            if after is None or version == "v4":
                found[record_id] += (came := result.get("to") or [])
                links += [(record_id, contact_id(link)) for link in came]
            if after is None:
                continue
            token = after if version == "v4" else None
            if (record_id, token) in walked:
                raise NoProgress(f"The contacts of {object_type} {record_id} have pages without an end.")
            walked.add((record_id, token))
            cut.append({"id": record_id} | ({"after": token} if token else {}))
        guard.page(links, str(pages), str(pages + 1) if cut else None)
        if cut and pages == MOST_PAGES:
            raise NoProgress(f"The contacts of {object_type} {cut[0]['id']} have pages without an end.")
        inputs, versions = cut, ("v4",)
    return found


def contact_id(link: dict[str, Any]) -> str:
    """The id of a link of either version."""
    return str(link["toObjectId"] if "toObjectId" in link else link["id"])


def _answers(
    hubspot: Hubspot, object_type: str, versions: tuple[str, ...], inputs: list[dict[str, Any]]
) -> list[tuple[str, dict[str, Any]]]:
    """(version, result) of the inputs that have links."""
    for version in versions:
        try:
            return [(version, result) for result in _results(hubspot, object_type, version, inputs)]
        except NotFound:
            continue
    if len(inputs) == 1:
        return []
    half = len(inputs) // 2
    return [
        one
        for part in (inputs[:half], inputs[half:])
        for one in _answers(hubspot, object_type, versions, part)
    ]


def _results(
    hubspot: Hubspot, object_type: str, version: str, inputs: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """The results of a batch. A partial answer is completed: what failed is asked for again.

    Raises HubspotError when a part of the batch fails each time; NotFound for a 404 that does not say what.
    """
    path = f"/crm/{version}/associations/{object_type}/contacts/batch/read"
    results: list[dict[str, Any]] = []
    failures = 0
    while inputs:
        try:
            answer = hubspot.post(path, {"inputs": inputs})
        except NotFound as error:
            left = _left(inputs, [error.body, *_errors(error.body)])
            if len(left) == len(inputs):
                if not any(map(_says_none, [error.body, *_errors(error.body)])):
                    raise
                return results
            inputs = left
            continue
        results += answer["results"]
        answered = {str(result["from"]["id"]) for result in answer["results"]}
        inputs = [one for one in inputs if one["id"] not in answered]
        errors = _errors(answer)
        if not errors and not answer.get("numErrors"):
            return results  # those without links are left out
        named = len(inputs)
        inputs = _left(inputs, errors)
        named -= len(inputs)
        # some leave out whom they mean: as many as there are
        unnamed = max(len(errors), int(answer.get("numErrors") or 0)) - named
        if errors and all(map(_says_none, errors)) and unnamed >= len(inputs):
            return results
        if inputs:
            failures += 1
            hubspot.back_off(failures, _failure(object_type, inputs, errors))
    return results


def _left(inputs: list[dict[str, Any]], errors: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The inputs but those of which an error says that they have no links."""
    asked = {one["id"] for one in inputs}
    without = {one for error in errors if _says_none(error) for one in _ids(error) & asked}
    return [one for one in inputs if one["id"] not in without]


def _says_none(error: dict[str, Any]) -> bool:
    kinds = [error.get(name) for name in ("category", "subCategory", "message")]
    texts = [kind if isinstance(kind, str) else json.dumps(kind) for kind in kinds]
    if any(_NONE_FOUND in re.sub("[^a-z]", "", text.lower()) for text in texts):
        return True
    return bool(_NONE_SAID.match(texts[-1]))


def _ids(error: dict[str, Any]) -> set[str]:
    """What an error names: values of its context, but of the other side; else the numbers it speaks of."""
    context = error.get("context")
    values = [error.get("id"), error.get("objectId")]
    if isinstance(context, dict):
        values += [value for name, value in context.items() if not name.lower().startswith("to")]
    listed = [one for value in values for one in (value if isinstance(value, list) else [value])]
    found = {str(one) for one in listed if isinstance(one, (str, int))}
    return found or set(re.findall(r"\d+", str(error.get("message") or "")))


def _errors(body: dict[str, Any]) -> list[dict[str, Any]]:
    errors = body.get("errors")
    return [error for error in errors if isinstance(error, dict)] if isinstance(errors, list) else []


def _failure(object_type: str, inputs: list[dict[str, Any]], errors: list[dict[str, Any]]) -> str:
    reasons = sorted({str(one.get("message") or one.get("category") or "") for one in errors} - {""})
    return f"HubSpot gave no contacts of {len(inputs)} {object_type}: " + (
        "; ".join(reasons)[:200] or "without a word"
    )
