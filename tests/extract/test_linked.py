"""The stream ``associations``: links made later are read by the next sweep, what is known is not landed."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from datetime import timedelta

import httpx
import pytest

from sequence_warehouse.build.dbt_build import run_dbt
from sequence_warehouse.config.project import PROJECT
from sequence_warehouse.config.settings import Settings
from sequence_warehouse.extract import extract, plan
from sequence_warehouse.extract.clock import read_ms
from sequence_warehouse.extract.errors import Forbidden, HubspotError
from sequence_warehouse.extract.state import StreamState, known_objects
from sequence_warehouse.load import load
from sequence_warehouse.runs import steps
from sequence_warehouse.storage.database import connect
from tests.extract.conftest import Extractor, landed_lines
from tests.extract.test_removals import Between
from tests.hubspot_simulator.api.conftest import landed
from tests.support.projects import light_project

OBJECTS = ("deals", "tasks", "meetings", "emails")


def inline(record: dict) -> set[str]:
    return {link["id"] for link in record.get("associations", {}).get("contacts", {}).get("results", [])}


def served_links(hubspot) -> dict[str, set[str]]:
    """Contacts by type/id, of the objects that are not archived."""
    return {
        f"{kind}/{record['id']}": inline(record)
        for kind in OBJECTS
        for record in landed(hubspot, kind)
        if not record["archived"]
    }


def sets(landing) -> list[dict]:
    return [record for kind, record in landed_lines(landing) if kind == "associations"]


def landed_links(landing) -> dict[str, set[str]]:
    """The same of what was landed: the latest, by time and then by order, of records and sets."""
    latest: dict[str, tuple[int, set[str]]] = {}
    for is_set in (False, True):  # what is of one time was landed by the sets' stream later
        for kind, record in landed_lines(landing):
            if kind in OBJECTS and not is_set and not record["archived"]:
                key, links = f"{kind}/{record['id']}", inline(record)
            elif kind == "associations" and is_set:
                key = f"{record['fromObjectType']}/{record['fromObjectId']}"
                links = {str(link["toObjectId"]) for link in record["results"]}
            else:
                continue
            entry = (read_ms(record["updatedAt"]), links)
            latest[key] = max(latest.get(key, (0, set())), entry, key=lambda one: one[0])
            if latest[key][0] == entry[0]:
                latest[key] = entry
    return {key: links for key, (_, links) in latest.items()}


@pytest.fixture
def late(hubspot, tmp_path) -> Extractor:
    """An account of which most links are made up to half a year after their object's last change."""
    hubspot.faults = "late-links:4000h@0.6"
    extractor = Extractor(hubspot, tmp_path / "landing")
    hubspot.now = hubspot.newest
    extractor.clock.time = hubspot.newest.timestamp()
    return extractor


def go_on(extractor: Extractor, **delta) -> None:
    extractor.hubspot.advance(timedelta(**delta).total_seconds())
    extractor.clock.time += timedelta(**delta).total_seconds()


def test_what_the_records_say_is_not_landed_again(extractor):
    extractor.run(*OBJECTS)
    summary = extractor.stream("associations")
    assert summary["landed"] == 0 and summary["requests"] > 0
    assert landed_links(extractor.landing) == served_links(extractor.hubspot)
    assert extractor.stream("associations", sweep=True)["requests"] == summary["requests"]
    assert not sets(extractor.landing)


def test_a_link_made_later_is_read_by_the_next_sweep_though_no_object_changed(late):
    late.run(*OBJECTS, "associations")
    before = landed_links(late.landing)
    first = len(sets(late.landing))
    go_on(late, days=170)
    late.run(*OBJECTS, sweep=True)
    assert landed_links(late.landing) == before, "no list and no search tells of it"
    late.run("associations", sweep=True)
    assert before != landed_links(late.landing) == served_links(late.hubspot)
    found = sets(late.landing)[first:]
    assert {one["fromObjectType"] for one in found} >= {"deals", "tasks", "emails"}
    for one in found:
        assert one == {
            "id": f"{one['fromObjectType']}/{one['fromObjectId']}/contacts",
            "fromObjectType": one["fromObjectType"],
            "fromObjectId": one["fromObjectId"],
            "toObjectType": "contacts",
            "results": one["results"],
            "updatedAt": one["updatedAt"],
        }
    again = len(sets(late.landing))
    go_on(late, days=1)
    late.run("associations", sweep=True)
    assert len(sets(late.landing)) == again, "the time of asking is no difference"


