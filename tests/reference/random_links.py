"""Links in the shapes in which HubSpot and tools write them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .random_pools import Account


def links(account: Account, kind: str, ids: list[str]) -> object:
    """A list of links to objects of a kind, some of them twice, merged or unknown; ids as text or numbers."""
    rng = account.rng
    form = rng.random()
    if form < 0.5:
        return {"results": rows(account, ids)}
    written = [account.id_value(one) for one in ids]
    shapes = (
        {"results": [{"toObjectId": one, "associationTypes": []} for one in written]},
        written,
        json.dumps(written),
        ";".join(ids),
        ", ".join(ids),
        [{"value": "6001", f"{kind}_id": one} for one in [*written, ""]],
        [{"id": one} for one in [*written, "5.12E+11", None]],
        {kind: {"results": rows(account, ids)}},
        {kind: written},
        {"value": ";".join(ids), "timestamp": 5},
        written[0] if written else [],
        *("", None, "NULL"),
    )
    return rng.choice(shapes)


def rows(account: Account, ids: list[str]) -> list[dict]:
    """The links of one page of HubSpot's answer."""
    return [{"id": account.id_value(one), "type": "to_contact"} for one in ids]
