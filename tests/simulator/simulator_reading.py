"""Reads a simulated landing folder back with plain code: json, csv, gzip, and DuckDB for Parquet."""

import csv
import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import duckdb


def _parsed(lines: list[str]) -> Iterator[dict]:
    for line in lines:
        try:
            record = json.loads(line)
        except json.JSONDecodeError:
            continue
        if isinstance(record, dict):
            yield record


def _records(path: Path) -> Iterator[dict]:
    if path.suffix == ".parquet":
        with duckdb.connect() as connection:
            table = connection.execute("from read_parquet(?)", [str(path)])
            names = [column[0] for column in table.description]
            yield from (dict(zip(names, row, strict=True)) for row in table.fetchall())
    elif path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                yield row | {"PROPERTIES": json.loads(row["PROPERTIES"])}
    elif path.suffix == ".json":
        try:
            yield from json.loads(path.read_text(encoding="utf-8"))["results"]
        except json.JSONDecodeError:
            return
    elif path.suffix == ".gz":
        yield from _parsed(gzip.decompress(path.read_bytes()).decode().splitlines())
    elif path.suffix == ".jsonl":
        yield from _parsed(path.read_text(encoding="utf-8").splitlines())


def read_events(portal: Path) -> list[dict]:
    """Every parsed record of the portal's events, bad ones left out, with its ``file``."""
    events = []
    for path in sorted((portal / "events").rglob("*")):
        if path.is_dir() or path.name[0] in "._" or path.suffix == ".tmp" or "broken" in path.parts:
            continue
        for record in _records(path):
            event = {name.lower().replace("_", ""): value for name, value in record.items()}
            event.setdefault("eventtype", "e_v2_contact_replied_sequence_email")
            if event["id"] and event["occurredat"] != "yesterday":
                events.append(event | {"file": path.name})
    return events


def read_objects(portal: Path, kind: str) -> list[dict]:
    """Every parsed object of the type that has an id."""
    records = (
        record
        for path in sorted((portal / "objects" / kind).iterdir())
        for record in _records(path)
    )
    return [record for record in records if "id" in record]