class Hiding(Between):
    """HubSpot before somebody was linked: one object shows no contacts."""

    def __init__(self, kind: str, object_id: str) -> None:
        super().__init__(self._hide)
        self._paths = (f"/objects/{kind}", f"/associations/{kind}")
        self._id = object_id

    def _hide(self, request: httpx.Request, answer: httpx.Response) -> httpx.Response | None:
        if not any(path in request.url.path for path in self._paths):
            return None
        body = answer.json()
        body["results"] = [one for one in body["results"] if one.get("from", {}).get("id") != self._id]
        for one in body["results"]:
            if one.get("id") == self._id:
                one.pop("associations", None)
        return httpx.Response(200, json=body)


def extract_with(extractor: Extractor, transport: Between, *streams: str, **arguments) -> None:
    for stream in streams:
        extract(
            extractor.account,
            extractor.options,
            stream,
            clock=extractor.clock,
            transport=transport,
            **arguments,
        )


@pytest.mark.parametrize("kind", OBJECTS)
def test_a_contact_linked_later_to_one_object_is_in_the_next_sweep_and_in_no_hour(extractor, kind):
    linked = next(one for one in landed(extractor.hubspot, kind) if inline(one) and not one["archived"])
    hiding = Hiding(kind, linked["id"])
    extract_with(extractor, hiding, *OBJECTS, "associations")
    extractor.clock.time += 7200
    extract_with(extractor, hiding, kind)
    extractor.run("associations")
    assert not sets(extractor.landing)
    extract_with(extractor, hiding, kind, sweep=True)
    extractor.run("associations", sweep=True)
    (found,) = sets(extractor.landing)
    assert found["id"] == f"{kind}/{linked['id']}/contacts"
    assert {str(link["toObjectId"]) for link in found["results"]} == inline(linked)
    assert found["updatedAt"] > linked["updatedAt"]


@pytest.mark.slow
def test_a_deal_whose_contact_was_linked_later_gets_its_credit(extractor, tmp_path):
    """In an incremental build; of the project only what the deals are made of."""
    settings = Settings(extractor.landing, tmp_path / "warehouse", light_project(tmp_path / "project"))
    resources = ("--resource-type", "model", "--resource-type", "seed")

    def credits() -> dict[str, str | None]:
        load(settings)
        assert run_dbt(settings, ["build", "--select", "+fct_deals", *resources]) == 0
        with connect(settings.database, read_only=True) as connection:
            query = "select deal_id, credited_enrollment_id from core.fct_deals"
            return dict(connection.execute(query).fetchall())

    deal_id = min(deal["id"] for deal in landed(extractor.hubspot, "deals") if inline(deal))
    hiding = Hiding("deals", deal_id)
    extract_with(extractor, hiding, *plan(extractor.account, extractor.options, extractor.clock))
    before = credits()
    assert before[deal_id] is None and any(before.values())
    extract_with(extractor, hiding, "deals", sweep=True)
    extractor.run("associations", sweep=True)
    after = credits()
    assert after[deal_id] and after == {**before, deal_id: after[deal_id]}


def test_a_set_whose_links_come_in_another_order_is_the_same(late):
    late.run(*OBJECTS)
    go_on(late, days=170)
    late.run("associations")
    count = len(sets(late.landing))

    def turned(request, answer):
        if "/associations/" in request.url.path:
            body = answer.json()
            for result in body["results"]:
                result["to"].reverse()
            return httpx.Response(answer.status_code, json=body)

    transport = Between(turned)
    extract(late.account, late.options, "associations", clock=late.clock, sweep=True, transport=transport)
    assert count and len(sets(late.landing)) == count


