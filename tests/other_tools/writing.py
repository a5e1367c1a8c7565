"""Files of a landing folder, and values as programs write them."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import pyarrow
import pyarrow.parquet

from tests.other_tools import account

TIMES = {"createdate", "closedate", "hs_createdate", "hs_timestamp", "hs_task_completion_date"}
TIMES |= {"hs_meeting_start_time", "lastmodifieddate", "hs_lastmodifieddate"}
NUMBERS = {"amount", "hs_step_order", "hs_task_sequence_step_order", "hs_task_is_completed"}


def write_lines(path: Path, records: Iterable[dict]) -> None:
    """JSON lines, compressed where the name says so."""
    _write(path, "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records).encode())


def write_page(path: Path, records: list[dict]) -> None:
    """A page of HubSpot's API in a file of its own."""
    _write(path, json.dumps({"results": records, "paging": {}}, indent=1).encode())


def write_csv(
    path: Path, rows: list[dict], delimiter: str = ",", encoding: str = "utf-8", null: str = ""
) -> None:
    """A table with the columns of all rows; lists and objects become JSON text."""
    path.parent.mkdir(parents=True, exist_ok=True)
    columns = columns_of(rows)
    with path.open("w", newline="", encoding=encoding) as stream:
        writer = csv.writer(stream, delimiter=delimiter)
        writer.writerow(columns)
        writer.writerows([_cell(row.get(column), null) for column in columns] for row in rows)


def write_parquet(path: Path, rows: list[dict]) -> None:
    """A table with the columns of all rows, of the types that the values have."""
    path.parent.mkdir(parents=True, exist_ok=True)
    columns = {column: [row.get(column) for row in rows] for column in columns_of(rows)}
    pyarrow.parquet.write_table(pyarrow.table(columns), path, compression="snappy")


def columns_of(rows: list[dict]) -> list[str]:
    return list(dict.fromkeys(name for row in rows for name in row))


def time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def milliseconds(text: str) -> int:
    return int(time(text).timestamp() * 1000)


def typed(properties: dict[str, str]) -> dict[str, object]:
    """Numbers as doubles and times as times, as tools with a schema store them; ids stay text."""
    return {name: _typed(name, value) for name, value in properties.items()}


def _typed(name: str, value: str) -> object:
    if name in NUMBERS:
        return float(value)
    return time(value) if name in TIMES else value


def numbered(properties: dict[str, str]) -> dict[str, object]:
    """Numbers as numbers and times as text, as tools without times of their own store them."""
    return {name: float(value) if name in NUMBERS else value for name, value in properties.items()}


def write_events(folder: Path) -> None:
    """The events as the Events API returns them, for tools that have none."""
    write_lines(folder / "events/occurrences.jsonl", account.EVENTS)


def write_sequence(folder: Path) -> None:
    """The sequence as the API returns it: no tool reads sequences."""
    write_lines(folder / "objects/sequences/sequences.jsonl", [account.SEQUENCE])


def with_merges(thing: account.Thing) -> dict[str, str]:
    """The properties, those that list what was merged into it included."""
    return thing.properties | ({"hs_merged_object_ids": ";".join(thing.merged)} if thing.merged else {})


def _cell(value: object, null: str) -> str:
    if value is None:
        return null
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S+00")
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else str(value)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
