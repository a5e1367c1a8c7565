"""What is extracted is what the account has: with no fault, with each fault, with many, killed or not."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from hubspot_simulator.api import BEHAVIOURS, STOPPING, SURVIVABLE, random_plan
from tests.extract.conftest import Extractor, alone, assert_same, extract_under, landed_lines


def test_an_empty_landing_folder_gets_every_record_once(extractor):
    extractor.run()
    assert_same(extractor.landing, extractor.hubspot.landing)


@pytest.mark.parametrize("fault", SURVIVABLE)
def test_each_fault_alone_loses_and_doubles_nothing(extractor, fault):
    extract_under(extractor, alone(fault))
    assert_same(extractor.landing, extractor.hubspot.landing)
    if fault == "late-events":
        assert landed_late(extractor.landing), "an event was there only after a later one had been landed"


def landed_late(landing) -> int:
    """Events in files after those that hold younger ones of their type."""
    late, newest = 0, {}
    for kind, record in landed_lines(landing):
        if "occurredAt" in record:
            late += record["occurredAt"] < newest.get(kind, "")
            newest[kind] = max(record["occurredAt"], newest.get(kind, ""))
    return late


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_each_behaviour_alone_loses_and_doubles_nothing(hubspot, tmp_path, behaviour):
    """The list of all, a search for what changed since, and a sweep."""
    extractor = Extractor(hubspot, tmp_path / "landing", search_page=11)
    hubspot.faults = alone(behaviour)
    hubspot.now = hubspot.newest - timedelta(days=60)
    extractor.clock.time = hubspot.now.timestamp() + 1
    extractor.run()
    hubspot.now = None
    extractor.clock.time = hubspot.newest.timestamp() + 3600
    extractor.run()
    extractor.run(sweep=True)
    assert_same(extractor.landing, hubspot.landing)


@pytest.mark.parametrize("fault", STOPPING)
def test_a_fault_that_stops_is_gone_on_from_when_it_is_over(extractor, fault):
    extract_under(extractor, alone(fault))
    assert_same(extractor.landing, extractor.hubspot.landing)


def check_random_plan(hubspot, landing, seed: int) -> None:
    generator = random.Random(seed)
    plan = random_plan(generator)
    print(f"seed {seed}: {plan}")
    extractor = Extractor(
        hubspot,
        landing,
        event_page=generator.choice([7, 40, 100]),
        object_page=generator.choice([9, 100]),
        search_page=generator.choice([11, 200]),
    )
    extract_under(extractor, plan)
    assert_same(extractor.landing, hubspot.landing)


@pytest.mark.parametrize("seed", range(10))
def test_random_faults_lose_and_double_nothing(hubspot, tmp_path, seed):
    check_random_plan(hubspot, tmp_path / "landing", seed)


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 150))
def test_many_more_random_faults(hubspot, tmp_path, seed):
    check_random_plan(hubspot, tmp_path / "landing", seed)
