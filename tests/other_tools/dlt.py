"""dlt's HubSpot source: JSON lines and Parquet of the filesystem destination."""

from __future__ import annotations

import json
from pathlib import Path

from tests.other_tools import account, api
from tests.other_tools.account import Thing
from tests.other_tools.writing import (
    TIMES,
    numbered,
    time,
    typed,
    write_events,
    write_lines,
    write_parquet,
    write_sequence,
)

LOAD = "1770001200.12345"
# the column of a link's id, by the linked type
LINKED = {"contacts": "contacts_id", "companies": "companies_id"}


def write_flat_lines(folder: Path) -> None:
    """Nested lists kept in the row (``max_table_nesting=0``); events flat as well."""
    for name, things in api.OBJECTS.items():
        rows = [_flat(thing, name, number) | _nested(thing) for number, thing in enumerate(things)]
        write_lines(folder / f"objects/{name}/{LOAD}.abc123.jsonl", rows)
    _write_rest(folder)
    events = [_event(event, number) for number, event in enumerate(account.EVENTS)]
    write_lines(folder / f"events/sequence_events/{LOAD}.abc123.jsonl", events)


def write_prefixed_parquet(folder: Path) -> None:
    """Objects of the API, flattened: ``properties__<name>``; lists as JSON text; events in the same way."""
    for name, things in api.OBJECTS.items():
        rows = [_prefixed(thing, number) for number, thing in enumerate(things)]
        write_parquet(folder / f"objects/{name}/{LOAD}.abc123.parquet", rows)
    _write_rest(folder)
    events = [_event(event, number) for number, event in enumerate(account.EVENTS)]
    for event in events:
        event["occurred_at"] = time(event["occurred_at"])
    write_parquet(folder / f"events/sequence_events/{LOAD}.abc123.parquet", events)


def write_nested_parquet(folder: Path) -> None:
    """Rows without a prefix; lists are lists of the format's own."""
    for name, things in api.OBJECTS.items():
        rows = [_flat(thing, name, number) | _nested(thing) for number, thing in enumerate(things)]
        for row in rows:
            row |= {column: time(value) for column, value in row.items() if column in TIMES}
        write_parquet(folder / f"objects/{name}/{LOAD}.abc123.parquet", rows)
    _write_rest(folder)
    write_events(folder)


def write_child_tables(folder: Path) -> None:
    """As it comes out without a setting: every list is a table of its own beside its parent's."""
    for name, things in api.OBJECTS.items():
        below = folder / f"objects/{name}"
        write_lines(
            below / name / f"{LOAD}.jsonl",
            [_flat(thing, name, number) | _merged(thing) for number, thing in enumerate(things)],
        )
        for to in LINKED:
            rows = [
                {"value": thing.id, LINKED[to]: identity, "_dlt_parent_id": _row_id(name, number)}
                | {"_dlt_list_idx": index, "_dlt_id": f"{name}-{to}-{number}-{index}"}
                for number, thing in enumerate(things)
                for index, identity in enumerate(thing.links.get(to, []))
            ]
            if rows:
                write_lines(below / f"{name}__{to}" / f"{LOAD}.jsonl", rows)
    _write_rest(folder)
    write_events(folder)


def _merged(thing: Thing) -> dict[str, str]:
    """What was merged into it, as HubSpot's text."""
    return {"hs_merged_object_ids": ";".join(thing.merged)} if thing.merged else {}


def _flat(thing: Thing, name: str, number: int) -> dict:
    times = {"createdate": thing.created_at}
    times["lastmodifieddate" if name == "contacts" else "hs_lastmodifieddate"] = thing.updated_at
    own = {"id": thing.id, "hs_object_id": thing.id, **numbered(thing.properties), **times}
    return own | {"is_deleted": thing.is_archived, "_dlt_load_id": LOAD, "_dlt_id": _row_id(name, number)}


def _nested(thing: Thing) -> dict:
    links = {
        to: [{"value": thing.id, LINKED[to]: identity} for identity in ids] for to, ids in thing.links.items()
    }
    return links | ({"hs_merged_object_ids": list(thing.merged)} if thing.merged else {})


def _prefixed(thing: Thing, number: int) -> dict:
    lists = {name: json.dumps(value) for name, value in _nested(thing).items()}
    merged = lists.pop("hs_merged_object_ids", None)
    properties = typed(thing.properties) | ({"hs_merged_object_ids": merged} if merged else {})
    return {
        "id": thing.id,
        **{f"properties__{name}": value for name, value in properties.items()},
        "created_at": time(thing.created_at),
        "updated_at": time(thing.updated_at),
        "archived": thing.is_archived,
        **lists,
        "_dlt_load_id": LOAD,
        "_dlt_id": _row_id("row", number),
    }


def _event(event: dict, number: int) -> dict:
    return {
        "id": event["id"],
        "event_type": event["eventType"],
        "object_type": event["objectType"],
        "object_id": event["objectId"],
        "occurred_at": event["occurredAt"],
        **{f"properties__{name}": value for name, value in event["properties"].items()},
        "_dlt_load_id": LOAD,
        "_dlt_id": _row_id("event", number),
    }


def _write_rest(folder: Path) -> None:
    """Owners with names in snake case; pipelines and the sequence as the API returns them."""
    owner = account.OWNER
    row = {"id": owner["id"], "email": owner["email"], "first_name": owner["firstName"], "archived": False}
    row |= {"last_name": owner["lastName"], "user_id": int(owner["userId"]), "type": "PERSON"}
    row |= {"created_at": "2026-01-01T09:00:00.000Z", "updated_at": "2026-01-01T09:00:00.000Z"}
    write_lines(folder / f"objects/owners/{LOAD}.jsonl", [row | {"_dlt_load_id": LOAD, "_dlt_id": "o1"}])
    api.write_pipelines(folder)
    write_sequence(folder)


def _row_id(name: str, number: int) -> str:
    return f"{name}-{number}"
