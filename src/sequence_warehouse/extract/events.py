"""Events of one type: every window is read to its end, and reaches back over the ones before it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from sequence_warehouse.extract.clock import compact, iso, read_ms
from sequence_warehouse.extract.errors import BadRequest, Forbidden, NoProgress, NotFound, Skipped
from sequence_warehouse.extract.names import event_type as event_type_of

if TYPE_CHECKING:
    from sequence_warehouse.extract.running import Run
    from sequence_warehouse.extract.transport import Hubspot

log = logging.getLogger(__name__)

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


def read(run: Run) -> None:
    """Finish the window that a killed run left open, then read the newest one.

    Windows are [from, to) of the time of occurrence. The cursor is the end of the last whole window; the
    next one begins the overlap before it, a sweep's days before now, a first one at the beginning.
    """
    if window := run.state.get("window"):
        _read_window(run, window)
    cursor = run.state.get("cursor")
    if run.is_backfill:
        start, end, moves = run.since_ms, min(run.until_ms or run.now_ms, run.now_ms), False
    else:
        start, end, moves = cursor, run.now_ms, True
        if cursor is not None:
            start = cursor - int(run.options.overlap_hours * HOUR_MS)
            if run.looks_further_back(cursor):
                start = min(start, run.now_ms - int(run.options.sweep_days * DAY_MS))
    _read_window(run, {"from": start, "to": end, "moves": moves, "after": None})


def _read_window(run: Run, window: dict[str, Any]) -> None:
    event_type = event_type_of(run.stream)
    start, end = window["from"], window["to"]

    def ask(after: str | None) -> dict[str, Any]:
        # No sort: HubSpot's own order pages well, the newest first does not; duplicates are left out anyway.
        return run.hubspot.page(
            "/events/v3/events",
            eventType=event_type,
            # bounds may be exclusive: a millisecond more costs nothing
            occurredAfter=None if start is None else iso(start - 1),
            occurredBefore=iso(end),
            limit=run.options.event_page,
            after=after,
        )

    label = "from-the-beginning" if start is None else f"since-{compact(start)}"
    try:
        for answer, after in run.hubspot.walk(ask, window["after"]):
            if after is not None:
                run.land(answer["results"], label, window={**window, "after": after})
            else:
                run.land(answer["results"], label, window=None, **_moved(run, window))
    except NoProgress:
        # where it led nowhere is no place to go on from
        run.state.commit(window={**window, "after": None})
        raise
    except (BadRequest, NotFound):
        types = account_types(run.hubspot)
        if not types or event_type in types:
            raise
        log.info("%s: the account has no events of this type", run.stream)
        run.state.commit(window=None)
    except Forbidden as error:
        if not _others_answer(run, event_type):
            raise
        raise Skipped(
            f"The event type {event_type} of portal {run.hubspot.portal} was left out: others are answered, "
            f"but of it HubSpot says that this account may not have it. {error}"
        ) from None
    run.state.commit(forget_before=run.now_ms - _remembered_ms(run))


def _moved(run: Run, window: dict[str, Any]) -> dict[str, Any]:
    """The cursor after a whole window; a backfill's is no reason to move it."""
    return {"cursor": window["to"]} if window["moves"] else {}


def _remembered_ms(run: Run) -> int:
    """How far back landed events are remembered: as far as windows reach, and a day."""
    return int(max(run.options.overlap_hours * HOUR_MS, run.options.sweep_days * DAY_MS)) + DAY_MS


def occurred_ms(event: dict[str, Any]) -> int:
    """When an event occurred; unreadable times are forgotten with the oldest."""
    return read_ms(str(event.get("occurredAt") or "")) or 0


def _others_answer(run: Run, refused: str) -> bool:
    """Whether HubSpot gives the token events of any other type: else it may read none at all."""
    try:
        types = account_types(run.hubspot)
    except Forbidden:
        types = []
    for event_type in dict.fromkeys([*types, *run.options.seed_types()]):
        if event_type == refused:
            continue
        try:
            run.hubspot.page("/events/v3/events", eventType=event_type, limit=1)
            return True
        except (Forbidden, BadRequest, NotFound):
            continue
    return False


def read_types(run: Run) -> None:
    """Ask for the account's event types once more: fails as long as HubSpot does not tell them."""
    account_types(run.hubspot)
    run.tell("The account's event types can be read again: the next run extracts those that are new.")


def account_types(hubspot: Hubspot) -> list[str]:
    """The event types of the account; empty when HubSpot does not tell."""

    def ask(after: str | None) -> dict[str, Any]:
        answer = hubspot.get(
            "/events/v3/events/event-types",
            is_whole=lambda found: isinstance(_listed_types(found), list),
            after=after,
        )
        return {**answer, "results": _listed_types(answer)}

    try:
        listed = [kind for answer, _ in hubspot.walk(ask) for kind in answer["results"]]
    except (BadRequest, NotFound):
        return []
    names: list[Any] = [kind.get("name") if isinstance(kind, dict) else kind for kind in listed]
    if strange := [name for name in names if not isinstance(name, str) or not name]:
        log.warning("HubSpot lists %s event types without a name, which cannot be asked for", len(strange))
    return list(dict.fromkeys(name for name in names if name not in strange))


def _listed_types(answer: dict[str, Any]) -> object:
    return answer.get("eventTypes") or answer.get("results") or []
