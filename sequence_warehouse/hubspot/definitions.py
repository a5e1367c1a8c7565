"""Small things that are read whole: owners, pipelines, sequences with their steps, their performance."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING

from sequence_warehouse.hubspot.clock import iso
from sequence_warehouse.hubspot.errors import NotFound
from sequence_warehouse.hubspot.paging import walk

if TYPE_CHECKING:
    from sequence_warehouse.hubspot.running import Run

log = logging.getLogger(__name__)

PAGE = 100


def read_owners(run: Run) -> None:
    """Every owner, also those who left: their sequences and enrollments stay."""
    for archived in (False, True):
        for page in _owner_pages(run, archived):
            run.land(page, "archived" if archived else "active")
    run.state.commit(cursor=run.now_ms)


def read_pipelines(run: Run) -> None:
    """The pipelines of deals, each with its stages."""
    run.land(run.hubspot.page("/crm/v3/pipelines/deals")["results"], "deals")
    run.state.commit(cursor=run.now_ms)


def read_sequences(run: Run) -> None:
    """Every sequence of every user with its steps; again only where the list shows another time of change.

    A sweep reads all of them again.
    """
    known: dict[str, str] = {} if run.sweep or run.is_backfill else run.state.get("versions", {})
    versions: dict[str, str] = {}
    for sequence, user_id in _sequences(run):
        sequence_id = str(sequence["id"])
        version = versions[sequence_id] = f"{sequence.get('updatedAt')}"
        if known.get(sequence_id) == version:
            continue
        try:
            whole = run.hubspot.get(f"/automation/v4/sequences/{sequence_id}", userId=user_id)
        except NotFound:  # deleted since it was listed
            continue
        run.land([whole], f"sequence-{sequence_id}")
    run.state.commit(versions=versions, cursor=run.now_ms)


def read_sequence_performance(run: Run) -> None:
    """HubSpot's own numbers of every sequence: its answer, the sequence's id and when it was asked."""
    if not run.is_due("cursor", run.options.performance_hours):
        return
    for sequence, _ in _sequences(run):
        sequence_id = str(sequence["id"])
        path = f"/automation/sequences/2026-09/serviceaccounts/sequences/{sequence_id}/performance"
        try:
            answer = run.hubspot.get(path, timelineInterval="WEEK")
        except NotFound:
            continue
        asked_at = iso(run.now_ms)
        record = {"id": sequence_id, "sequenceId": sequence_id, "updatedAt": asked_at, **answer}
        run.land([{**record, "fetchedAt": asked_at}], f"sequence-{sequence_id}")
    run.state.commit(cursor=run.now_ms)


def _owner_pages(run: Run, archived: bool) -> Iterator[list[dict]]:
    def ask(after: str | None) -> dict:
        return run.hubspot.page("/crm/v3/owners", limit=PAGE, after=after, archived=archived)

    for answer, _ in walk(ask):
        yield answer["results"]


def _sequences(run: Run) -> Iterator[tuple[dict, str]]:
    """(sequence as listed, id of a user who sees it), each sequence once."""
    seen: set[str] = set()
    users: dict[str, None] = {}
    for archived in (False, True):
        for page in _owner_pages(run, archived):
            for owner in page:
                # an owner who left has no userId any more, but may have been somebody's user
                user_id = owner.get("userId") or owner.get("userIdIncludingInactive")
                if user_id:
                    users[str(user_id)] = None
    for user_id in users:

        def ask(after: str | None, user_id: str = user_id) -> dict:
            return run.hubspot.page("/automation/v4/sequences", userId=user_id, limit=PAGE, after=after)

        try:
            for answer, _ in walk(ask):
                for sequence in answer["results"]:
                    if str(sequence["id"]) not in seen:
                        seen.add(str(sequence["id"]))
                        yield sequence, user_id
        except NotFound:
            log.info("%s: HubSpot knows no user %s any more", run.stream, user_id)
