"""The random accounts reach every corner, and the reference does not mind how they land."""

from __future__ import annotations

import json
import random
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from . import endings, random_logs
from .landed import LandedRecord
from .model import build
from .write import write_load


@st.composite
def accounts_delivered_twice(draw: st.DrawFn) -> tuple[list[LandedRecord], list[LandedRecord]]:
    records = draw(random_logs.portal("77"))
    return draw(random_logs.deliveries(records)), draw(random_logs.deliveries(records))


def in_order(tables: dict[str, list[dict]]) -> dict[str, list[str]]:
    return {name: sorted(map(str, rows)) for name, rows in tables.items()}


@given(accounts_delivered_twice())
def test_any_delivery_of_the_same_records_gives_the_same_tables(deliveries):
    first, second = deliveries
    assert in_order(build(first, {})) == in_order(build(second, {}))


@pytest.mark.parametrize("metric_rules", ["current", "2022", "before_2022"])
def test_hundreds_of_random_accounts_reach_every_status_reason_attribution_and_flag(metric_rules):
    rng = random.Random(5)
    landed, accounts = [], {}
    for number in range(300):
        landed += random_logs.deliver(rng, random_logs.random_account(rng, str(number)))
        setting = random_logs.random_setting(rng)
        if setting is not None:
            accounts[str(number)] = setting
    tables = build(landed, accounts, metric_rules)
    seen = Counter()
    for row in tables["fct_enrollments"]:
        seen.update([row["status"], row["end_reason"]])
        seen.update((name, value) for name, value in row.items() if name.startswith("is_"))
    seen.update(row["attribution"] for row in tables["fct_sequence_events"])
    flags = [name for name in tables["fct_enrollments"][0] if name.startswith("is_")]
    expected = [
        *("scheduled", "in_progress", "finished", "unenrolled", "errored"),
        *("enrollment_id", "sequence", "contact", "none"),
        *endings.REASONS_IN_ORDER,
        *((flag, value) for flag in flags for value in (True, False)),
    ]
    assert {what: seen[what] for what in expected if seen[what] < 15} == {}
    assert all(tables[name] for name in tables)


def test_written_loads_can_be_read_back_line_by_line(tmp_path: Path):
    rng = random.Random(3)
    landed = random_logs.deliver(rng, random_logs.random_account(rng, "77"))
    for load in range(1, 5):
        write_load(tmp_path, landed, load)
    for one in landed:
        line = (tmp_path / one.path).read_text(encoding="utf-8").splitlines()[one.line - 1]
        assert json.loads(line) == one.record


def test_a_failing_account_shrinks_to_the_records_that_matter():
    records = random_logs.random_account(random.Random(1), "77")
    wanted = records[:2]
    left = random_logs.smallest(records, lambda some: all(one in some for one in wanted))
    assert sorted(map(str, left)) == sorted(map(str, wanted))
