"""The tasks of the extraction's DAGs: settings and tokens are looked up here, in the task's own process."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from sequence_warehouse.airflow.task_errors import begin, final_user_errors
from sequence_warehouse.config.errors import UserError
from sequence_warehouse.config.settings import Settings
from sequence_warehouse.extract import planning, running
from sequence_warehouse.extract.connection import Account
from sequence_warehouse.extract.errors import Busy, HubspotError
from sequence_warehouse.extract.options import Options
from sequence_warehouse.storage import lock, origin

log = logging.getLogger(__name__)

VARIABLE = "sequence_warehouse_portals"
# for another run of the same stream; a sweep or a backfill may meet the first hourly run of all
HOURLY_WAIT_SECONDS = 20.0
LONGER_WAIT_SECONDS = 3600.0


def plan(params: dict[str, Any], run_id: str = "") -> list[dict[str, Any]]:
    """The arguments of every mapped task: portal, stream, sweep. Skips the run when there is no portal."""
    settings = begin()
    named = list(params.get("portals") or []) or list(settings.airflow.portals) or _portals_of_variable()
    if not named:
        raise AirflowSkipException(
            f"No portal to extract: set SEQUENCE_WAREHOUSE_PORTALS or the Airflow variable {VARIABLE}."
        )
    with final_user_errors():
        origin.refuse_extraction(settings.landing)
    only = tuple(params.get("streams") or ())
    sweep = bool(params.get("sweep"))
    return [
        {"portal": portal, "stream": stream, "sweep": sweep}
        for portal in named
        for stream in _streams(settings, portal, only, run_id)
    ]


def _streams(settings: Settings, portal: str, only: tuple[str, ...], run_id: str) -> list[str]:
    with _failure_kept(settings, portal, "plan", run_id):
        options = Options.of(settings)
        try:
            account = _account(portal)
        except UserError as error:
            # its task will fail with the same sentence; the other portals go on
            log.warning("%s", error)
            return ["owners"]
        return planning.plan(account, options, only=only, run_id=run_id)


def extract(
    portal: str,
    stream: str,
    sweep: bool = False,
    run_id: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> dict[str, Any]:
    """Land what is new of one stream, or of a backfill's window; returns its counts."""
    settings = begin()
    is_by_hand = bool(os.environ.get(lock.PROCESS_VARIABLE))
    is_hourly = not (sweep or since or until)
    with _failure_kept(settings, portal, stream, run_id):
        try:
            return running.extract(
                _account(portal),
                Options.of(settings),
                stream,
                sweep=sweep,
                since=since,
                until=until,
                run_id=run_id,
                lock_wait=HOURLY_WAIT_SECONDS if is_hourly or is_by_hand else LONGER_WAIT_SECONDS,
            )
        except Busy as error:
            if is_hourly and not is_by_hand:  # the next hour brings what the other run has not
                raise AirflowSkipException(str(error)) from None
            raise


def plan_window(params: Any) -> list[dict[str, Any]]:
    """What a backfill extracts, one item a stream: the arguments of `extract_window`. No portal: nothing."""
    portal, since, until = params["portal"], params["from"], params["to"]
    if not portal:
        log.info("no portal was named: nothing is extracted")
        return []
    if not since:
        raise AirflowFailException("A window needs its first day: give `from`, as in 2026-01-31.")
    if until and until <= since:
        raise AirflowFailException(f"The window ends ({until}) before it begins ({since}).")
    planned = plan({"portals": [portal], "streams": list(params["streams"])})
    return [
        {"portal": item["portal"], "stream": item["stream"], "since": since, "until": until}
        for item in planned
    ]


def extract_window(portal: str, stream: str, since: str, until: str | None, run_id: str) -> dict[str, Any]:
    """Land one stream's records of a window of days; what is there already is loaded once only."""
    first, last = (datetime.fromisoformat(day).replace(tzinfo=UTC) if day else None for day in (since, until))
    return extract(portal, stream, run_id=run_id, since=first, until=last)


def announce(planned: list[dict[str, Any]] | None) -> None:
    """Nothing planned, nothing landed: the landing folder is not announced."""
    if not planned:
        raise AirflowSkipException("Nothing was to be extracted.")


def total(summaries: list[dict[str, Any]]) -> dict[str, Any]:
    """Counts of all streams together."""
    summaries = list(summaries)
    counts = ("pages", "records", "landed", "requests", "retries")
    skipped = [f"{one['portal']} {one['stream']}" for one in summaries if one["outcome"] == "skipped"]
    return {"streams": len(summaries), "skipped": skipped} | {
        name: sum(summary[name] for summary in summaries) for name in counts
    }


def _account(portal: str) -> Account:
    from airflow.sdk.log import mask_secret

    account = Account.find(portal)
    mask_secret(account.token.reveal())
    return account


@contextmanager
def _failure_kept(settings: Settings, portal: str, stream: str, run_id: str) -> Iterator[None]:
    """Why a stream failed is kept for the end of the run; what a person has to mend is not tried again."""
    try:
        yield
        return
    except (UserError, Busy) as error:
        message, is_final = str(error), isinstance(error, UserError)
    running.keep_failure(settings.landing, portal, stream, run_id, message)
    raise AirflowFailException(message) if is_final else HubspotError(message)


def _portals_of_variable() -> list[str]:
    from airflow.sdk import Variable

    named = Variable.get(VARIABLE, default="") or ""
    return [word.strip() for word in named.split(",") if word.strip()]
