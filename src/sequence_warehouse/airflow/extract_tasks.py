"""The tasks of the extraction's DAGs: settings and tokens are looked up here, in the task's own process."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sequence_warehouse.config.errors import UserError
from sequence_warehouse.config.settings import Settings
from sequence_warehouse.extract import planning, running
from sequence_warehouse.extract.connection import Account
from sequence_warehouse.extract.errors import Busy, HubspotError
from sequence_warehouse.extract.options import Options, portals
from sequence_warehouse.storage import lock, origin, permissions

log = logging.getLogger(__name__)

VARIABLE = "sequence_warehouse_portals"
# for another run of the same stream; a sweep or a backfill may meet the first hourly run of all
HOURLY_WAIT_SECONDS = 20.0
LONGER_WAIT_SECONDS = 3600.0


def plan(params: dict, run_id: str = "") -> list[dict]:
    """The arguments of every mapped task: portal, stream, sweep. Skips the run when there is no portal."""
    from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

    permissions.keep_private()
    named = list(params.get("portals") or []) or portals() or _portals_of_variable()
    if not named:
        raise AirflowSkipException(
            f"No portal to extract: set SEQUENCE_WAREHOUSE_PORTALS or the Airflow variable {VARIABLE}."
        )
    try:
        origin.refuse_extraction(Settings.from_environment().landing)
    except UserError as error:
        raise AirflowFailException(str(error)) from None
    only = tuple(params.get("streams") or ())
    sweep = bool(params.get("sweep"))
    return [
        {"portal": portal, "stream": stream, "sweep": sweep}
        for portal in named
        for stream in _streams(portal, only, run_id)
    ]


def _streams(portal: str, only: tuple[str, ...], run_id: str) -> list[str]:
    with _mendable(portal, "plan", run_id):
        options = Options.from_environment()
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
) -> dict:
    """Land what is new of one stream, or of a backfill's window; returns its counts."""
    from airflow.sdk.exceptions import AirflowSkipException

    permissions.keep_private()
    is_by_hand = bool(os.environ.get(lock.PROCESS_VARIABLE))
    is_hourly = not (sweep or since or until)
    with _mendable(portal, stream, run_id):
        try:
            return running.extract(
                _account(portal),
                Options.from_environment(),
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


def announce(planned: list[dict] | None) -> None:
    """Nothing planned, nothing landed: the landing folder is not announced."""
    from airflow.sdk.exceptions import AirflowSkipException

    if not planned:
        raise AirflowSkipException("Nothing was to be extracted.")


def total(summaries: list[dict]) -> dict:
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
def _mendable(portal: str, stream: str, run_id: str) -> Iterator[None]:
    """What a person has to mend is not tried again; a sentence, not a traceback, is what remains of it."""
    from airflow.sdk.exceptions import AirflowFailException

    try:
        yield
        return
    except (UserError, Busy) as error:
        message, is_final = str(error), isinstance(error, UserError)
    running.keep_failure(Settings.from_environment().landing, portal, stream, run_id, message)
    raise AirflowFailException(message) if is_final else HubspotError(message)


def _portals_of_variable() -> list[str]:
    from airflow.sdk import Variable

    named = Variable.get(VARIABLE, default="") or ""
    return [word.strip() for word in named.split(",") if word.strip()]
