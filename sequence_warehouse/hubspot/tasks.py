"""The tasks of the extraction's DAGs: settings and tokens are looked up here, in the task's own process."""

from __future__ import annotations

from datetime import datetime

from sequence_warehouse.hubspot import running
from sequence_warehouse.hubspot.connection import Account
from sequence_warehouse.hubspot.options import Options, portals
from sequence_warehouse.settings import UserError

VARIABLE = "sequence_warehouse_portals"


def plan(params: dict, run_id: str = "") -> list[dict]:
    """The arguments of every mapped task: portal, stream, sweep. Skips the run when there is no portal."""
    from airflow.sdk.exceptions import AirflowSkipException

    named = list(params.get("portals") or []) or portals() or _portals_of_variable()
    if not named:
        raise AirflowSkipException(
            f"No portal to extract: set SEQUENCE_WAREHOUSE_PORTALS or the Airflow variable {VARIABLE}."
        )
    only = tuple(params.get("streams") or ())
    sweep = bool(params.get("sweep"))
    return [
        {"portal": portal, "stream": stream, "sweep": sweep}
        for portal in named
        for stream in _mendable(
            lambda portal=portal: running.plan(_account(portal), _options(), only=only, run_id=run_id)
        )
    ]


def extract(
    portal: str,
    stream: str,
    sweep: bool = False,
    run_id: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> dict:
    """Land what is new of one stream, or of a backfill's window; returns its counts."""
    return _mendable(
        lambda: running.extract(
            _account(portal), _options(), stream, sweep=sweep, since=since, until=until, run_id=run_id
        )
    )


def announce(planned: list[dict] | None) -> None:
    """Nothing planned, nothing landed: the landing folder is not announced."""
    from airflow.sdk.exceptions import AirflowSkipException

    if not planned:
        raise AirflowSkipException("Nothing was to be extracted.")


def total(summaries: list[dict]) -> dict:
    """Counts of all streams together."""
    summaries = list(summaries)
    counts = ("pages", "records", "landed", "requests", "retries")
    return {"streams": len(summaries)} | {
        name: sum(summary[name] for summary in summaries) for name in counts
    }


def _account(portal: str) -> Account:
    from airflow.sdk.log import mask_secret

    account = Account.find(portal)
    mask_secret(account.token.reveal())
    return account


def _options() -> Options:
    return Options.from_environment()


def _mendable(work):
    """What a person has to mend is not tried again; a sentence, not a traceback, is what remains of it."""
    from airflow.sdk.exceptions import AirflowFailException

    try:
        return work()
    except UserError as error:
        message = str(error)
    raise AirflowFailException(message)


def _portals_of_variable() -> list[str]:
    from airflow.sdk import Variable

    named = Variable.get(VARIABLE, default="") or ""
    return [word.strip() for word in named.split(",") if word.strip()]
