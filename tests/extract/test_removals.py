"""What vanishes from HubSpot without being archived is found by a complete sweep, and by nothing less."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
from collections import defaultdict
from contextlib import nullcontext

import httpx
import pytest

from sequence_warehouse.build.dbt_build import build
from sequence_warehouse.config.project import PROJECT
from sequence_warehouse.config.settings import Settings
from sequence_warehouse.extract import extract
from sequence_warehouse.extract.errors import HubspotError
from sequence_warehouse.extract.state import StreamState
from sequence_warehouse.load import load
from sequence_warehouse.storage.database import connect
from tests.extract.conftest import Extractor, landed_lines, records
from tests.hubspot_simulator.api.conftest import client_of, walk
from tests.support.projects import light_project

# Of lists that are no CRM objects.
PATHS = {
    "owners": "/crm/v3/owners",
    "pipelines": "/crm/v3/pipelines/deals",
    "templates": "/automation/email-templates/2026-09-beta",
}


def told(landing) -> dict[str, list[dict]]:
    """The versions of each removal, in the order in which they were landed, by its id."""
    found = defaultdict(list)
    for kind, record in landed_lines(landing):
        if kind == "removals":
            found[record["id"]].append(record)
    return dict(found)


def is_missing(landing) -> set[str]:
    """Ids of the removals in force."""
    latest = {one: max(versions, key=lambda v: v["updatedAt"]) for one, versions in told(landing).items()}
    return {one for one, version in latest.items() if not version["archived"]}


def landed_ids(landing, kind: str) -> set[str]:
    return {f"{kind}/{record['id']}" for name, record in landed_lines(landing) if name == kind}


def vanished(hubspot, kind: str) -> set[str]:
    """Ids of the objects of a landing folder that its account does not list."""
    with client_of(hubspot) as client:
        path = PATHS.get(kind, f"/crm/v3/objects/{kind}")
        if kind == "sequences":
            owners = walk(client, "/crm/v3/owners") + walk(client, "/crm/v3/owners", archived="true")
            users = {owner.get("userId") or owner["userIdIncludingInactive"] for owner in owners}
            listed = [one for user in users for one in walk(client, "/automation/v4/sequences", userId=user)]
        else:
            listed = walk(client, path)
            if kind != "templates":
                listed += walk(client, path, archived="true")
    return landed_ids(hubspot.landing, kind) - {f"{kind}/{record['id']}" for record in listed}


@pytest.mark.parametrize(
    ("kind", "share"),
    [
        ("contacts", 0.1),
        ("companies", 0.2),
        ("deals", 0.3),
        ("tasks", 0.1),
        ("meetings", 0.3),
        ("emails", 0.05),
        ("owners", 0.4),
        ("sequences", 0.5),
        ("pipelines", 0.9999),
        ("templates", 0.4),
    ],
)
def test_a_sweep_tells_what_is_listed_no_more(extractor, kind, share):
    extractor.run(kind)
    extractor.hubspot.faults = f"vanished@{share}/{PATHS.get(kind, kind)}"
    gone = vanished(extractor.hubspot, kind)
    assert gone and (gone < landed_ids(extractor.landing, kind) or kind == "pipelines")
    extractor.run(kind)
    assert told(extractor.landing) == {}, "only a sweep has seen all"
    extractor.run(kind, sweep=True)
    assert is_missing(extractor.landing) == gone
    for identifier, (record,) in told(extractor.landing).items():
        assert record == {
            "id": identifier,
            "objectType": kind,
            "objectId": identifier.partition("/")[2],
            "updatedAt": record["updatedAt"],
            "archived": False,
        }
    extractor.run(kind, sweep=True)
    assert all(len(versions) == 1 for versions in told(extractor.landing).values()), "told once"


def test_what_is_listed_again_is_taken_back_and_may_vanish_again(extractor):
    extractor.run("deals", "owners")
    flags = []
    for faults in ("vanished@0.3/deals", "", "vanished@0.3/deals"):
        extractor.hubspot.faults = faults  # the clock stands still: times grow all the same
        extractor.run("deals", "owners", sweep=True)
        flags.append(is_missing(extractor.landing))
    assert flags[0] and flags[0] == flags[2] and not flags[1]
    for versions in told(extractor.landing).values():
        times = [version["updatedAt"] for version in versions]
        assert times == sorted(set(times))


def test_an_hourly_run_that_finds_it_takes_it_back_too(extractor):
    """Owners are read whole each hour."""
    extractor.run("owners")
    extractor.hubspot.faults = "vanished@0.4/owners"
    extractor.run("owners", sweep=True)
    assert is_missing(extractor.landing)
    extractor.hubspot.faults = ""
    extractor.run("owners")
    assert not is_missing(extractor.landing)


@pytest.mark.parametrize("fault", ["403@3+/objects/tasks", "500@4+/objects/tasks", "daily@2+/objects/tasks"])
def test_a_sweep_that_fails_tells_nothing_and_the_next_one_goes_on(hubspot, tmp_path, fault):
    extractor = Extractor(hubspot, tmp_path / "landing", object_page=9)
    extractor.run("tasks")
    hubspot.faults = f"vanished@0.3/tasks,{fault}"
    with pytest.raises(HubspotError):
        extractor.run("tasks", sweep=True)
    hubspot.faults = "vanished@0.3/tasks"
    extractor.run("tasks")
    assert told(extractor.landing) == {}, "an hourly run does not make it complete"
    extractor.run("tasks", sweep=True)
    assert is_missing(extractor.landing) == vanished(hubspot, "tasks")


class Between(httpx.BaseTransport):
    """HubSpot's answers, some of them replaced. instead: (request, answer) -> answer or None."""

    def __init__(self, instead) -> None:
        self._wire = httpx.HTTPTransport(verify=False)
        self._instead = instead

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._wire.handle_request(request)
        answer.read()
        return self._instead(request, answer) or answer


