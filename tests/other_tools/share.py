"""Unloads of HubSpot's Snowflake data share: event tables, object views, the long form, links."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.other_tools import account
from tests.other_tools.account import Thing
from tests.other_tools.writing import (
    TIMES,
    milliseconds,
    time,
    typed,
    with_merges,
    write_csv,
    write_parquet,
    write_sequence,
)

INGESTED = {"INGESTEDAT": time("2026-02-02T03:00:00.000Z")}
TABLES = {
    account.ENROLLED: "EVENTS_V2_CONTACT_ENROLLED_IN_SEQUENCE",
    account.EXECUTED: "EVENTS_V2_SEQUENCE_STEP_EXECUTED",
    account.OPENED: "EVENTS_OPENED_TRACKED_INBOX_EMAIL_V8",
    account.REPLIED: "EVENTS_V2_CONTACT_REPLIED_SEQUENCE_EMAIL",
}
# (HubSpot's id of the object type, objects) by folder; a deleted deal is in no view
VIEWS: dict[str, tuple[str, list[Thing]]] = {
    "contacts": ("0-1", [*account.CONTACTS, account.EARLIER_CONTACT]),
    "companies": ("0-2", account.COMPANIES),
    "deals": ("0-3", [deal for deal in account.DEALS if not deal.is_archived]),
}
ACTIVITIES = {"tasks": ("0-27", account.TASKS), "meetings": ("0-47", account.MEETINGS)}
Write = Callable[[Path, list[dict]], None]
WON = {stage[:2] for stage in account.STAGES if stage[3]}


def write_parquet_views(folder: Path) -> None:
    """Object views of the day; ``write_first_snapshot`` landed the day before, when no deal was deleted."""
    for name in VIEWS | ACTIVITIES:
        _write_view(folder, name, "2026-02-02/data_0_0_0.snappy.parquet", write_parquet)
    _write_rest(folder, "data_0_0_0.snappy.parquet", write_parquet)


def write_first_snapshot(folder: Path) -> None:
    """The deals of the day before, in the same view."""
    rows = [_columns("0-3", deal) | _properties(deal) for deal in account.DEALS]
    write_parquet(folder / "objects/deals/OBJECTS_DEALS/2026-02-01/data_0_0_0.snappy.parquet", rows)


def write_csv_views(folder: Path) -> None:
    r"""The same views as CSV, where ``\N`` is null; numbers that nobody could parse are text columns."""
    for name in VIEWS | ACTIVITIES:
        _write_view(folder, name, "data_0_0_0.csv", _csv)
    _write_rest(folder, "data_0_0_0.csv", _csv)


def write_long_form(folder: Path) -> None:
    """OBJECT_PROPERTIES, all types in one table: a row a property, times in milliseconds."""
    rows = [row for kind, things in VIEWS.values() for thing in things for row in _long(kind, thing)]
    write_parquet(folder / "objects/object_properties/OBJECT_PROPERTIES/data_0_0_0.snappy.parquet", rows)
    _write_activities(folder)


def write_long_form_by_type(folder: Path) -> None:
    """OBJECT_PROPERTIES, unloaded a type at a time below the folders of the types."""
    for name, (kind, things) in VIEWS.items():
        rows = [row for thing in things for row in _long(kind, thing)]
        write_csv(folder / f"objects/{name}/OBJECT_PROPERTIES/data_0_0_0.csv", rows, null="\\N")
    _write_activities(folder)


def write_json_properties(folder: Path) -> None:
    """OBJECT_WITH_OBJECT_PROPERTIES: the properties are one JSON value."""
    for name, (kind, things) in VIEWS.items():
        rows = [_columns(kind, thing) | {"PROPERTIES": _told(thing)} for thing in things]
        write_csv(folder / f"objects/{name}/OBJECT_WITH_OBJECT_PROPERTIES/data_0_0_0.csv", rows)
    _write_activities(folder)


def _write_activities(folder: Path) -> None:
    for name in ACTIVITIES:
        _write_view(folder, name, "data_0_0_0.snappy.parquet", write_parquet)
    _write_rest(folder, "data_0_0_0.snappy.parquet", write_parquet)


def _write_view(folder: Path, name: str, file: str, write: Write) -> None:
    kind, things = (VIEWS | ACTIVITIES)[name]
    rows = [_columns(kind, thing) | _properties(thing) for thing in things]
    write(folder / f"objects/{name}/OBJECTS_{name.upper()}/{file}", rows)


def _write_rest(folder: Path, file: str, write: Write) -> None:
    """Events, a folder a table; links, a folder a pair of types; the sequence from the API."""
    for event_type, table in TABLES.items():
        rows = [_event(event) for event in account.EVENTS if event["eventType"] == event_type]
        write(folder / f"events/{table}/{file}", rows)
    for table, column, things in (
        ("ASSOCIATIONS_DEALS_TO_CONTACTS", "DEAL_OBJECTID", account.PRESENT_DEALS),
        ("ASSOCIATIONS_MEETINGS_TO_CONTACTS", "MEETING_OBJECTID", account.MEETINGS),
    ):
        rows = [
            {column: int(thing.id), "CONTACT_OBJECTID": int(identity), **INGESTED}
            for thing in things
            for identity in thing.links["contacts"]
        ]
        write(folder / f"objects/associations/{table}/{file}", rows)
    write_sequence(folder)


def _columns(kind: str, thing: Thing) -> dict:
    return {"OBJECTTYPEID": kind, "OBJECTID": int(thing.id), "UPDATEDAT": time(thing.updated_at), **INGESTED}


def _properties(thing: Thing) -> dict:
    properties = {f"PROPERTY_{name.upper()}": value for name, value in typed(_told(thing)).items()}
    unparsed = {"PROPERTY_UNPARSED_AMOUNT": None} if "amount" in thing.properties else {}
    return properties | unparsed


def _told(thing: Thing) -> dict[str, str]:
    """Properties as the share has them: a deal says itself whether it is won."""
    properties = with_merges(thing)
    if "dealstage" in properties:
        is_won = (properties["pipeline"], properties["dealstage"]) in WON
        properties["hs_is_closed_won"] = str(is_won).lower()
    return properties


def _long(kind: str, thing: Thing) -> list[dict]:
    return [
        {
            **_columns(kind, thing),
            "NAME": name,
            "VALUE": str(milliseconds(value)) if name in TIMES else value,
        }
        for name, value in _told(thing).items()
    ]


def _event(event: dict) -> dict:
    properties = typed(event["properties"])
    return {
        "EVENTTYPEID": "6-12031101",
        "ID": event["id"],
        "OBJECTTYPEID": "0-1",
        "OBJECTID": int(event["objectId"]),
        # Snowflake's times without a zone are UTC
        "OCCURREDAT": time(event["occurredAt"]).replace(tzinfo=None),
        **INGESTED,
        **{f"PROPERTY_{name.upper()}": value for name, value in properties.items()},
    }


def _csv(path: Path, rows: list[dict]) -> None:
    write_csv(path, rows, null="\\N")
