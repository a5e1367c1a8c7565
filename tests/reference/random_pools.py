"""What a random account is drawn from: few ids and few times, so that everything meets everything."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from . import values
from .attribution import AFTER_FINISH, SAME_ACT
from .facts import event_types

TYPE_OF_KIND = {kind: name for name, (kind, _) in event_types().items() if kind != "other"}

# Instants around which things happen; the first four are midnights of a new month in Oslo, in
# New York and in UTC, and the change of rules of 2022.
ANCHORS = (
    datetime(2024, 1, 31, 23, 0, tzinfo=UTC),
    datetime(2024, 2, 1, 5, 0, tzinfo=UTC),
    datetime(2024, 2, 1, 0, 0, tzinfo=UTC),
    datetime(2022, 7, 11, 0, 0, tzinfo=UTC),
    datetime(2024, 3, 6, 12, 0, tzinfo=UTC),
    datetime(2024, 3, 31, 1, 0, tzinfo=UTC),
)

TIME_ZONES = ("UTC", "Europe/Oslo", "America/New_York")

ACT = SAME_ACT.total_seconds()
WEEK = AFTER_FINISH.total_seconds()
# Seconds from a time already used to the next one.
DISTANCES = (
    *(0.0,) * 6,
    *(ACT, -ACT, ACT + 1, -ACT - 1, ACT + 0.001, ACT / 2, -ACT / 2, 1.0, -1.0) * 2,
    *(3600.0, 86400.0, 2 * 86400.0, -86400.0) * 2,
    *(WEEK, WEEK + 1, WEEK - 1, WEEK + ACT, WEEK + ACT + 1, WEEK + 0.001, -WEEK),
    30 * 86400.0,
)
GARBAGE_STEPS = ("abc", "-1", "2.5", "1,0")


class Account:
    """Pools to draw from, and the records drawn so far."""

    def __init__(self, rng: random.Random, portal_id: str) -> None:
        self.rng = rng
        self.portal_id = portal_id
        self.contacts = rng.sample(["9", "10", "101", "1020"], rng.randint(1, 4))
        self.sequences = ["71", "8", "72"][: rng.choice([1, 1, 2, 3])]
        self.enrollment_ids = rng.sample(["9001", "9002", "10001", "E-1", "E-2", "95"], 5)
        self.templates = ["501", "502", "503"][: rng.randint(1, 3)]
        self.users = ["31", "32"][: rng.randint(1, 2)]
        self.companies = ["801", "802"]
        self.times = rng.sample(ANCHORS, rng.randint(1, 2))
        self.lengths: list[int] = []  # milliseconds from the start of a sequence to its end
        self.is_quiet = self.chance(0.12)  # nobody answers, and few are written to
        self.is_bouncing = self.chance(0.1)  # no e-mail arrives
        if self.is_bouncing:
            self.users = self.users[:1]
        if self.is_quiet:
            self.contacts = self.contacts[:2]
        self.used_ids: set[tuple[str, str]] = set()
        self.records: list[dict] = []

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    def near(self) -> datetime:
        """A time at, or at a telling distance from, a time that was used before."""
        at = self.rng.choice(self.times) + timedelta(seconds=self.rng.choice(DISTANCES))
        return self.use(at)

    def use(self, at: datetime) -> datetime:
        self.times.append(at)
        return at

    def time_value(self, at: datetime) -> str | int:
        """The time as HubSpot writes it: mostly ISO text, sometimes epoch milliseconds."""
        form = self.rng.random()
        if form < 0.12:
            return round(at.timestamp() * 1000)
        if form < 0.16:
            return self.rng.choice([f"{at.timestamp():.3f}", round(at.timestamp() * 1000) * 1000])
        if form < 0.2:
            return at.strftime("%Y%m%dT%H%M%S.") + f"{at.microsecond // 1000:03d}Z"
        return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def id_value(self, object_id: str) -> str | int | float:
        """An id as it may be written: mostly text, sometimes a number, or the text of one."""
        if not object_id.isdigit() or self.chance(0.85):
            return object_id
        return self.rng.choice([int(object_id), float(object_id), f"{object_id}.0", f" {object_id}"])

    def no_id(self) -> str:
        """A value that says that there is no id, or a number that is none."""
        return self.rng.choice(["", "", "", "NULL", "N/A", "\\N", "5.12E+11"])

    def add(self, kind: str, record: dict) -> None:
        self.records.append({"portal_id": self.portal_id, "kind": kind, "record": record})

    def happened(self) -> list[tuple[str, str | int]]:
        """(object id, time) of every event so far."""
        read = [one["record"] for one in self.records if one["kind"] == "event"]
        return [(values.id_text(event["objectId"]), event["occurredAt"]) for event in read]

    def step_text(self, order: int) -> str | int:
        form = self.rng.random()
        if form < 0.05:
            return self.rng.choice(GARBAGE_STEPS)
        if form < 0.15:
            return f"{order}.0"
        return order if form < 0.2 else str(order)

    def event(self, kind: str, at: datetime, contact: str, **given: object) -> None:
        """Add an event; a value None is left out or written as ""."""
        event_type = TYPE_OF_KIND.get(kind, kind)
        event_id = str(self.rng.randint(1, 30))
        while (event_type, event_id) in self.used_ids:
            event_id = f"{self.rng.randint(1, 30)}-{self.rng.randint(1, 30)}"
        self.used_ids.add((event_type, event_id))
        properties = {}
        for name, value in given.items():
            is_id = name.endswith(("_id", "_by"))
            if value is not None:
                properties[name] = self.id_value(value) if is_id else value
            elif self.chance(0.5):
                properties[name] = self.no_id() if is_id else ""
            if name in properties and self.chance(0.03):
                properties[name] = {"value": properties[name], "timestamp": 1767603600000}
        if self.chance(0.03):
            properties["hs_flow_id"] = "66"
        elif self.chance(0.3):
            properties["hs_flow_id"] = ""
        for name in ("hs_browser", 'odd "name"'):
            if self.chance(0.1):
                properties[name] = self.rng.choice(["", "Firefox", 5])
        record = {
            "eventType": event_type,
            "id": event_id,
            "objectId": self.id_value(contact),
            "objectType": self.rng.choices(["CONTACT", "contact", "0-1", "", "DEAL"], [88, 4, 3, 2, 3])[0],
            "occurredAt": self.time_value(at),
            "properties": properties,
        }
        if record["objectType"] == "" and self.chance(0.5):
            del record["objectType"]
        self.add("event", record)
