"""Time zones that accounts may have."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from sequence_warehouse.seeds.reading import Row
from sequence_warehouse.storage.database import connect


def unknown_zones(rows: list[Row]) -> list[str]:
    """Sentences about zones that the models' DuckDB does not know; it knows some more than Python."""
    if all(not row.cells["time_zone"] or is_time_zone(row.cells["time_zone"]) for row in rows):
        return []
    with connect() as connection:
        known = connection.execute("select lower(name) from pg_timezone_names()").fetchall()
    return [
        f"{row.source.name}, line {row.line}: there is no time zone {row.cells['time_zone']!r}, so account "
        f"{row.cells['portal_id']} is in UTC; write a name such as Europe/Oslo."
        for row in rows
        if row.cells["time_zone"] and (row.cells["time_zone"].lower(),) not in known
    ]


def is_time_zone(name: str) -> bool:
    """Whether Python has a time zone of this name."""
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return False
    return True
