"""What tools write as tables beside the objects of a random account: links, merges, stages, properties."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from .random_crm import LABELS, TRUTHS
from .random_links import links, rows
from .random_objects import add_object, created, missing_or

if TYPE_CHECKING:
    from .random_pools import Account

PROBABILITIES = ("1.0", 1, "1", 0.2, "", "high", None)
SNAPSHOTS = ("contacts", "deals", "meetings", "tasks", "associations", "merges", "companies")


def add_tables(account: Account) -> None:
    """Add 0 or more rows of each; each has the second of its time for itself, so that no two are as new."""
    _merges(account)
    _stages(account)
    _properties(account)
    _lists(account)


def add_link_rows(account: Account) -> None:
    """Add rows of link tables, and objects told without times: what they say depends on their loads."""
    rng = account.rng
    for kind, ids, linked, pool in _linked(account):
        for object_id in ids:
            for linked_id in rng.sample(pool, rng.randint(0, len(pool)) if account.chance(0.5) else 0):
                of_kind = "engagements" if kind == "meetings" and account.chance(0.3) else kind
                record = {
                    "id": f"{of_kind}/{object_id}/{linked}/{linked_id}",
                    "fromObjectType": of_kind,
                    "fromObjectId": account.id_value(object_id),
                    "toObjectType": linked,
                    "toObjectId": account.id_value(linked_id),
                }
                for _ in range(rng.choice([1, 1, 2])):
                    updated_at = min(account.times) + timedelta(minutes=rng.randint(0, 3))
                    times = {"updatedAt": account.time_value(updated_at)} if account.chance(0.5) else {}
                    account.add(
                        "associations", record | times | ({"archived": True} if account.chance(0.15) else {})
                    )
            if account.chance(0.15):
                list_of = {"id": f"{kind}/{object_id}/{linked}/list", "fromObjectType": kind}
                list_of |= {"fromObjectId": object_id, "toObjectType": linked}
                account.add("associations", list_of | {"results": rows(account, pool[:1])})
    for name in ("dealname", "createdate"):
        if account.chance(0.2):
            account.add("object_properties", _property("deals", "1", name, created(account)))


def _linked(account: Account) -> list[tuple[str, list[str], str, list[str]]]:
    return [
        ("deals", ["0", "1", "2"], "contacts", [*account.contacts, "555"]),
        ("meetings", ["0", "1"], "contacts", account.contacts),
        ("contacts", account.contacts, "companies", account.companies),
    ]


def _lists(account: Account) -> None:
    """Links as they are asked for: a list for each object, some of them empty."""
    rng = account.rng
    for kind, ids, linked, pool in _linked(account):
        for object_id in ids:
            if not account.chance(0.2):
                continue
            list_of = {"fromObjectType": kind, "fromObjectId": object_id, "toObjectType": linked}
            versions = [
                list_of | {"results": _results(account, linked, rng.sample(pool, rng.randint(0, len(pool))))}
                for _ in range(rng.randint(1, 2))
            ]
            add_object(account, "associations", f"{kind}/{object_id}/{linked}", versions, seconds=50)


def _results(account: Account, linked: str, ids: list[str]) -> object:
    found = links(account, linked, ids)
    if isinstance(found, dict) and "results" in found:
        return found["results"]
    return found if isinstance(found, list) else rows(account, ids)


def _merges(account: Account) -> None:
    pools = (("contacts", account.contacts), ("deals", ["0", "1", "2"]), ("companies", ["801", "802", "804"]))
    for kind, pool in pools:
        if len(pool) > 1 and account.chance(0.25):
            merged, survivor = account.rng.sample(pool, 2)
            row = {"objectType": kind, "objectId": account.id_value(merged), "survivorObjectId": survivor}
            versions = [row, row | {"archived": True}][: account.rng.choice([1, 1, 2])]
            add_object(account, "merges", f"{kind}/{merged}", versions, seconds=40)


def _stages(account: Account) -> None:
    """Stages that pipelines tell too, or not; of no pipeline, where the table names none."""
    rng = account.rng
    for stage in ("new", "closed", "3"):
        for pipeline in ("default", "88", None):
            if not account.chance(0.15):
                continue
            row = {"stageId": stage, "label": rng.choice(LABELS[stage])}
            row |= {} if pipeline is None else {"pipelineId": account.id_value(pipeline)}
            versions = [
                row
                | missing_or(account, "closedWon", rng.choice(TRUTHS), 0.4)
                | missing_or(account, "isClosed", rng.choice(TRUTHS), 0.8)
                | missing_or(account, "probability", rng.choice(PROBABILITIES), 0.9)
                for _ in range(rng.randint(1, 2))
            ]
            add_object(
                account, "pipeline_stages", f"{pipeline}/{stage}", versions, seconds=rng.choice([0, 30])
            )


def _properties(account: Account) -> None:
    """Objects told property by property: alone, or beside versions that are told whole."""
    rng = account.rng
    told = (
        ("deals", "1", {"dealname": ["Long", None], "amount": ["5", ""], "createdate": [created(account)]}),
        ("deals", "7", {"dealstage": ["closed"], "pipeline": ["default"], "hs_is_closed_won": ["yes"]}),
        (
            "contacts",
            rng.choice(account.contacts),
            {"email": ["long@example.com"], "firstname": ["Cy", "Di"]},
        ),
        ("companies", "801", {"name": ["Nordlys AS"], "hs_merged_object_ids": ["804", None]}),
    )
    for place, (kind, object_id, properties) in enumerate(told):
        if not account.chance(0.25):
            continue
        for name, some in properties.items():
            versions = [_property(kind, object_id, name, value) for value in some]
            if account.chance(0.1):
                versions.append(versions[-1] | {"archived": True})
            if account.chance(0.8):
                row_id = f"{kind}/{object_id}/{name}"
                add_object(account, "object_properties", row_id, versions, seconds=20 + place)


def _property(kind: str, object_id: str, name: str, value: str | None) -> dict:
    row = {"objectType": kind, "objectId": object_id, "name": name, "value": value}
    return {"id": f"{kind}/{object_id}/{name}"} | row
