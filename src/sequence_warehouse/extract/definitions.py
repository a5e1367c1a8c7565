"""Small things that are read whole: owners, pipelines, sequences with their steps, their performance.

As each run lists all of them, one that is a sweep has swept once it comes to its end.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from sequence_warehouse.extract import removals
from sequence_warehouse.extract.clock import iso
from sequence_warehouse.extract.errors import BadRequest, Forbidden, NotFound, Refused
from sequence_warehouse.extract.sequences import Sequences
from sequence_warehouse.extract.transport import segment

if TYPE_CHECKING:
    from sequence_warehouse.extract.running import Run

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
    for answer, _ in run.hubspot.walk(lambda after: run.hubspot.page("/crm/v3/pipelines/deals", after=after)):
        run.land(answer["results"], "deals")
    _end(run)


def read_sequences(run: Run) -> None:
    """Every sequence of every user with its steps; again only where the list shows another time of change.

    A sweep reads all of them again. A user, or a sequence, that HubSpot refuses (400, 403) is told, and the
    sweep is then none; all of them refused is a failure.
    """
    _begin(run)
    known: dict[str, str] = {} if run.sweep or run.is_backfill else run.state.get("versions", {})
    versions: dict[str, str] = {}
    listing = Sequences(run, _users(run))
    refused: list[BadRequest | Forbidden] = []
    for sequence, user_id in listing:
        sequence_id = str(sequence["id"])
        version = f"{sequence.get('updatedAt')}"
        if known.get(sequence_id) == version:
            versions[sequence_id] = version
            continue
        try:
            whole = run.hubspot.get(
                f"/automation/v4/sequences/{segment(sequence_id)}",
                is_whole=partial(_has_id, sequence_id),
                userId=user_id,
            )
        except NotFound:  # deleted since it was listed
            continue
        except (BadRequest, Forbidden) as error:
            refused.append(error)
            continue
        versions[sequence_id] = version
        run.land([whole], f"sequence-{sequence_id}")
    if refused and not versions:
        raise refused[0]
    if refused:
        run.tell(f"{len(refused)} sequences could not be read. {refused[0]}")
    _end(run, is_complete=listing.is_complete and not refused, versions=versions)


def read_sequence_performance(run: Run) -> None:
    """HubSpot's own numbers of every sequence: its answer, the sequence's id and when it was asked.

    The path has a version, which HubSpot changes: the first that answers is kept. Raises Refused when there
    are sequences and no version knows any of them.
    """
    if not run.is_due("cursor", run.options.performance_hours):
        return
    versions = list(run.options.performance_versions)
    if (last := run.state.get("version")) in versions:
        versions.sort(key=lambda version: version != last)
    asked = answered = 0
    for sequence, _ in Sequences(run, _users(run)):
        sequence_id = str(sequence["id"])
        asked += 1
        for version in versions:
            service = f"/automation/sequences/{version}/serviceaccounts/sequences"
            path = f"{service}/{segment(sequence_id)}/performance"
            try:
                answer = run.hubspot.get(path, timelineInterval="WEEK")
            except NotFound:  # the sequence was deleted, or there is no such version
                continue
            answered += 1
            versions = [version]
            asked_at = iso(run.now_ms)
            record = {"id": sequence_id, "sequenceId": sequence_id, "updatedAt": asked_at, **answer}
            run.land([{**record, "fetchedAt": asked_at}], f"sequence-{sequence_id}", version=version)
            break
    if asked and not answered:
        raise Refused(
            f"HubSpot has performance numbers of none of {asked} sequences of portal {run.hubspot.portal} "
            f"(404) under the versions {', '.join(versions) or '(none)'} of the path /automation/sequences/"
            "<version>/serviceaccounts/sequences/<id>/performance: name the one in HubSpot's documents in "
            "SEQUENCE_WAREHOUSE_HUBSPOT_PERFORMANCE_VERSIONS, or leave the stream sequence_performance out."
        )
    run.state.commit(cursor=run.now_ms)


def _has_id(wanted: str, found: dict[str, Any]) -> bool:
    return str(found.get("id")) == wanted


def _users(run: Run) -> list[str]:
    """Ids of everybody who is or was an owner."""
    users: dict[str, None] = {}
    for archived in (False, True):
        for page in _owner_pages(run, archived):
            for owner in page:
                # an owner who left has no userId any more, but may have been somebody's user
                user_id = owner.get("userId") or owner.get("userIdIncludingInactive")
                if user_id:
                    users[str(user_id)] = None
    return list(users)


def _owner_pages(run: Run, archived: bool) -> Iterator[list[dict[str, Any]]]:
    def ask(after: str | None) -> dict[str, Any]:
        return run.hubspot.page("/crm/v3/owners", limit=PAGE, after=after, archived=archived)

    for answer, _ in run.hubspot.walk(ask):
        yield answer["results"]


def _begin(run: Run) -> None:
    if run.sweep:
        removals.begin_sweep(run)


def _end(run: Run, is_complete: bool = True, **values: Any) -> None:
    run.state.commit(cursor=run.now_ms, is_swept=(run.sweep and is_complete) or None, **values)
