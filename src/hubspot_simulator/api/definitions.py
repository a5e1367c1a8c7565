"""Owners, deal pipelines, sequences and their performance: what is small, each in a shape of its own."""

from __future__ import annotations

import json

from hubspot_simulator.api import performance
from hubspot_simulator.api.asking import Answer, Ask, answer, page, whole_key
from hubspot_simulator.api.errors import invalid, not_found
from hubspot_simulator.api.objects import visible

MOST_OWNERS = 500
MOST_SEQUENCES = 100

# A list of sequences tells no more of each.
_LISTED = ("id", "name", "createdAt", "updatedAt", "userId", "folderId")


def owners(ask: Ask) -> Answer:
    """A page by id; archived owners only on request, and then only those."""
    limit = ask.limit(MOST_OWNERS, 100)
    email = ask.query.get("email")
    condition = f"(? is null or (document->>'$.email') = ?) {visible(ask)}"
    after = whole_key(ask.after())
    rows = ask.account.objects_page(
        "owners", ask.flag("archived"), after, limit + 1, condition, (email, email)
    )
    documents = [document for _, document in rows[:limit]]
    return page(documents, ask.paging(rows[limit - 1][0]) if len(rows) > limit else None)


def pipelines(ask: Ask) -> Answer:
    """All at once, as HubSpot has it; of deals only, other objects have none here."""
    if ask.names["kind"] not in ("deals", "deal", "0-3"):
        return page([], None)
    rows = ask.account.rows(
        f"""
        select document from objects
        where kind = 'pipelines' and not archived {visible(ask)}
        order by position
        """
    )
    return page([document for (document,) in rows], None)


def sequences(ask: Ask) -> Answer:
    """A page of sequences without their steps; userId is needed."""
    user = _user(ask)
    limit = ask.limit(MOST_SEQUENCES)
    rows = ask.account.rows(
        f"select document from objects where kind = 'sequences' {visible(ask)} order by id::ubigint"
    )
    documents = [json.loads(document) for (document,) in rows]
    if ask.settings.sequences_of == "user":
        documents = [document for document in documents if str(document.get("userId")) == user]
    after = whole_key(ask.after()) or 0
    rest = [document for document in documents if int(document["id"]) > after]
    listed = [{name: document[name] for name in _LISTED if name in document} for document in rest[:limit]]
    more = ask.paging(rest[limit - 1]["id"]) if len(rest) > limit else {}
    return answer({"total": len(documents), "results": listed} | more)


def single_sequence(ask: Ask) -> Answer:
    """A sequence with settings, steps and dependencies; userId is needed."""
    _user(ask)
    rows = ask.account.rows(
        f"select document from objects where kind = 'sequences' and id = ? {visible(ask)}", [ask.names["id"]]
    )
    if not rows:
        raise not_found(f"The sequence {ask.names['id']}")
    return answer(json.loads(rows[0][0]))


def sequence_performance(ask: Ask) -> Answer:
    """Of the whole account, whatever its present is."""
    if "performance-beta" in ask.behaviours and not ask.names["version"].endswith("-beta"):
        raise not_found(f"The resource {ask.path}")
    interval = ask.query.get("timelineInterval", "WEEK")
    if interval not in performance.INTERVALS:
        raise invalid(
            f"timelineInterval must be one of {', '.join(performance.INTERVALS)}, not {interval!r}."
        )
    found = performance.answer(ask.account.cursor, ask.names["id"], interval)
    if found is None:
        raise not_found(f"The sequence {ask.names['id']}")
    return answer(found)


def _user(ask: Ask) -> str:
    user = ask.query.get("userId", "")
    if not user.isdecimal():
        raise invalid("userId is required: the id of the user whose sequences are asked for.")
    return user
