"""A HubSpot that misbehaves: what passes is got over, what lasts ends in a sentence, and nothing is lost."""

from __future__ import annotations

import json
import random
import socket
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest

from hubspot_simulator.api import HubSpot, serve
from hubspot_simulator.api.faults import SURVIVABLE
from hubspot_simulator.api.mischief import GARBLED, MISLEADING, STUCK, UNENDING
from sequence_warehouse.config.settings import Settings
from sequence_warehouse.extract import Options, extract, plan, running
from sequence_warehouse.extract.errors import HubspotError, NoProgress
from tests.extract.conftest import TOKEN, Extractor, assert_same, records
from tests.extract.test_removals import Between

STEPS = "events/e_v2_sequence_step_executed"
# what is asked for page by page, and where
PAGED = {
    STEPS: "/events/v3/events?eventType",
    "contacts": "/objects/contacts",
    "owners": "/owners",
    "pipelines": "/pipelines",
    "sequences": "/v4/sequences",
    "sequence_performance": "/v4/sequences",
    "exchange_rates": "/exchange-rates",
    "templates": "/email-templates",
    "associations": "/associations/tasks",
}
BOUNDS = {"answer_bytes": 512 * 1024, "pages_without_news": 4, "attempts": 3}
SLOW = ("drip:0.05", "drip-headers:0.05", "black-hole")


@pytest.fixture(scope="module")
def tiny() -> Iterator[HubSpot]:
    with serve(enrollments=12, seed=5, token=TOKEN) as hubspot:
        yield hubspot


@pytest.fixture
def bounded(tiny: HubSpot, tmp_path) -> Iterator[Extractor]:
    """An extractor with bounds that are reached at once."""
    yield Extractor(tiny, tmp_path / "landing", **BOUNDS)
    tiny.faults = ""


def fails(extractor: Extractor, stream: str, error: type[Exception] = HubspotError, **arguments) -> str:
    """The sentence with which a stream ends, which is also that of its summary."""
    with pytest.raises(error) as caught:
        extractor.stream(stream, **arguments)
    sentence = str(caught.value)
    assert stream in sentence and "\n" not in sentence and len(sentence) < 600 and TOKEN not in sentence
    told = {one["stream"]: one for one in running.summaries(extractor.landing, "", "1001")}[stream]
    assert (told["outcome"], told["message"]) == ("failed", sentence)
    return sentence


@pytest.mark.parametrize("fault", STUCK)
def test_pages_without_an_end_end_by_themselves_in_every_stream(bounded, fault):
    bounded.run("tasks")
    for stream, path in PAGED.items():
        bounded.hubspot.faults = f"{fault}{path}"
        asked = len(bounded.hubspot.requests)
        sentence = fails(bounded, stream, NoProgress)
        assert "pages" in sentence
        assert len(bounded.hubspot.requests) - asked < 60
    bounded.hubspot.faults = f"{fault}/event-types"
    planned = plan(bounded.account, bounded.options, bounded.clock)
    assert {"contacts", STEPS, "event_types"} < set(planned), "the other streams go on"
    fails(bounded, "event_types", NoProgress)

    bounded.hubspot.faults = ""
    assert "event_types" not in plan(bounded.account, bounded.options, bounded.clock)
    bounded.run()
    bounded.clock.time = bounded.hubspot.newest.timestamp() - 86_400
    for path, sweep in (("/search", False), ("/objects/deals", True)):
        bounded.hubspot.faults = f"{fault}{path}"
        with_search = replace(bounded.options, object_overlap_minutes=10**6)
        extractor = Extractor(bounded.hubspot, bounded.landing, bounded.clock)
        extractor.options = with_search
        fails(extractor, "deals", NoProgress, sweep=sweep)
        extractor.hubspot.faults = ""
        extractor.stream("deals", sweep=sweep)
    assert_same(bounded.landing, bounded.hubspot.landing)


