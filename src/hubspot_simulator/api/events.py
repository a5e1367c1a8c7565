"""GET /events/v3/events and /event-types: occurrences by type, oldest first, as they become visible."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hubspot_simulator.api.asking import Answer, Ask, answer, page, whole_key
from hubspot_simulator.api.errors import invalid

MOST_EVENTS = 1000

_FIRST_MS, _LAST_MS = -(2**62), 2**62

# Two draws from the id, 0 <= draw < 1: is it late, and how late.
_LATE = """
    occurred_ms + if(
        hash(event_id, event_type) % 1000003 / 1000003.0 < {share},
        (1 + hash(event_type, event_id, 'lag') % {most_ms})::bigint,
        0
    )
"""


def event_types(ask: Ask) -> Answer:
    return answer({"eventTypes": list(ask.account.types)})


def events(ask: Ask) -> Answer:
    """One page; the token holds the position of the last row, so late events do not move the walk."""
    types = ask.query.get("eventType")
    by_object = ask.query.get("objectType"), ask.query.get("objectId")
    if not types and not all(by_object):
        raise invalid("Give an eventType, or an objectType and objectId, to list events of.")
    if ask.query.get("sort", "occurredAt") != "occurredAt":
        raise invalid("Only sort=occurredAt keeps paging in order; this account answers no other.")
    limit = ask.limit(MOST_EVENTS, 100)
    ranges = [ask.account.types.get(types)] if types else list(ask.account.types.values())
    first = min((found[0] for found in ranges if found), default=0)
    end = max((found[1] + 1 for found in ranges if found), default=0)
    after = whole_key(ask.after())
    conditions, parameters = _conditions(ask)
    position = first if after is None else max(first, after + 1)
    if after is None and types:
        position = _start(ask, position, end)
    rows = ask.account.walk("events", position, end, limit + 1, conditions, tuple(parameters))
    more = len(rows) > limit
    rows = rows[:limit]
    return page([document for _, document in rows], ask.paging(rows[-1][0]) if more else None)


def _start(ask: Ask, first: int, end: int) -> int:
    """Where events of one type at or after occurredAfter begin."""
    if not ask.query.get("occurredAfter"):
        return first
    found = ask.account.rows(
        "select min(position) from events where position >= ? and position < ? and occurred_ms >= ?",
        [first, end, _ms(ask, "occurredAfter", _FIRST_MS)],
    )
    return end if found[0][0] is None else found[0][0]


def _conditions(ask: Ask) -> tuple[str, list[Any]]:
    after_is, before_is = tuple(ask.settings.event_bounds)
    conditions = [
        f"occurred_ms {'>=' if after_is == '[' else '>'} ?",
        f"occurred_ms {'<=' if before_is == ']' else '<'} ?",
    ]
    parameters: list[Any] = [_ms(ask, "occurredAfter", _FIRST_MS), _ms(ask, "occurredBefore", _LAST_MS)]
    columns = (("objectType", "upper(object_type)"), ("objectId", "object_id"), ("id", "event_id"))
    for name, column in columns:
        if ask.query.get(name):
            conditions.append(f"{column} = ?")
            parameters.append(ask.query[name].upper() if name == "objectType" else ask.query[name])
    if ask.now_ms is not None:
        visible = "occurred_ms"
        if ask.late_events:
            share, hours = ask.late_events
            visible = _LATE.format(share=share, most_ms=max(1, int(hours * 3_600_000)))
        conditions.append(f"{visible} <= ?")
        parameters.append(ask.now_ms)
    return " and ".join(conditions), parameters


def _ms(ask: Ask, name: str, default: int) -> int:
    """A time parameter, ISO 8601 or epoch milliseconds, as milliseconds."""
    value = ask.query.get(name)
    if not value:
        return default
    if value.isdecimal():
        return int(value)
    try:
        # A plus that was not encoded arrives as a space.
        time = datetime.fromisoformat(value.replace(" ", "+"))
    except ValueError as error:
        raise invalid(f"{name} is not a time: {value!r}.") from error
    return round((time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp() * 1000)
