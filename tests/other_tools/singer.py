"""What a Singer tap (Meltano, Stitch) prints for a target: RECORD lines between SCHEMA and STATE lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from tests.other_tools import account, api
from tests.other_tools.account import Thing
from tests.other_tools.writing import TIMES, milliseconds, with_merges, write_lines, write_sequence

KEYS = {"contacts": "vid", "companies": "companyId", "deals": "dealId"}
TYPES = {"contacts": account.CONTACTS, "companies": account.COMPANIES, "deals": account.DEALS}
Shape = Callable[[dict[str, str]], dict]


def write_value_objects(folder: Path) -> None:
    """``properties`` holds ``{name: {value, timestamp}}``, times are milliseconds as text."""
    _write(
        folder, lambda properties: {"properties": _versions(_first_merges(properties))}, _first_pipelines()
    )


def write_prefixed_value_objects(folder: Path) -> None:
    """The same versions as fields of their own, ``property_<name>``."""
    _write(
        folder,
        lambda properties: {f"property_{name}": value for name, value in _versions(properties).items()},
    )


def write_prefixed(folder: Path) -> None:
    """Values alone as fields, ``property_<name>``; times are text."""
    _write(folder, lambda properties: {f"property_{name}": value for name, value in properties.items()})


def _write(folder: Path, shape: Shape, pipelines: list[dict] | None = None) -> None:
    for name, things in TYPES.items():
        # a tap emits what changed meanwhile again, and here the older version last
        versions = [*things, account.EARLIER_CONTACT] if name == "contacts" else things
        records = [_object(name, thing, shape) for thing in versions]
        write_lines(folder / f"objects/{name}/{name}.jsonl", _messages(name, KEYS[name], records))
    owners = _messages("owners", "id", [api.owner()])
    write_lines(folder / "objects/owners/owners.jsonl", owners)
    stages = _messages("deal_pipelines", "pipelineId", pipelines or api.pipelines())
    write_lines(folder / "objects/pipelines/deal_pipelines.jsonl", stages)
    events = [event | {"eventType": event["eventType"].upper()} for event in account.EVENTS]
    write_lines(folder / "events/events.jsonl", _messages("events", "id", events))
    write_sequence(folder)


def _first_merges(properties: dict[str, str]) -> dict[str, str]:
    """Merged contacts as ``vid:milliseconds``."""
    if "email" not in properties or "hs_merged_object_ids" not in properties:
        return properties
    others = {name: value for name, value in properties.items() if name != "hs_merged_object_ids"}
    moment = milliseconds("2026-01-09T09:00:00.000Z")
    return others | {"hs_calculated_merged_vids": f"{properties['hs_merged_object_ids']}:{moment}"}


def _first_pipelines() -> list[dict]:
    """Pipelines as the first API returned them: ``pipelineId``, and stages with ``closedWon``."""
    return [
        {
            "pipelineId": pipeline,
            "label": label,
            "active": True,
            "displayOrder": 0,
            "stages": [
                {"stageId": stage, "label": name, "probability": float(chance), "active": True}
                | {"displayOrder": 0, "closedWon": is_closed}
                for of, stage, name, is_closed, chance in account.STAGES
                if of == pipeline
            ],
        }
        for pipeline, label in account.PIPELINES.items()
    ]


def _messages(stream: str, key: str, records: Iterable[dict]) -> list[dict]:
    schema = {"type": "object", "properties": {key: {"type": ["null", "integer"]}}}
    lines = [{"type": "SCHEMA", "stream": stream, "schema": schema, "key_properties": [key]}]
    lines += [
        {
            "type": "RECORD",
            "stream": stream,
            "record": record,
            "time_extracted": "2026-02-02T03:00:00.000000Z",
        }
        for record in records
    ]
    return [*lines, {"type": "STATE", "value": {"bookmarks": {stream: {"offset": {}}}}}]


def _object(name: str, thing: Thing, shape: Shape) -> dict:
    modified = "lastmodifieddate" if name == "contacts" else "hs_lastmodifieddate"
    properties = with_merges(thing) | {modified: thing.updated_at}
    properties.setdefault("createdate", thing.created_at)
    record = {KEYS[name]: int(thing.id), **shape(properties)}
    if name == "contacts":
        return record
    links = {
        "associatedVids": [int(identity) for identity in thing.links.get("contacts", [])],
        "associatedCompanyIds": [int(identity) for identity in thing.links.get("companies", [])],
        "associatedDealIds": [],
    }
    return record | {"isDeleted": thing.is_archived} | ({"associations": links} if name == "deals" else {})


def _versions(properties: dict[str, str]) -> dict[str, dict]:
    """Values as the first API returned them, each with the time of its writing."""
    stamp = {"timestamp": milliseconds("2026-01-01T09:00:00.000Z"), "source": "CRM_UI", "sourceId": None}
    return {
        name: {"value": str(milliseconds(value)) if name in TIMES else value} | stamp
        for name, value in properties.items()
    }
