"""Airbyte's HubSpot streams: raw tables and files, the connector's messages, normalised tables."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from tests.other_tools import account, api
from tests.other_tools.account import Thing
from tests.other_tools.writing import (
    milliseconds,
    numbered,
    time,
    with_merges,
    write_csv,
    write_lines,
    write_parquet,
)

# Airbyte's names of the streams, by the folder that they lie in
STREAMS = {"tasks": "engagements_tasks", "meetings": "engagements_meetings", "pipelines": "deal_pipelines"}
EXTRACTED = "2026-02-02T03:00:00.000000Z"


def write_raw_lines(folder: Path) -> None:
    """A destination's JSON lines, compressed: every record in ``_airbyte_data``."""
    for path, _, records in _streams(folder):
        rows = [_raw(number) | {"_airbyte_data": record} for number, record in enumerate(records)]
        write_lines(path.with_suffix(".jsonl.gz"), rows)


def write_raw_text(folder: Path) -> None:
    """An older destination's JSON lines: ``_airbyte_data`` is JSON text, the time a number."""
    for path, _, records in _streams(folder):
        meta = {"_airbyte_emitted_at": milliseconds(EXTRACTED)}
        rows = [
            {
                "_airbyte_ab_id": f"ab-{number}",
                **meta,
                "_airbyte_data": json.dumps(record, ensure_ascii=False),
            }
            for number, record in enumerate(records)
        ]
        write_lines(path.with_suffix(".jsonl"), rows)


def write_raw_csv(folder: Path) -> None:
    """A raw table as a database exports it."""
    for path, _, records in _streams(folder):
        rows = [_raw(number) | {"_airbyte_data": record} for number, record in enumerate(records)]
        write_csv(path.with_suffix(".csv"), rows)


def write_raw_parquet(folder: Path) -> None:
    """A raw table of a data lake: ``_airbyte_data`` is JSON text."""
    for path, _, records in _streams(folder):
        rows = [
            {"_airbyte_raw_id": f"raw-{number}", "_airbyte_extracted_at": time(EXTRACTED)}
            | {"_airbyte_data": json.dumps(record, ensure_ascii=False)}
            for number, record in enumerate(records)
        ]
        write_parquet(path.with_suffix(".parquet"), rows)


def write_messages(folder: Path) -> None:
    """What the connector itself prints: records between other messages."""
    for path, stream, records in _streams(folder):
        lines = [
            {"type": "LOG", "log": {"level": "INFO", "message": f"Syncing stream: {stream}"}},
            {"type": "SCHEMA", "stream": stream, "schema": {"type": "object"}, "key_properties": ["id"]},
        ]
        for record in records:
            message = {"stream": stream, "data": record, "emitted_at": milliseconds(EXTRACTED)}
            lines.append({"type": "RECORD", "record": message})
        lines.append({"type": "STATE", "state": {"type": "STREAM", "stream": {"stream_state": {}}}})
        write_lines(path.with_suffix(".jsonl"), lines)


def write_normalised_csv(folder: Path) -> None:
    """A final table as a database exports it: a column a field, objects and lists as JSON text."""
    for path, stream, records in _streams(folder):
        rows = [_normalised(number, stream, record) for number, record in enumerate(records)]
        write_csv(path.with_suffix(".csv"), rows)


def write_normalised_parquet(folder: Path) -> None:
    """The same as a data lake has it: times as times, lists as lists, objects as JSON text."""
    for path, stream, records in _streams(folder):
        rows = [_normalised(number, stream, record) for number, record in enumerate(records)]
        for row in rows:
            for name, value in row.items():
                if name in ("createdAt", "updatedAt", "occurredAt", "OCCURRED_AT"):
                    row[name] = time(value)
                elif isinstance(value, dict) or name == "stages":
                    row[name] = json.dumps(value, ensure_ascii=False)
        write_parquet(path.with_suffix(".parquet"), rows)


def _streams(folder: Path) -> Iterator[tuple[Path, str, list[dict]]]:
    """(path without suffix, stream, records) of every stream that lands."""
    records = {name: [_object(thing) for thing in things] for name, things in api.OBJECTS.items()}
    records |= {"owners": [api.owner()], "pipelines": api.pipelines(), "sequences": [account.SEQUENCE]}
    for name, of_name in records.items():
        stream = STREAMS.get(name, name)
        yield folder / f"objects/{name}/{stream}/2026_02_02_1770001200000_0", stream, of_name
    yield folder / "events/event_occurrences/2026_02_02_1770001200000_0", "event_occurrences", account.EVENTS


def _object(thing: Thing) -> dict:
    """An object as the source has it: links are lists of ids beside the properties, some ids twice."""
    return {
        "id": thing.id,
        "properties": numbered(with_merges(thing)),
        "createdAt": thing.created_at,
        "updatedAt": thing.updated_at,
        "archived": thing.is_archived,
        **{name: [ids[0], *ids] for name, ids in thing.links.items()},
    }


def _raw(number: int) -> dict:
    return {"_airbyte_raw_id": f"raw-{number}", "_airbyte_extracted_at": EXTRACTED, "_airbyte_meta": {}}


def _normalised(number: int, stream: str, record: dict) -> dict:
    if stream == "event_occurrences":  # a warehouse that writes names in capitals
        names = {"eventType": "EVENT_TYPE", "objectType": "OBJECT_TYPE", "objectId": "OBJECT_ID"}
        names |= {"occurredAt": "OCCURRED_AT", "id": "ID", "properties": "PROPERTIES"}
        record = {names[name]: value for name, value in record.items()}
    return _raw(number) | record
