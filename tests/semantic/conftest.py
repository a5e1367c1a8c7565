"""One published warehouse for the tests in this folder: simulated accounts, and random ones full of nulls."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from sequence_warehouse import steps
from sequence_warehouse.metrics import Metrics
from sequence_warehouse.settings import Settings
from sequence_warehouse.simulator import simulate
from tests.reference import random_logs

RANDOM_PORTALS = 20


@pytest.fixture(scope="session")
def published(tmp_path_factory) -> Settings:
    folder = tmp_path_factory.mktemp("semantic")
    settings = Settings(folder / "landing", folder / "warehouse")
    simulate(settings.landing, ["1001", "1002"], enrollments=200, seed=7)
    _write_random_accounts(settings.landing)
    for name in ("load", "build", "publish"):
        getattr(steps, f"{name}_step")(settings, "semantic")
    return settings


@pytest.fixture(scope="session")
def metrics(published) -> Iterator[Metrics]:
    with Metrics(published) as opened:
        yield opened


def _write_random_accounts(landing: Path) -> None:
    """Accounts in which sequences, users, companies and templates are often unknown."""
    rng = random.Random(11)
    for number in range(RANDOM_PORTALS):
        portal = str(70_000 + number)
        lines = defaultdict(list)
        for record in random_logs.random_account(rng, portal):
            kind = "events" if record["kind"] == "event" else f"objects/{record['kind']}"
            lines[kind].append(json.dumps(record["record"]))
        for kind, texts in lines.items():
            path = landing / f"portal={portal}" / kind / "all.jsonl"
            path.parent.mkdir(parents=True)
            path.write_text("\n".join(texts) + "\n")
