"""What the account tells about itself (details, exchange rates, templates) and about a contact's enrollment.

Where the landing folder that is served holds none of a kind, its path is answered 404, as by an account
without currencies or without the beta of templates.
"""

from __future__ import annotations

import json
from typing import Any

from hubspot_simulator.api import enrollments
from hubspot_simulator.api.asking import Answer, Ask, answer, whole_key
from hubspot_simulator.api.errors import not_found
from hubspot_simulator.api.objects import visible

MOST = 100
# What a landed record has beside HubSpot's answer.
_ADDED = {"accounts": ("id", "updatedAt"), "templates": ("folderName",)}


def details(ask: Ask) -> Answer:
    """The account, whatever its present is."""
    documents = _all(ask, "accounts")
    return answer(_as_answered("accounts", documents[0]))


def exchange_rates(ask: Ask) -> Answer:
    return _page(ask, "exchange_rates")


def templates(ask: Ask) -> Answer:
    return _page(ask, "templates", visible(ask))


def template_folders(ask: Ask) -> Answer:
    """All at once: the folders that hold a template."""
    folders = {
        document["folderId"]: document["folderName"]
        for document in _all(ask, "templates")
        if document.get("folderId")
    }
    return answer({"results": [{"id": key, "name": name} for key, name in sorted(folders.items())]})


def enrollment_of_contact(ask: Ask) -> Answer:
    """The one that the contact has at the account's present; 404 when it has none."""
    now = 2**62 if ask.now_ms is None else ask.now_ms
    found = enrollments.current(ask.account.cursor, ask.names["contact"], now)
    if found is None:
        raise not_found(f"The enrollment of the contact {ask.names['contact']}")
    return answer(found)


def _page(ask: Ask, kind: str, condition: str = "") -> Answer:
    _all(ask, kind)
    limit = ask.limit(MOST, 20)
    after = whole_key(ask.after())
    rows = ask.account.objects_page(kind, False, after, limit + 1, f"true {condition}")
    results = [_as_answered(kind, json.loads(document)) for _, document in rows[:limit]]
    more = ask.paging(rows[limit - 1][0]) if len(rows) > limit else {}
    return answer({"results": results} | more)


def _all(ask: Ask, kind: str) -> list[dict[str, Any]]:
    """Every record of a kind; raises the 404 of an account that has none."""
    rows = ask.account.rows(
        "select document from objects where kind = ? and not archived order by position", [kind]
    )
    if not rows:
        raise not_found(f"The resource {ask.path}")
    return [json.loads(document) for (document,) in rows]


def _as_answered(kind: str, record: dict[str, Any]) -> dict[str, Any]:
    added = _ADDED.get(kind, ())
    return {name: value for name, value in record.items() if name not in added}
