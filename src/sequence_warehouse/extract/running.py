"""One stream of one portal, from its state to files: what a task of the DAG calls."""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from sequence_warehouse.config.errors import UserError
from sequence_warehouse.extract import (
    catalog,
    definitions,
    descriptions,
    enrollments,
    events,
    landings,
    linked,
    names,
    objects,
    removals,
    state,
)
from sequence_warehouse.extract.answers import Asker
from sequence_warehouse.extract.clock import Clock, milliseconds
from sequence_warehouse.extract.connection import Account
from sequence_warehouse.extract.errors import HubspotError, Skipped
from sequence_warehouse.extract.landing import Landing
from sequence_warehouse.extract.limits import Limits
from sequence_warehouse.extract.options import Options
from sequence_warehouse.extract.progress import Progress
from sequence_warehouse.extract.state import StreamState, damaged_state
from sequence_warehouse.extract.transport import Hubspot
from sequence_warehouse.storage.layout import PORTAL, STATE

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Run:
    """Everything that a stream works with. since_ms, until_ms: a backfill's window, else None.

    removals: where is landed which of the stream's objects are gone; None for a stream of no objects.
    told: what a person should know of a run that is done, in sentences.
    """

    stream: str
    options: Options
    hubspot: Hubspot
    state: StreamState
    landing: Landing
    removals: Landing | None
    progress: Progress
    now_ms: int
    sweep: bool = False
    since_ms: int | None = None
    until_ms: int | None = None
    told: list[str] = field(default_factory=list)
    portal: str = ""

    @property
    def is_backfill(self) -> bool:
        return self.since_ms is not None or self.until_ms is not None

    def land(
        self, records: list[dict[str, Any]], label: str, remaining: int | None = None, **values: Any
    ) -> int:
        """Land one page and commit ``values`` with it."""
        landed = self.landing.land(records, label, **values)
        self.progress.page(len(records), landed, remaining)
        return landed

    def tell(self, sentence: str) -> None:
        """A sentence for the stream's summary, and for the log."""
        log.warning("%s: %s", self.stream, sentence)
        self.told.append(sentence)

    def looks_further_back(self, cursor_ms: int) -> bool:
        """Whether to look back a sweep's days: also after a clock that was ahead for a while."""
        return self.sweep or cursor_ms > self.now_ms

    def is_due(self, name: str, hours: float) -> bool:
        """Whether what is read only now and then is to be read: never read yet, long ago, or a sweep."""
        last = self.state.get(name)
        if self.sweep or self.is_backfill or last is None:
            return True
        return not 0 <= self.now_ms - last < hours * 3_600_000


def extract(
    account: Account,
    options: Options,
    stream: str,
    *,
    clock: Clock | None = None,
    sweep: bool = False,
    since: datetime | None = None,
    until: datetime | None = None,
    run_id: str = "",
    transport: httpx.BaseTransport | None = None,
    lock_wait: float = 30.0,
) -> dict[str, Any]:
    """Land what is new of one stream; returns its counts.

    sweep: look back further, as every night, and list all objects. since, until: a backfill of events that
    occurred, or objects that changed, in that window; cursors stay. lock_wait: seconds to wait for another
    process that extracts the same stream; then Busy is raised. Raises UserError when a person has to act,
    HubspotError when another attempt may do, and leaves the outcome in the stream's summary either way:
    done, failed, or skipped when HubSpot does not give this to this account.
    """
    clock = clock or Clock()
    started = datetime.fromtimestamp(clock.now(), UTC)
    summary: dict[str, Any] = {
        "portal": account.portal,
        "stream": stream,
        "run_id": run_id,
        "started_at": started.isoformat(),
        "outcome": "failed",
        "message": f"{stream} was stopped before its end; the next run goes on where it was.",
    }
    with (
        StreamState(state_folder(options.landing, account.portal), stream, lock_wait) as stream_state,
        hubspot_of(account, options, clock, stream, transport) as hubspot,
    ):
        progress = Progress(stream, hubspot)
        try:
            run = Run(
                stream,
                options,
                hubspot,
                stream_state,
                landings.of_stream(account, options, stream, stream_state, clock),
                landings.of_removals(account, options, stream, stream_state),
                progress,
                milliseconds(clock.now()),
                sweep,
                _ms(since),
                _ms(until),
                portal=account.portal,
            )
            _reader(stream)(run)
            if run.removals is not None:
                removals.land(run)
            summary |= {"outcome": "done", "message": " ".join(run.told) or None}
        except Skipped as reason:
            summary |= {"outcome": "skipped", "message": account.token.scrub(str(reason))}
            log.warning("%s: skipped. %s", stream, summary["message"])
        except sqlite3.DatabaseError as error:
            summary["message"] = damaged_state(stream, error)
            raise
        except Exception as error:
            error = readable(error, stream, hubspot)
            summary["message"] = account.token.scrub(str(error)) or type(error).__name__
            raise error from None
        finally:
            with suppress(sqlite3.DatabaseError):
                summary["cursor_ms"] = stream_state.get("cursor")
            summary |= progress.summary()
            stream_state.write_summary(summary)
        progress.tell_end()
    return summary