def test_where_pages_led_nowhere_is_no_place_to_go_on_from(bounded):
    """The token that was followed last may be one that passes records by."""
    bounded.options = replace(bounded.options, event_page=2, object_page=2)
    for stream in (STEPS, "contacts"):
        bounded.hubspot.faults = "endless-pages@4+/events,endless-pages@4+/objects"
        fails(bounded, stream, NoProgress)
    bounded.hubspot.faults = ""
    bounded.run(STEPS, "contacts")
    kinds = {STEPS.removeprefix("events/"), "contacts"}
    served = Counter({key: n for key, n in records(bounded.hubspot.landing).items() if key[0] in kinds})
    assert records(bounded.landing) == served


def bounds_of(fault: str) -> str:
    return "gzip-bomb:1" if fault == "gzip-bomb" else fault


@pytest.mark.parametrize("fault", [*GARBLED, *MISLEADING, "endless", "endless-headers", *SLOW])
def test_an_answer_that_is_none_is_a_sentence_and_stops_no_other_stream(bounded, fault):
    if fault in SLOW:
        bounded.options = replace(bounded.options, timeout_seconds=0.1, reach_seconds=0.1)
    bounded.hubspot.faults = f"{bounds_of(fault)}/objects/contacts"
    sentence = fails(bounded, "contacts")
    expected = {
        "html": "text/html instead of JSON: '<!DOCTYPE html>",
        "no-object": "is JSON, but no object",
        "no-results": "has no list of results",
        "odd-results": "has no list of results",
        "bad-utf8": "not in UTF-8",
        "deep-json": "nested too deeply",
        "huge-number": "a number that is none, or too large",
        "gzip-bomb": "more than 524,288 bytes",
        "endless": "more than 524,288 bytes",
        "drip:0.05": "no whole answer to GET /crm/v3/objects/contacts within 0.1 s",
        "429-absurd": "429",
        "redirect": "redirect to http://elsewhere.invalid/",
        "redirect-loop": "with a redirect to /crm/v3/objects/contacts",
    }.get(fault, f"cannot be reached at {bounded.hubspot.base_url}")
    assert expected in sentence
    bounded.options = replace(bounded.options, timeout_seconds=10, reach_seconds=10)
    bounded.stream("companies")
    bounded.hubspot.faults = ""
    bounded.stream("contacts")
    assert all(waited <= 60 for waited in bounded.clock.slept), "no absurd wait is waited"


def test_answers_that_are_none_once_or_twice_lose_and_double_nothing(bounded):
    passing = [*GARBLED, *MISLEADING, "endless", "endless-headers"]
    bounded.hubspot.faults = ",".join(f"{bounds_of(fault)}@0.05" for fault in passing)
    bounded.run()
    assert_same(bounded.landing, bounded.hubspot.landing)


def test_answers_that_take_for_ever_once_lose_and_double_nothing(bounded):
    bounded.options = replace(bounded.options, timeout_seconds=1, reach_seconds=1)
    bounded.hubspot.faults = "drip:0.2@2/contacts,drip-headers:0.2@4/contacts,black-hole@6/contacts"
    bounded.options = replace(bounded.options, object_page=3, attempts=8)
    bounded.stream("contacts")
    bounded.hubspot.faults = ""
    bounded.run()
    assert_same(bounded.landing, bounded.hubspot.landing)


@pytest.mark.parametrize("seed", range(4))
def test_random_misbehaviour_is_got_over_or_ends_and_is_made_good_by_the_next_run(bounded, seed):
    generator = random.Random(seed)
    passing = [*GARBLED, *MISLEADING, "endless", *(set(SURVIVABLE) - {"late-events", "slow"})]
    items = [
        f"{bounds_of(fault)}@{generator.uniform(0.01, 0.15):.2f}"
        for fault in generator.sample(sorted(passing), generator.randint(1, 4))
    ]
    lasting = ""
    if seed % 2:
        fault = generator.choice([*STUCK, *GARBLED, *MISLEADING, "endless"])
        lasting = f"{bounds_of(fault)}@{generator.randint(1, 20)}+{generator.choice(list(PAGED.values()))}"
    bounded.hubspot.faults = ",".join(filter(None, [lasting, *items, f"seed={seed}"]))
    print(f"seed {seed}: {bounded.hubspot.faults}")
    bounded.options = replace(bounded.options, object_page=generator.choice([2, 5, 100]), attempts=4)
    for stream in plan(bounded.account, bounded.options, bounded.clock):
        try:
            bounded.stream(stream)
        except HubspotError as error:
            assert lasting and stream in str(error)
    if lasting:
        bounded.hubspot.faults = ""
        bounded.run()
    assert_same(bounded.landing, bounded.hubspot.landing)