def test_links_that_are_gone_are_an_empty_set(extractor):
    extractor.run(*OBJECTS)
    gone = landed(extractor.hubspot, "deals")[0]["id"]

    def without(request, answer):
        if "/associations/deals" in request.url.path:
            body = answer.json()
            body["results"] = [one for one in body["results"] if one["from"]["id"] != gone]
            return httpx.Response(200, json=body)

    extract(
        extractor.account,
        extractor.options,
        "associations",
        clock=extractor.clock,
        transport=Between(without),
    )
    assert [(one["id"], one["results"]) for one in sets(extractor.landing)] == [
        (f"deals/{gone}/contacts", [])
    ]
    extractor.run("associations", sweep=True)
    assert landed_links(extractor.landing) == served_links(extractor.hubspot)


def test_an_hourly_run_asks_for_what_is_new_or_changed_only(hubspot, tmp_path):
    extractor = Extractor(hubspot, tmp_path / "landing")
    hubspot.now = hubspot.newest - timedelta(days=90)
    extractor.clock.time = hubspot.now.timestamp()
    extractor.run(*OBJECTS, "associations")
    go_on(extractor, days=90, hours=3)
    assert extractor.stream("associations")["requests"] == 0, "nothing was landed since"
    go_on(extractor, seconds=1)
    summaries = extractor.run(*OBJECTS)
    changed = {one["stream"] for one in summaries if one["landed"]}
    asked = len(hubspot.requests)
    extractor.run("associations")
    asked_for = {one.path.split("/")[4] for one in hubspot.requests[asked:]}
    assert {"deals", "tasks"} <= changed and asked_for == changed
    go_on(extractor, hours=3)
    assert extractor.stream("associations")["requests"] == 0


def test_an_hourly_run_asks_again_for_what_changed_within_the_overlap(extractor):
    changed = [
        read_ms(record["updatedAt"])
        for kind in OBJECTS
        for record in landed(extractor.hubspot, kind)
        if not record["archived"]
    ]
    extractor.clock.time = max(changed) / 1000 + 60
    extractor.run(*OBJECTS, "associations")
    for hours, asked in ((0.5, 1), (1, 1), (1, 0)):
        extractor.clock.time += hours * 3600
        assert extractor.stream("associations")["requests"] == asked


def test_a_state_from_before_links_were_noted_is_asked_for_once(extractor):
    extractor.run("deals")
    path = extractor.landing / "_state" / "portal=1001" / "deals.sqlite"
    with sqlite3.connect(path) as database:
        for column in ("landed_ms", "updated_ms", "links", "archived"):
            database.execute(f"alter table objects drop column {column}")
    extractor.run("associations")
    deals = {one["fromObjectId"] for one in sets(extractor.landing)}
    assert deals == {deal["id"] for deal in landed(extractor.hubspot, "deals")}
    extractor.run("deals")
    count = len(sets(extractor.landing))
    extractor.run("associations", sweep=True)
    assert len(sets(extractor.landing)) == count


def test_neither_archived_nor_missing_objects_are_asked_for(extractor):
    extractor.run(*OBJECTS)
    extractor.hubspot.faults = "vanished@0.3/deals"
    extractor.run("deals", sweep=True)
    folder = extractor.landing / "_state" / "portal=1001"
    known = {one.id for one in known_objects(folder, "deals", "", 10_000)}
    archived = {record["id"] for record in landed(extractor.hubspot, "deals") if record["archived"]}
    missing = {record["objectId"] for kind, record in landed_lines(extractor.landing) if kind == "removals"}
    everything = {record["id"] for record in landed(extractor.hubspot, "deals")}
    assert missing and known == everything - archived - missing


def test_states_are_read_while_a_stream_is_extracted(extractor):
    extractor.run("deals")
    with StreamState(extractor.landing / "_state" / "portal=1001", "deals"):
        assert extractor.stream("associations")["requests"] > 0


