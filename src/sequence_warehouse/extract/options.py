"""The settings of an extraction, read from the environment; nothing of HubSpot's is a constant elsewhere."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from sequence_warehouse import seeds
from sequence_warehouse.config.errors import UserError
from sequence_warehouse.config.project import PROJECT
from sequence_warehouse.config.settings import Settings
from sequence_warehouse.extract.paging import MOST_WITHOUT_NEWS

PREFIX = "SEQUENCE_WAREHOUSE_HUBSPOT_"


@dataclass(frozen=True)
class Options:
    """landing: the folder to extract into.

    event_types: which to pull; the word ``account`` stands for all that the account lists, ``seed`` for
    those of the seed. streams: which to pull, empty for all. extra_properties: of each object type, beside
    those the models read.
    overlap_hours: how late an event may appear and still be found by the next run; sweep_days: by the
    nightly sweep, which lists every object besides. object_overlap_minutes: how long HubSpot's search may
    take to see a change.
    event_page, object_page, search_page: records a page at the most.
    requests_per_10_seconds, searches_per_second: of one account, all tasks together; 0: no limit.
    archived_hours, performance_hours: archived objects and performance are read again after so long.
    performance_versions: of the path of HubSpot's performance numbers, tried in this order.
    templates_version: of the path of e-mail templates.
    enrollment_contacts: contacts whose enrollment an hourly run asks for at the most; enrollment_hours: each
    is asked for again after so long; enrollment_days: not when nothing happened to it for so long.
    timeout_seconds: of one answer, from the question to its last byte. answer_bytes: of one, unpacked: a page
    of 200 records has a few hundred kilobytes. reach_seconds: HubSpot is not to be reached when it has
    answered nothing for so long from the first question on. attempts: of one request. longest_wait_seconds:
    a longer wait fails the task, with the time when it may go on.
    pages_without_news: so many in a row without a record that did not come before are an error.
    """

    landing: Path
    event_types: tuple[str, ...] = ("account",)
    streams: tuple[str, ...] = ()
    extra_properties: dict[str, tuple[str, ...]] = field(default_factory=dict)
    overlap_hours: float = 72
    sweep_days: float = 30
    object_overlap_minutes: float = 60
    event_page: int = 100
    object_page: int = 100
    search_page: int = 200
    requests_per_10_seconds: int = 100
    searches_per_second: int = 4
    archived_hours: float = 24
    performance_hours: float = 24
    performance_versions: tuple[str, ...] = ("2026-09", "2026-09-beta")
    templates_version: str = "2026-09-beta"
    enrollment_contacts: int = 500
    enrollment_hours: float = 24
    enrollment_days: float = 180
    timeout_seconds: float = 60
    answer_bytes: int = 64 * 1024 * 1024
    reach_seconds: float = 20
    attempts: int = 8
    longest_wait_seconds: float = 900
    pages_without_news: int = MOST_WITHOUT_NEWS
    seeds: Path = PROJECT / "seeds"

    @classmethod
    def from_environment(cls) -> Options:
        """SEQUENCE_WAREHOUSE_LANDING, and SEQUENCE_WAREHOUSE_HUBSPOT_<OPTION> for each of the others.

        Lists are separated by commas; EXTRA_PROPERTIES is ``contacts:lifecyclestage,jobtitle;deals:…``.
        Raises UserError when a value cannot be read.
        """
        values: dict = {"seeds": Settings.from_environment().project / "seeds"}
        for name, kind in cls.__annotations__.items():
            text = os.environ.get(PREFIX + name.upper())
            if not text or kind == "Path":
                continue
            try:
                readers = {"int": int, "float": float, "str": str.strip, "tuple[str, ...]": _words}
                values[name] = readers.get(kind, _by_type)(text)
            except ValueError:
                raise UserError(f"{PREFIX}{name.upper()} cannot be read: {text!r}.") from None
        return cls(landing=Settings.from_environment().landing, **values)

    def seed_types(self, *kinds: str) -> tuple[str, ...]:
        """The event types that the seed knows, or those of some kinds."""
        rows = seeds.rows(self.seeds / "event_types.csv")
        return tuple(row["event_type"] for row in rows if not kinds or row["kind"] in kinds)

    def time_zone(self, portal: str) -> str:
        """Of the account, by the seed ``accounts``: its daily limit starts anew at its midnight."""
        zones = {row["portal_id"]: row["time_zone"] for row in seeds.rows(self.seeds / "accounts.csv")}
        zone = zones.get(portal)
        return zone if zone and seeds.is_time_zone(zone) else "UTC"


def portals() -> list[str]:
    """The accounts that the schedule extracts: SEQUENCE_WAREHOUSE_PORTALS, separated by commas."""
    return list(_words(os.environ.get("SEQUENCE_WAREHOUSE_PORTALS", "")))


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _by_type(text: str) -> dict[str, tuple[str, ...]]:
    pairs = [part.split(":", 1) for part in text.split(";") if part.strip()]
    return {name.strip(): _words(words) for name, words in pairs}