def mutated(generator: random.Random, content: object) -> object:
    """The same JSON with another value somewhere."""
    if isinstance(content, (dict, list)) and content and generator.random() < 0.85:
        key = generator.choice(list(content) if isinstance(content, dict) else range(len(content)))
        changed = content.copy()
        changed[key] = mutated(generator, content[key])
        return changed
    return generator.choice([None, "", "text", -1, 10**30, 1.5, True, [], [None], {}, {"a": {}}, "9" * 5000])


@pytest.mark.parametrize("seed", range(8))
def test_an_answer_of_any_other_shape_is_a_sentence_or_taken_as_it_is(bounded, seed):
    generator = random.Random(seed)
    print(f"seed {seed}")
    bounded.run("tasks", "deals")

    def instead(request: httpx.Request, answer: httpx.Response):
        if generator.random() < 0.5 and answer.status_code == 200:
            return httpx.Response(200, json=mutated(generator, answer.json()))

    for stream in [*PAGED, "accounts", "deals", "enrollment_status", "event_types"]:
        transport = Between(instead)
        try:
            extract(
                bounded.account, bounded.options, stream, clock=bounded.clock, transport=transport, sweep=True
            )
        except HubspotError as error:
            assert stream in str(error)


@pytest.mark.parametrize("kind", ["refused", "no name", "no TLS", "black hole"])
def test_a_hubspot_that_cannot_be_reached_is_named_within_seconds(bounded, kind):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        port = silent.getsockname()[1]
        if kind == "black hole":
            silent.listen()
        address = {
            "no name": "http://hubspot.invalid",
            "no TLS": bounded.hubspot.base_url.replace("http:", "https:"),
        }.get(kind, f"http://127.0.0.1:{port}")
        address_with_secret = address.replace("://", "://name:secret@")
        bounded.account = replace(bounded.account, base_url=address_with_secret)
        bounded.options = replace(bounded.options, attempts=8, reach_seconds=0.2 if "hole" in kind else 20)
        sentence = fails(bounded, "owners")
        assert f"HubSpot cannot be reached at {address} (" in sentence and "secret" not in sentence
        assert sum(bounded.clock.slept) <= 20
        with pytest.raises(HubspotError, match="cannot be reached"):
            plan(bounded.account, bounded.options, bounded.clock)


def test_the_token_goes_to_no_other_host(bounded):
    """Neither by a redirect nor by a link of a page."""
    hosts = set()

    def instead(request: httpx.Request, answer: httpx.Response):
        hosts.add(request.url.host)
        link = json.dumps(answer.json()).replace(bounded.hubspot.base_url, "http://elsewhere.invalid")
        return httpx.Response(200, content=link.encode())

    options = replace(bounded.options, object_page=3)
    extract(bounded.account, options, "contacts", clock=bounded.clock, transport=Between(instead))
    assert hosts == {"127.0.0.1"}


def test_the_bounds_are_settings(monkeypatch):
    for name, value in (("PAGES_WITHOUT_NEWS", "7"), ("ANSWER_BYTES", "8"), ("REACH_SECONDS", "9")):
        monkeypatch.setenv(f"SEQUENCE_WAREHOUSE_HUBSPOT_{name}", value)
    options = Options.of(Settings.from_environment())
    assert (options.pages_without_news, options.answer_bytes, options.reach_seconds) == (7, 8, 9)
    assert {*UNENDING} == {"endless", "endless-headers", "drip", "drip-headers", "black-hole"}