def test_a_killed_sweep_is_gone_on_with(late):
    landing = late.landing
    late.run(*OBJECTS, "associations")
    go_on(late, days=170)
    variables = os.environ | {"HUBSPOT_BASE_URL": late.hubspot.base_url, "HUBSPOT_TOKEN": late.hubspot.token}
    for where, page in (("before", 1), ("between", 1), ("after", 3)):
        command = [sys.executable, "-m", "tests.extract.killed", str(landing), where]
        done = subprocess.run(
            [*command, str(page), "--sweep", "associations"],
            cwd=PROJECT,
            env=variables,
            capture_output=True,
            text=True,
        )
        assert done.returncode == -signal.SIGKILL, done.stderr
    asked = len(late.hubspot.requests)
    late.run("associations", sweep=True)
    rest = len(late.hubspot.requests) - asked
    assert landed_links(landing) == served_links(late.hubspot)
    asked = len(late.hubspot.requests)
    late.run("associations", sweep=True)
    assert rest < len(late.hubspot.requests) - asked, "what was read before the kill was not asked for again"
    lines = [json.dumps({**one, "updatedAt": None}, sort_keys=True) for one in sets(landing)]
    assert len(lines) == len(set(lines)), "and nothing is there twice"


def test_a_type_that_may_not_be_read_stops_no_other(late):
    late.run(*OBJECTS)
    late.hubspot.faults += ",403-plan/associations/deals"
    with pytest.raises(Forbidden, match="subscription does not include"):
        late.run("associations")
    assert {one["fromObjectType"] for one in sets(late.landing)} == {"tasks", "meetings", "emails"}
    late.hubspot.faults = "late-links:4000h@0.6"
    asked = len(late.hubspot.requests)
    late.run("associations")
    assert any(one["fromObjectType"] == "deals" for one in sets(late.landing))
    paths = [one.path for one in late.hubspot.requests[asked:]]
    assert sum("/deals/" in path for path in paths) and not sum("/tasks/" in path for path in paths)


def test_a_batch_that_fails_leaves_the_cursor_and_lands_no_empty_set(extractor):
    extractor.run(*OBJECTS)

    def failing(request, answer):
        if "/associations/meetings" in request.url.path:
            error = {"category": "INTERNAL_ERROR", "message": "no luck", "subCategory": {}}
            return httpx.Response(207, json={"results": [], "errors": [error]})

    with pytest.raises(HubspotError, match=r"no contacts of \d+ meetings: no luck"):
        extract(
            extractor.account,
            extractor.options,
            "associations",
            clock=extractor.clock,
            transport=Between(failing),
        )
    with StreamState(extractor.landing / "_state" / "portal=1001", "associations") as state:
        assert state.get("cursor") is None and "meetings" not in state.get("cursors")
    assert not sets(extractor.landing)
    assert extractor.stream("associations")["outcome"] == "done"


@pytest.mark.parametrize(
    "faults", ["batch-404", "207-object", "207-error@0.3", "batch-404,207-object,207-error@0.2"]
)
def test_links_are_those_served_however_their_lack_is_told(late, faults):
    late.hubspot.faults += f",{faults}"
    late.run(*OBJECTS, "associations")
    go_on(late, days=170)
    late.run(*OBJECTS, "associations", sweep=True)
    assert landed_links(late.landing) == served_links(late.hubspot)


def test_what_is_landed_loads_without_a_rejection(late, tmp_path):
    late.run(*OBJECTS, "associations")
    assert sets(late.landing)
    steps.load_step(Settings(late.landing, tmp_path / "warehouse"), "linked")
    with connect() as connection:
        rows = connection.execute(
            """
            select object_id, record->>'fromObjectId' as from_id, reason
            from read_parquet(?, union_by_name = true, hive_partitioning = false)
            where object_type = 'associations' or reason is not null
            """,
            [str(tmp_path / "warehouse/raw/*/objects*/**/*.parquet")],
        ).fetchall()
    expected = {(one["id"], one["fromObjectId"], None) for one in sets(late.landing)}
    assert set(rows) == expected