def unanswered(request, answer):
    """One user's sequences."""
    if "userId" in request.url.params and request.url.path.endswith("/sequences") and not unanswered.users:
        unanswered.users.append(request.url.params["userId"])
    if request.url.params.get("userId") in unanswered.users:
        return httpx.Response(404, json={"message": "no such user"})


def short(request, answer):
    """A list that says it is longer than it is."""
    if request.url.path.endswith("/v4/sequences"):
        return httpx.Response(200, json=answer.json() | {"total": answer.json()["total"] + 1})


@pytest.mark.parametrize("instead", [unanswered, short])
def test_sequences_are_judged_only_when_every_user_was_answered_in_full(extractor, instead):
    extractor.run("sequences")
    extractor.hubspot.faults = "vanished@0.5/sequences"
    unanswered.users = []
    with pytest.raises(HubspotError, match="counts") if instead is short else nullcontext():
        extract(
            extractor.account,
            extractor.options,
            "sequences",
            clock=extractor.clock,
            sweep=True,
            transport=Between(instead),
        )
    assert told(extractor.landing) == {}
    extractor.run("sequences", sweep=True)
    assert is_missing(extractor.landing) == vanished(extractor.hubspot, "sequences")


def test_what_any_answer_held_since_a_sweep_began_is_not_missing(tmp_path):
    """An object that an hourly run found between two halves of a sweep lies before the second half."""
    with StreamState(tmp_path, "deals") as state:
        state.commit(listed=["1", "2", "3"])
        state.commit(sweeps=1)
        state.commit(listed=["3"])
        state.commit(listed=["2"])
        assert state.missing(9) == ["1"] and state.missing(0) == []
        state.commit(missed=["1"])
        assert state.missing(9) == state.found_again(9) == []
        state.commit(listed=["1"])
        assert state.found_again(9) == ["1"]
        state.commit(found=["1"])
        assert state.missing(9) == state.found_again(9) == []


def test_objects_landed_before_ids_were_kept_are_known_too(extractor):
    """A state that is older than the sweep: its files tell which ids there are."""
    extractor.run("deals")
    with sqlite3.connect(extractor.landing / "_state" / "portal=1001" / "deals.sqlite") as database:
        database.execute("drop table objects")
        database.execute("update state set name = 'files' where name = 'object_files'")
    extractor.hubspot.faults = "vanished@0.3/deals"
    extractor.run("deals", sweep=True)
    assert is_missing(extractor.landing) == vanished(extractor.hubspot, "deals") != set()


def test_a_lost_state_is_made_again_with_the_removals_that_were_told(extractor):
    extractor.run("deals")
    extractor.hubspot.faults = "vanished@0.3/deals"
    extractor.run("deals", sweep=True)
    gone = is_missing(extractor.landing)
    (extractor.landing / "_state" / "portal=1001" / "deals.sqlite").unlink()
    extractor.run("deals")
    extractor.run("deals", sweep=True)
    assert is_missing(extractor.landing) == gone
    assert all(len(versions) == 1 for versions in told(extractor.landing).values())
    extractor.hubspot.faults = ""
    extractor.run("deals", sweep=True)
    assert is_missing(extractor.landing) == set()


def test_a_sweep_killed_at_random_pages_ends_with_the_same_removals(hubspot, tmp_path):
    landing = tmp_path / "landing"
    extractor = Extractor(hubspot, landing, object_page=20)
    streams = ("contacts", "deals", "owners")
    extractor.run(*streams)
    generator = random.Random(3)
    variables = os.environ | {"HUBSPOT_BASE_URL": hubspot.base_url, "HUBSPOT_TOKEN": hubspot.token}
    for faults in ("vanished@0.3/objects,vanished@0.4/owners", ""):
        hubspot.faults = faults
        for _ in range(3):
            where, page = generator.choice(["between", "after"]), generator.randint(1, 9)
            if where == "between":  # only files of removals are written: one a stream
                page = 1
            command = [sys.executable, "-m", "tests.extract.killed", str(landing), where, str(page)]
            done = subprocess.run(
                [*command, "--sweep", *streams], cwd=PROJECT, env=variables, capture_output=True, text=True
            )
            print(faults, where, page, done.returncode)
            assert done.returncode in (0, -signal.SIGKILL), done.stderr
        extractor.run(*streams, sweep=True)
        extractor.run(*streams, sweep=True)  # of which each began anew
        assert is_missing(landing) == set().union(*(vanished(hubspot, kind) for kind in streams))
    mine, theirs = (
        {record: times for record, times in records(place).items() if record[0] in streams}
        for place in (landing, hubspot.landing)
    )
    assert mine == theirs, "and nothing else was lost or doubled"


@pytest.mark.slow
def test_a_deal_that_vanished_is_gone_from_the_warehouse_until_it_is_back(extractor, tmp_path):
    settings = Settings(extractor.landing, tmp_path / "warehouse", light_project(tmp_path / "project"))

    def deals() -> set[str]:
        load(settings)
        build(settings).raise_for_failures()
        with connect(settings.database, read_only=True) as connection:
            rows = connection.execute("select deal_id from core.fct_deals").fetchall()
            return {f"deals/{deal_id}" for (deal_id,) in rows}

    extractor.run()
    before = deals()
    extractor.hubspot.faults = "vanished@0.3/deals"
    extractor.run("deals", sweep=True)
    gone = vanished(extractor.hubspot, "deals")
    assert before & gone and deals() == before - gone
    extractor.hubspot.faults = ""
    extractor.run("deals", sweep=True)
    assert deals() == before
