"""The settings of an extraction, and what it reads of the seeds."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

from pydantic.dataclasses import dataclass

from sequence_warehouse import seeds
from sequence_warehouse.config.project import PROJECT
from sequence_warehouse.config.sections import HubSpotSettings
from sequence_warehouse.config.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Options(HubSpotSettings):
    """How HubSpot is asked. landing: the folder to extract into. seeds: the folder of the seeds."""

    landing: Path
    seeds: Path = PROJECT / "seeds"

    @classmethod
    def of(cls, settings: Settings) -> Options:
        section = settings.hubspot
        values = {one.name: getattr(section, one.name) for one in fields(section)}
        return cls(landing=settings.landing, seeds=settings.project / "seeds", **values)

    def seed_types(self, *kinds: str) -> tuple[str, ...]:
        """The event types that the seed knows, or those of some kinds."""
        rows = seeds.rows(self.seeds / "event_types.csv")
        return tuple(row["event_type"] for row in rows if not kinds or row["kind"] in kinds)

    def time_zone(self, portal: str) -> str:
        """Of the account, by the seed ``accounts``: its daily limit starts anew at its midnight."""
        zones = {row["portal_id"]: row["time_zone"] for row in seeds.rows(self.seeds / "accounts.csv")}
        zone = zones.get(portal)
        return zone if zone and seeds.is_time_zone(zone) else "UTC"
