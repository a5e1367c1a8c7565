"""kill -9 at random pages: before a page is there, between page and state, and after both."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys

import pytest

from sequence_warehouse.config.project import PROJECT
from sequence_warehouse.extract import plan
from tests.extract.conftest import Extractor, assert_same


def kill_and_resume(hubspot, landing, seed: int, kills: int) -> None:
    generator = random.Random(seed)
    print(f"seed {seed}")
    extractor = Extractor(hubspot, landing, event_page=20, object_page=20)
    streams = plan(extractor.account, extractor.options, extractor.clock)
    variables = os.environ | {"HUBSPOT_BASE_URL": hubspot.base_url, "HUBSPOT_TOKEN": hubspot.token}
    for _ in range(kills):
        where = generator.choice(["before", "between", "after"])
        page = generator.randint(1, 12)
        print(f"killed {where} page {page}")
        command = [sys.executable, "-m", "tests.extract.killed", str(landing), where, str(page), *streams]
        done = subprocess.run(command, cwd=PROJECT, env=variables, capture_output=True, text=True)
        assert done.returncode == -signal.SIGKILL, done.stderr or "there was nothing left to be killed in"
    extractor.run()
    assert_same(landing, hubspot.landing)
    assert not list(landing.rglob("portal=*/*/*/*.tmp")), "what a killed run was writing is cleared away"


def test_killed_at_random_pages_loses_and_doubles_nothing(hubspot, tmp_path):
    kill_and_resume(hubspot, tmp_path / "landing", seed=1, kills=5)


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10, 14))
def test_killed_many_more_times(hubspot, tmp_path, seed):
    kill_and_resume(hubspot, tmp_path / "landing", seed, kills=20)
