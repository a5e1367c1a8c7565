"""A served account, a clock that jumps, and what was landed of one and what should have been."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from hubspot_simulator.api import BEHAVIOURS, STOPPING, HubSpot, serve
from hubspot_simulator.api.faults import Plan
from sequence_warehouse.extract import Account, Options, extract, plan
from sequence_warehouse.extract.clock import Clock
from sequence_warehouse.extract.connection import Secret
from sequence_warehouse.extract.errors import Refused

TOKEN = "pat-eu1-0f7c2d5e-secret-of-the-tests"
# every property that the simulator gives and the warehouse does not read, so that records are comparable
EXTRA = {
    "contacts": ("lastmodifieddate", "createdate"),
    "companies": ("hubspot_owner_id",),
    "tasks": ("hs_task_subject", "hs_task_is_all_day"),
    "meetings": ("hs_meeting_title",),
}


class JumpingClock(Clock):
    """Sleeping takes no time: the clock, and the account that is asked, are moved on instead."""

    def __init__(self, now: float = 1_800_000_000.0, hubspot: HubSpot | None = None) -> None:
        self.time = now
        self.hubspot = hubspot
        self.slept: list[float] = []

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds
        if self.hubspot is not None:
            self.hubspot.advance(seconds)


class Extractor:
    """Extracts everything of a served account into one landing folder, again and again."""

    def __init__(self, hubspot: HubSpot, landing: Path, clock: JumpingClock | None = None, **options) -> None:
        self.hubspot = hubspot
        self.landing = landing
        self.clock = clock or JumpingClock(hubspot=hubspot)
        self.account = account_of(hubspot)
        self.options = Options(
            landing=landing,
            **{
                "requests_per_10_seconds": 0,
                "searches_per_second": 0,
                "extra_properties": EXTRA,
                "timeout_seconds": 10,
            }
            | options,
        )

    def run(self, *streams: str, **arguments) -> list[dict]:
        names = streams or plan(self.account, self.options, self.clock)
        return [self.stream(name, **arguments) for name in names]

    def stream(self, name: str, **arguments) -> dict:
        # loopback has no TLS: reading the certificates takes longer than all that is asked
        transport = httpx.HTTPTransport(verify=False)
        return extract(self.account, self.options, name, clock=self.clock, transport=transport, **arguments)


def account_of(hubspot: HubSpot) -> Account:
    return Account(
        hubspot.portal, hubspot.base_url, Secret(hubspot.token), "the environment variable HUBSPOT_TOKEN"
    )


@pytest.fixture(scope="session")
def served() -> Iterator[HubSpot]:
    """One simulated account; who sets faults or the time sets them back (see ``hubspot``)."""
    with serve(enrollments=120, seed=4, token=TOKEN) as hubspot:
        yield hubspot


@pytest.fixture
def hubspot(served: HubSpot) -> Iterator[HubSpot]:
    yield served
    served.faults = ""
    served.now = None


@pytest.fixture
def extractor(hubspot: HubSpot, tmp_path: Path) -> Extractor:
    return Extractor(hubspot, tmp_path / "landing")


def landed_lines(landing: Path) -> Iterator[tuple[str, dict]]:
    """(type, record) of every visible line, whoever wrote it."""
    for path in sorted(landing.rglob("*.jsonl*")):
        parts = path.relative_to(landing).parts
        if parts[0].startswith("_") or path.name.endswith(".tmp"):
            continue
        opener = gzip.open if path.suffix == ".gz" else open
        with opener(path, "rt") as lines:
            for line in lines:
                record = json.loads(line)
                yield record["eventType"] if parts[1] == "events" else parts[2], record


def records(landing: Path) -> Counter:
    """How often each (type, id, content) lies in a landing folder.

    Of HubSpot's performance answers, which are landed each time, the last one without when it was asked; of
    the account's description the same. Enrollments by contact are answers and no records of the account.
    """
    found: Counter = Counter()
    answers = {}
    for kind, record in landed_lines(landing):
        if kind == "sequence_enrollments":
            continue
        if kind == "accounts":
            record = {name: value for name, value in record.items() if name != "updatedAt"}
        if kind == "sequence_performance":
            record = {
                name: value for name, value in record.items() if name not in {"fetchedAt", "updatedAt", "id"}
            }
            answers[record["sequenceId"]] = (kind, record["sequenceId"], json.dumps(record, sort_keys=True))
            continue
        # lists and batches of links have orders of their own
        links = record.get("associations", {}).get("contacts", {}).get("results", [])
        links.sort(key=lambda link: link["id"])
        # half an emoji, which is no text, is landed as the sign for what cannot be shown
        content = json.dumps(record, sort_keys=True).replace('\\ud83d"', '\\ufffd"')
        found[(kind, str(record.get("id")), content)] += 1
    found.update(answers.values())
    return found


def assert_same(landing: Path, served_landing: Path) -> None:
    """Nothing lost, nothing twice, nothing else."""
    mine, theirs = records(landing), records(served_landing)
    lost, more = theirs - mine, mine - theirs
    assert not lost, f"{sum(lost.values())} lost, e.g. {next(iter(lost))}"
    assert not more, f"{sum(more.values())} too many, e.g. {next(iter(more))}"


def alone(fault: str) -> str:
    """A plan in which one fault strikes again and again; one that stops strikes the fortieth request, or the
    ninth for objects: an event type that is refused by itself is left out."""
    if fault in BEHAVIOURS:
        return "414:260/objects" if fault == "414" else fault
    if fault in STOPPING:
        return f"{fault}@9/objects" if fault == "403" else f"{fault}@40"
    if fault == "late-events":
        return "late-events:60h@0.5"
    return f"{fault}:0.02@0.15" if fault == "slow" else f"{fault}@0.15,seed=11"


def extract_under(extractor: Extractor, plan: str) -> None:
    """Extract everything under a plan of faults, with the runs that it takes in life.

    Where events are late, a run every two days follows the account's last weeks; what stops a run is mended
    before the next one.
    """
    hubspot, faults = extractor.hubspot, {rule.fault for rule in Plan(plan).rules}
    hubspot.faults = plan
    if "late-events" in faults:
        end = hubspot.newest + timedelta(hours=extractor.options.overlap_hours)
        for days in range(20, -1, -2):
            hubspot.now = end - timedelta(days=days)
            extractor.clock.time = hubspot.now.timestamp()
            extractor.run()
    elif faults & set(STOPPING):
        with pytest.raises(Refused):
            extractor.run()
        hubspot.faults = ""
        extractor.run()
    else:
        extractor.run()
