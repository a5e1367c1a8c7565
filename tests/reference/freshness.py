"""Rows of freshness, of loads that all came within a day."""

from __future__ import annotations

import csv
from datetime import datetime, timedelta
from functools import cache
from itertools import pairwise

from . import issues, values
from .facts import SEEDS
from .landed import LandedRecord

DAY = timedelta(days=1)


def freshness(
    portal_id: str, events: list[LandedRecord], objects: list[LandedRecord], as_of: datetime | None
) -> list[dict]:
    """By (account, stream) of one account's de-duplicated records."""
    times = [values.time(one.record["occurredAt"]) for one in events]
    has_plausible = any(issues.is_plausible(at) for at in times)
    streams: dict[tuple[str, str], list[datetime | None]] = {}
    for one, at in zip(events, times, strict=True):
        counts = issues.is_plausible(at) or not has_plausible
        streams.setdefault(("events", one.record["eventType"]), []).append(at if counts else None)
    for one in objects:
        updated_at = values.time(one.record.get("updatedAt"))
        streams.setdefault(("objects", one.kind), []).append(updated_at)
    expected = _expected()
    rows = []
    for family, stream in sorted(streams.keys() | expected):
        records = streams.get((family, stream), [])
        known = sorted(at for at in records if at is not None)
        gaps = sorted((later - earlier).total_seconds() for earlier, later in pairwise(known))
        usual = _percentile(gaps, 0.99)
        newest = max(known, default=None)
        rows.append(
            {
                "portal_id": portal_id,
                "family": family,
                "stream": stream,
                "newest_at": newest,
                "records": len(records),
                "expected": (family, stream) in expected,
                "usual_gap_seconds": usual,
                "verdict": _verdict(records, newest, usual, as_of),
            }
        )
    return rows


def _verdict(records: list, newest: datetime | None, usual: float | None, as_of: datetime | None) -> str:
    if not records:
        return "never seen"
    if newest is not None and as_of is not None:
        silence = (as_of - newest).total_seconds()
        if silence > DAY.total_seconds() and silence > 3 * (usual or 0):
            return "silent"
    return "complete"


def _percentile(ordered: list[float], share: float) -> float | None:
    """The value at a share of the way from the first to the last, between two of them in proportion."""
    if not ordered:
        return None
    place = share * (len(ordered) - 1)
    before = int(place)
    after = min(before + 1, len(ordered) - 1)
    return round(ordered[before] + (ordered[after] - ordered[before]) * (place - before), 6)


@cache
def _expected() -> set[tuple[str, str]]:
    streams = set()
    for family, seed, name in (
        ("events", "event_types", "event_type"),
        ("objects", "object_types", "object_type"),
    ):
        with (SEEDS / f"{seed}.csv").open(encoding="utf-8", newline="") as lines:
            streams |= {(family, row[name]) for row in csv.DictReader(lines) if row["expected"] == "true"}
    return streams