def readable(error: Exception, stream: str, hubspot: Hubspot) -> Exception:
    """The error as a sentence that names the stream.

    What comes from HubSpot is read as its documents describe it, not looked at member by member before: an
    answer of another shape shows as an error of Python's, which tells nobody what to do.
    """
    if isinstance(
        error, (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
    ):
        log.error("%s: an answer was not understood", stream, exc_info=error)
        reason = f"{type(error).__name__}: {str(error)[:200]}"
        return HubspotError(
            f"{stream}: HubSpot's answer to {hubspot.last or 'a request'} is not of the shape that its "
            f"documents describe ({reason}). Try again later; if it lasts, report it with the log."
        )
    if isinstance(error, HubspotError) and stream not in str(error):
        error.args = (f"{stream}: {error}",)
    return error


def _reader(stream: str) -> Callable[[Run], None]:
    if stream.startswith(names.EVENTS):
        return events.read
    if stream in catalog.OBJECTS:
        return objects.read
    if stream == catalog.EVENT_TYPES:
        return events.read_types
    if stream == "associations":
        return linked.read
    for module, streams in ((definitions, catalog.SCOPES), (descriptions, catalog.DESCRIPTIONS)):
        if stream in streams:
            reader: Callable[[Run], None] = getattr(module, f"read_{stream}")
            return reader
    if stream in catalog.ENROLLMENTS:
        return enrollments.read
    raise UserError(f"There is no stream {stream!r}.")


def hubspot_of(
    account: Account,
    options: Options,
    clock: Clock,
    stream: str,
    transport: httpx.BaseTransport | None = None,
) -> Hubspot:
    limits = Limits(
        state_folder(options.landing, account.portal),
        options.requests_per_10_seconds,
        options.searches_per_second,
        clock,
    )
    asker = Asker(account.portal, stream, account.source, options.time_zone(account.portal))
    return Hubspot(account, options, limits, asker, clock, transport)


def keep_failure(landing: Path, portal: str, stream: str, run_id: str, message: str) -> None:
    """Say why a stream was not even begun where its summary would be, for people and notifications."""
    summary = {"portal": portal, "stream": stream, "run_id": run_id, "outcome": "failed", "message": message}
    state.write_summary(state_folder(landing, portal), stream, summary)


def summaries(landing: Path, run_id: str, portal: str = "*") -> list[dict[str, Any]]:
    """How each stream of a run ended, as far as no later run has said so."""
    folder = f"{PORTAL}*" if portal == "*" else names.portal_folder(portal)
    paths = sorted((landing / STATE).glob(f"{folder}/*.json"))
    found = [_summary(path) for path in paths]
    return [summary for summary in found if summary.get("run_id") == run_id and "outcome" in summary]


def _summary(path: Path) -> dict[str, Any]:
    """A stream's summary; empty when it cannot be read: the stream's next run writes another."""
    try:
        summary = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return summary if isinstance(summary, dict) else {}


def failure_of_run(landing: Path, run_id: str, portal: str = "*") -> str | None:
    """Why a run failed, in a sentence; None when no stream has said so."""
    failed = [one for one in summaries(landing, run_id, portal) if one["outcome"] == "failed"]
    if not failed:
        return None
    more = f" ({len(failed)} streams failed)" if len(failed) > 1 else ""
    return f"{failed[0]['message']}{more}"


def state_folder(landing: Path, portal: str) -> Path:
    """Below a name that the load does not look at."""
    return landing / STATE / names.portal_folder(portal)


def _ms(moment: datetime | None) -> int | None:
    return (
        None
        if moment is None
        else milliseconds((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
    )
