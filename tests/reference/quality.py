"""Rows of unmapped_properties."""

from __future__ import annotations

from . import values
from .facts import event_types, property_aliases
from .landed import LandedRecord


def unmapped_properties(landed: list[LandedRecord]) -> list[dict]:
    """By (account, sequence event type, property that no alias maps), of one account's events."""
    types = event_types()
    mapped = {source for sources in property_aliases().values() for source in sources}
    found: dict[tuple, list[tuple]] = {}
    for one in landed:
        record = one.record
        if not types.get(record["eventType"], ("", False))[1]:
            continue
        for name, value in (record.get("properties") or {}).items():
            if name not in mapped:
                event = (values.time(record["occurredAt"]), values.id_text(record["id"]), values.text(value))
                found.setdefault((one.portal_id, record["eventType"], name), []).append(event)
    rows = []
    for (portal_id, event_type, name), events in found.items():
        _, event_id, value = min(events, key=lambda event: (event[2] is None, *event[:2]))
        rows.append(
            {
                "portal_id": portal_id,
                "event_type": event_type,
                "property_name": name,
                "events": len(events),
                "first_occurred_at": min(event[0] for event in events),
                "example_event_id": event_id,
                "example_value": value,
            }
        )
    return rows
