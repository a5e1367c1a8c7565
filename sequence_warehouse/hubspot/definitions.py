"""Small things that are read whole: owners, pipelines, sequences with their steps, their performance.

As each run lists all of them, one that is a sweep has swept once it comes to its end.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from sequence_warehouse.hubspot import removals
from sequence_warehouse.hubspot.clock import iso
from sequence_warehouse.hubspot.errors import NotFound
from sequence_warehouse.hubspot.paging import walk

if TYPE_CHECKING:
    from sequence_warehouse.hubspot.running import Run

log = logging.getLogger(__name__)

PAGE = 100


def read_owners(run: Run) -> None:
    """Every owner, also those who left: their sequences and enrollments stay."""
    _begin(run)
    for archived in (False, True):
        for page in _owner_pages(run, archived):
            run.land(page, "archived" if archived else "active")
    _end(run)


def read_pipelines(run: Run) -> None:
    """The pipelines of deals, each with its stages."""
    _begin(run)
    run.land(run.hubspot.page("/crm/v3/pipelines/deals")["results"], "deals")
    _end(run)


def read_sequences(run: Run) -> None:
    """Every sequence of every user with its steps; again only where the list shows another time of change.

    A sweep reads all of them again.
    """
    _begin(run)
    known: dict[str, str] = {} if run.sweep or run.is_backfill else run.state.get("versions", {})
    versions: dict[str, str] = {}
    listing = _Sequences(run)
    for sequence, user_id in listing:
        sequence_id = str(sequence["id"])
        version = versions[sequence_id] = f"{sequence.get('updatedAt')}"
        if known.get(sequence_id) == version:
            continue
        try:
            whole = run.hubspot.get(f"/automation/v4/sequences/{sequence_id}", userId=user_id)
        except NotFound:  # deleted since it was listed
            continue
        run.land([whole], f"sequence-{sequence_id}")
    _end(run, is_complete=listing.is_complete, versions=versions)


def read_sequence_performance(run: Run) -> None:
    """HubSpot's own numbers of every sequence: its answer, the sequence's id and when it was asked."""
    if not run.is_due("cursor", run.options.performance_hours):
        return
    for sequence, _ in _Sequences(run):
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


class _Sequences:
    """(sequence as listed, id of a user who sees it), each sequence once.

    is_complete: whether, at the end, every user's list was answered and as long as it said it would be.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self.is_complete = True

    def __iter__(self) -> Iterator[tuple[dict, str]]:
        seen: set[str] = set()
        for user_id in self._users():
            listed: set[str] = set()
            total = 0
            try:
                for answer, _ in walk(partial(self._ask, user_id)):
                    total = answer.get("total") or 0
                    for sequence in answer["results"]:
                        sequence_id = str(sequence["id"])
                        listed.add(sequence_id)
                        if sequence_id not in seen:
                            seen.add(sequence_id)
                            yield sequence, user_id
            except NotFound:
                log.info("%s: HubSpot knows no user %s any more", self._run.stream, user_id)
                self.is_complete = False
            if len(listed) < total:
                log.warning("%s: %s of %s of user %s listed", self._run.stream, len(listed), total, user_id)
                self.is_complete = False

    def _ask(self, user_id: str, after: str | None) -> dict:
        return self._run.hubspot.page("/automation/v4/sequences", userId=user_id, limit=PAGE, after=after)

    def _users(self) -> list[str]:
        users: dict[str, None] = {}
        for archived in (False, True):
            for page in _owner_pages(self._run, archived):
                for owner in page:
                    # an owner who left has no userId any more, but may have been somebody's user
                    user_id = owner.get("userId") or owner.get("userIdIncludingInactive")
                    if user_id:
                        users[str(user_id)] = None
        return list(users)


def _begin(run: Run) -> None:
    if run.sweep:
        removals.begin_sweep(run)


def _end(run: Run, is_complete: bool = True, **values: object) -> None:
    run.state.commit(cursor=run.now_ms, is_swept=(run.sweep and is_complete) or None, **values)
