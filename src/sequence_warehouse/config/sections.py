"""The sections of the settings: HubSpot, Airflow, and who is told of failures.

Each field's description is what docs/settings.md says of it.
"""

from __future__ import annotations

from dataclasses import field
from typing import Annotated, Any

from pydantic import Field
from pydantic.dataclasses import dataclass

from sequence_warehouse.config.project import home
from sequence_warehouse.config.values import (
    Amount,
    Count,
    Folder,
    Number,
    OptionalAmount,
    Text,
    Words,
    WordsByName,
)


def _says(description: str, **more: Any) -> object:
    return Field(description=description, json_schema_extra=more or None)


@dataclass(frozen=True, kw_only=True)
class HubSpotSettings:
    """How HubSpot is asked: SEQUENCE_WAREHOUSE_HUBSPOT_<FIELD>, or the section [hubspot]."""

    event_types: Annotated[
        Words,
        _says("event types to extract; `account`: all that the account lists, `seed`: those of the seed"),
    ] = ("account",)
    streams: Annotated[Words, _says("streams to extract; empty: all")] = ()
    extra_properties: Annotated[
        WordsByName, _says("properties of each object type to ask for beside those that models read")
    ] = field(default_factory=dict)
    overlap_hours: Annotated[
        Amount, _says("how late an event may appear and still be found by the next run")
    ] = 72
    sweep_days: Annotated[Amount, _says("the same, for the nightly sweep, which also lists every object")] = (
        30
    )
    object_overlap_minutes: Annotated[Amount, _says("how long HubSpot's search may take to see a change")] = (
        60
    )
    event_page: Annotated[Number, _says("events a page, at most")] = 100
    object_page: Annotated[Number, _says("objects a page, at most")] = 100
    search_page: Annotated[Number, _says("search results a page, at most")] = 200
    requests_per_10_seconds: Annotated[Count, _says("of one account, all tasks together; 0: no limit")] = 100
    searches_per_second: Annotated[Count, _says("of one account, all tasks together; 0: no limit")] = 4
    archived_hours: Annotated[Amount, _says("archived objects are read again after so long")] = 24
    performance_hours: Annotated[
        Amount, _says("HubSpot's performance numbers are read again after so long")
    ] = 24
    performance_versions: Annotated[
        Words, _says("API versions of HubSpot's performance numbers, tried in this order")
    ] = ("2026-09", "2026-09-beta")
    templates_version: Annotated[Text, _says("API version of e-mail templates")] = "2026-09-beta"
    enrollment_contacts: Annotated[
        Count, _says("contacts whose enrollment an hourly run asks for, at most")
    ] = 500
    enrollment_hours: Annotated[Amount, _says("a contact's enrollment is asked for again after so long")] = 24
    enrollment_days: Annotated[Amount, _says("and not when nothing happened to it for so long")] = 180
    timeout_seconds: Annotated[Amount, _says("of one answer, from the request to its last byte")] = 60
    answer_bytes: Annotated[Number, _says("size of one unpacked answer, at most")] = 64 * 1024 * 1024
    reach_seconds: Annotated[
        Amount, _says("HubSpot counts as unreachable when it has answered nothing for so long")
    ] = 20
    attempts: Annotated[Number, _says("of one request")] = 8
    longest_wait_seconds: Annotated[
        Amount, _says("a longer wait fails the task, with the time when it may go on")
    ] = 900
    pages_without_news: Annotated[
        Number, _says("so many pages in a row without a new record are an error")
    ] = 100


@dataclass(frozen=True, kw_only=True)
class AirflowSettings:
    """When the DAGs run, how long and how often: SEQUENCE_WAREHOUSE_<FIELD>, or the section [airflow]."""

    home: Annotated[
        Folder,
        _says("metadata, logs and password of the Airflow that this command starts", variable="AIRFLOW_HOME"),
    ] = field(default_factory=lambda: home() / ".airflow")
    portals: Annotated[Words, _says("accounts that the schedule extracts")] = ()
    extract_schedule: Annotated[
        Text, _says("cron (UTC) of the extraction; empty: by hand only", may_be_empty=True)
    ] = "@hourly"
    sweep_schedule: Annotated[
        Text, _says("cron (UTC) of the nightly sweep; empty: by hand only", may_be_empty=True)
    ] = "30 2 * * *"
    maintenance_schedule: Annotated[
        Text, _says("cron (UTC) of the maintenance; empty: by hand only", may_be_empty=True)
    ] = "40 3 * * *"
    retries: Annotated[Count, _says("attempts more of a task that failed")] = 2
    task_hours: Annotated[OptionalAmount, _says("a task is ended after so long; 0: never")] = None
    run_hours: Annotated[OptionalAmount, _says("a run is ended after so long; 0: never")] = None
    deadline_hours: Annotated[
        OptionalAmount, _says("somebody is told of a run that takes longer; 0: nobody")
    ] = None
    lock_poll_seconds: Annotated[
        Amount, _says("a waiting run looks again for the lock after so long", variable="CLAIM_SECONDS")
    ] = 15


@dataclass(frozen=True, kw_only=True)
class NotifySettings:
    """Who is told of a failed or late run: SEQUENCE_WAREHOUSE_NOTIFY_<FIELD>, or the section [notify]."""

    url: Annotated[
        Text, _says("gets a POST of JSON; its `text` is what chat services show", is_secret=True)
    ] = ""
    email: Annotated[
        Text, _says("addresses, separated by commas; the server is Airflow's connection smtp_default")
    ] = ""
