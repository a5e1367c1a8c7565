"""CRM objects: the first time by listing all, then by searching for what changed since; a sweep lists all.

A sweep reads the lists, not search, though search has 200 to a page: search's index lags behind, has no
archived objects and is asked 5 times a second at the most, where 10 to 19 pages of a list are answered. A
million objects are 10,000 questions and, at ten a second, 17 minutes. And it reads them whole: that costs
no question more, and finds what search did not show, as new links do not always count as a change.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sequence_warehouse.extract import removals
from sequence_warehouse.extract.associations import complete, with_contacts
from sequence_warehouse.extract.catalog import OBJECTS, linked
from sequence_warehouse.extract.clock import compact
from sequence_warehouse.extract.errors import NoProgress
from sequence_warehouse.extract.properties import ListedInParts
from sequence_warehouse.extract.search import Question, Search

if TYPE_CHECKING:
    from sequence_warehouse.extract.running import Run

MINUTE_MS = 60_000
DAY_MS = 24 * 60 * MINUTE_MS


def read(run: Run) -> None:
    """All objects, or those that changed since; archived ones (search has none of them) when due.

    The cursor is the time up to which changes were asked for. What is open is finished first.
    """
    if window := run.state.get("search"):
        _search(run, window)
    cursor = run.state.get("cursor")
    if run.is_backfill:
        _search(run, {"from": run.since_ms or 0, "to": run.until_ms or run.now_ms, "moves": False})
    elif cursor is None:
        # what changes while the list is read has changed after its beginning
        _list(run, "all", lambda began: {"cursor": began})
    else:
        start = cursor - int(run.options.object_overlap_minutes * MINUTE_MS)
        if cursor > run.now_ms:  # a clock was ahead for a while
            start = run.now_ms - int(run.options.sweep_days * DAY_MS)
        _search(run, {"from": start, "to": run.now_ms, "moves": True})
    if run.sweep and cursor is not None:
        _sweep(run)
    elif run.is_due("archived", run.options.archived_hours):
        _list(run, "archived", lambda began: {"archived": began}, is_archived=True)


def _sweep(run: Run) -> None:
    """Every object. Archived ones first: one that is restored meanwhile is then listed at least once."""
    if run.state.get("sweep") is None:
        removals.begin_sweep(run, sweep="archived")
    if run.state.get("sweep") == "archived":
        _list(run, "sweep-archived", lambda began: {"archived": began, "sweep": "live"}, is_archived=True)
    _list(run, "sweep", lambda began: {"sweep": None, "is_swept": True})


def _properties(run: Run) -> tuple[str, ...]:
    extra = run.options.extra_properties.get(run.stream, ())
    return tuple(dict.fromkeys((*OBJECTS[run.stream].properties, *extra)))


def _list(run: Run, label: str, done: Callable[[int], dict[str, Any]], is_archived: bool = False) -> None:
    """Every object by the list endpoint, which gives associations too.

    done: by when the list was begun, the values of the state once all are landed.
    """
    listing = run.state.get(f"list_{label}") or {"began": run.now_ms, "after": None}

    pages = ListedInParts(run.hubspot, f"/crm/v3/objects/{run.stream}", _properties(run))

    def going_on(after: str | None) -> dict[str, Any]:
        return {f"list_{label}": {**listing, "after": after}}

    def ask(after: str | None) -> dict[str, Any]:
        return pages.page(
            limit=run.options.object_page,
            after=after,
            associations="contacts" if run.stream in linked() else None,
            archived=is_archived,
        )

    try:
        for answer, after in run.hubspot.walk(ask, listing["after"]):
            records = complete(run.hubspot, run.stream, answer["results"])
            if after is not None:
                run.land(records, label, **going_on(after))
            else:
                run.land(records, label, **{f"list_{label}": None}, **done(listing["began"]))
    except NoProgress:
        # where it led nowhere is no place to go on from
        run.state.commit(**going_on(None))
        raise


def _search(run: Run, window: dict[str, Any]) -> None:
    """What changed in [from, to): all of it, or HubspotError."""
    label = f"changed-since-{compact(window['from'])}"
    moved = {"cursor": window["to"]} if window["moves"] else {}

    def ask(question: Question) -> dict[str, Any]:
        return run.hubspot.post(f"/crm/v3/objects/{run.stream}/search", _body(run, question))

    def land(records: list[dict[str, Any]], rest: dict[str, Any] | None) -> None:
        if run.stream in linked():
            records = with_contacts(run.hubspot, run.stream, records)
        if rest is None:
            run.land(records, label, search=None, **moved)
        else:
            run.land(records, label, rest.get("expected"), search=rest)

    Search(run.stream, ask, run.hubspot.back_off, land, run.hubspot.guard).read(window)


def _body(run: Run, question: Question) -> dict[str, Any]:
    modified = OBJECTS[run.stream].modified
    filters = [
        {"propertyName": modified, "operator": "GTE", "value": str(question.start)},
        {"propertyName": modified, "operator": "LT", "value": str(question.end)},
    ]
    if question.low:
        filters.append({"propertyName": "hs_object_id", "operator": "GT", "value": str(question.low)})
    if question.high is not None:
        filters.append({"propertyName": "hs_object_id", "operator": "LT", "value": str(question.high)})
    body = {
        "filterGroups": [{"filters": filters}],
        "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
        "properties": list(_properties(run)),
        "limit": run.options.search_page,
    }
    return body | ({"after": question.after} if question.after else {})
