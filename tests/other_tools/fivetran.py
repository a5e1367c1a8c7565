"""Fivetran's tables as a destination exports them: CSV of a database, Parquet of a data lake."""

from __future__ import annotations

from pathlib import Path

from tests.other_tools import account
from tests.other_tools.account import Thing
from tests.other_tools.writing import (
    time,
    typed,
    with_merges,
    write_csv,
    write_events,
    write_parquet,
    write_sequence,
)

SYNCED = {"_fivetran_synced": time("2026-02-02T03:00:00.000Z")}
PORTAL = {"portal_id": 424242}
# columns of a deal that have names of their own
DEAL_COLUMNS = {"dealstage": "deal_pipeline_stage_id", "pipeline": "deal_pipeline_id"}
DEAL_COLUMNS |= {"hubspot_owner_id": "owner_id"}


def write_csv_tables(folder: Path) -> None:
    """A file a table; links below ``associations``; merged contacts are told by the audit table alone."""
    objects = folder / "objects"
    for name, rows in {
        "contacts/contact": [_contact(thing, thing.properties) for thing in account.CONTACTS],
        "contacts/contact_merge_audit": audits(),
        **_tables("associations"),
        "associations/deal_company": _links("companies", "company_id"),
    }.items():
        write_csv(objects / f"{name}.csv", rows)
    write_sequence(folder)
    write_events(folder)


def write_earlier_links(folder: Path) -> None:
    """``deal_contact`` of the day before, when the deal that has nobody to credit was linked to Eva."""
    rows = [
        {"contact_id": 501, "deal_id": 6003, "type_id": 3, "_fivetran_synced": time("2026-02-01T03:00:00Z")}
    ]
    write_csv(folder / "objects/associations/deal_contact.csv", rows)


def write_capitals(folder: Path) -> None:
    r"""Unloaded from a Snowflake destination: names in capitals, ``\N`` for null, links below ``deals``."""
    contacts = [_contact(thing, thing.properties) for thing in account.CONTACTS]
    tables = {"contacts/contact": contacts, "contacts/contact_merge_audit": audits(), **_tables("deals")}
    for name, rows in tables.items():
        capitals = [{column.upper(): value for column, value in row.items()} for row in rows]
        below, _, table = name.partition("/")
        write_csv(folder / "objects" / below / table.upper() / "data_0_0_0.csv", capitals, null="\\N")
    write_sequence(folder)
    write_events(folder)


def write_parquet_tables(folder: Path) -> None:
    """A folder a table; links below ``deals``; a property alone tells which contacts were merged."""
    objects = folder / "objects"
    contacts = [_contact(thing, with_merges(thing)) for thing in account.CONTACTS]
    for name, rows in {"contacts/contact": contacts, **_tables("deals")}.items():
        write_parquet(objects / name / "part-00000.parquet", rows)
    write_sequence(folder)
    write_events(folder)


def _tables(links: str) -> dict[str, list[dict]]:
    engaged = {"engagement_id": 8001}, {"engagement_id": 8101}
    return {
        "companies/company": [_company(thing) for thing in account.COMPANIES],
        "deals/deal": [_deal(thing) for thing in account.DEALS],
        "deals/merged_deal": [
            {"deal_id": int(thing.id), "merged_deal_id": int(merged), **SYNCED}
            for thing in account.DEALS
            for merged in thing.merged
        ],
        f"{links}/deal_contact": _links("contacts", "contact_id"),
        "owners/owner": [_owner()],
        "pipelines/deal_pipeline": [
            {"pipeline_id": identity, "label": label, "active": True, "display_order": 0, **SYNCED}
            for identity, label in account.PIPELINES.items()
        ],
        "pipelines/deal_pipeline_stage": [_stage(*stage) for stage in account.STAGES],
        "tasks/engagement_task": [_engagement(thing) for thing in account.TASKS],
        "meetings/engagement_meeting": [_engagement(thing) for thing in account.MEETINGS],
        "meetings/engagement_contact": [row | {"contact_id": 501, **SYNCED} for row in engaged],
    }


def audits() -> list[dict]:
    """``contact_merge_audit``: 502 went into 501."""
    return [
        {
            "canonical_vid": int(thing.id),
            "contact_id": int(thing.id),
            "vid_to_merge": int(merged),
            "timestamp": time("2026-01-09T09:00:00.000Z"),
            "entity_id": "auth:app-cookie",
            "user_id": 77,
            **SYNCED,
        }
        for thing in account.CONTACTS
        for merged in thing.merged
    ]


def _contact(thing: Thing, properties: dict[str, str]) -> dict:
    return {
        "id": int(thing.id),
        "_fivetran_deleted": thing.is_archived,
        **SYNCED,
        **_properties(properties | {"lastmodifieddate": thing.updated_at, "createdate": thing.created_at}),
    }


def _company(thing: Thing) -> dict:
    columns = {"id": int(thing.id), "is_deleted": thing.is_archived, **PORTAL, **SYNCED}
    return columns | _properties(thing.properties | {"hs_lastmodifieddate": thing.updated_at})


def _deal(thing: Thing) -> dict:
    own = {column: thing.properties[name] for name, column in DEAL_COLUMNS.items()}
    others = {name: value for name, value in thing.properties.items() if name not in DEAL_COLUMNS}
    columns = {"deal_id": int(thing.id), "is_deleted": thing.is_archived, **PORTAL, **own, **SYNCED}
    return columns | _properties(others | {"hs_lastmodifieddate": thing.updated_at})


def _engagement(thing: Thing) -> dict:
    columns = {"engagement_id": int(thing.id), "_fivetran_deleted": thing.is_archived, **SYNCED}
    return columns | _properties(thing.properties | {"hs_lastmodifieddate": thing.updated_at})


def _properties(properties: dict[str, str]) -> dict[str, object]:
    return {f"property_{name}": value for name, value in typed(properties).items()}


def _links(to: str, column: str) -> list[dict]:
    return [
        {column: int(identity), "deal_id": int(thing.id), "type_id": 3, **SYNCED}
        for thing in account.DEALS
        for identity in thing.links.get(to, [])
    ]


def _owner() -> dict:
    names = {"first_name": account.OWNER["firstName"], "last_name": account.OWNER["lastName"]}
    times = {name: time("2026-01-01T09:00:00.000Z") for name in ("created_at", "updated_at")}
    identity = {"owner_id": int(account.OWNER["id"]), "active_user_id": int(account.OWNER["userId"])}
    return {
        **identity,
        **PORTAL,
        **names,
        "email": account.OWNER["email"],
        "is_active": True,
        **times,
        **SYNCED,
    }


def _stage(pipeline: str, identity: str, label: str, is_closed: bool, probability: str) -> dict:
    return {
        "stage_id": identity,
        "pipeline_id": pipeline,
        "label": label,
        "active": True,
        "display_order": 0,
        "closed_won": is_closed,
        "is_closed": is_closed,
        "probability": float(probability),
        "_fivetran_deleted": False,
        **SYNCED,
    }
