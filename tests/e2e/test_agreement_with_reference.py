"""The models against the slow, obvious reference in plain Python, on random accounts.

They arrive in several loads, duplicated, shuffled and late; after the last, every table must be the
reference's, and so must a full refresh. A failure names the seed and the rows that differ. Of the schemas
`core` and `reports` that is every column: one that the reference does not compute is a failure too.
"""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterator

import duckdb
import pytest

from sequence_warehouse.storage.database import connect
from tests.reference import reports
from tests.support.agreement import Arrival, Case, differences, unproven


@pytest.mark.slow
def test_increments_full_refresh_and_every_rule_version_agree_with_the_reference(tmp_path, monkeypatch):
    seed = random.SystemRandom().randint(2, 2**32)
    print(f"seed {seed}")
    case = Case((1, seed), tmp_path)  # the same accounts each time, and new ones
    # small accounts have few ended enrollments: some of them shall have a score
    for name, least in (("sender_score", 3), ("sender_score_by_sequence", 2)):
        case.set_variable(f"{name}_min_ended", str(least))
        monkeypatch.setitem(reports.MIN_ENDED, name, least)
    case.load_and_build_each()
    assert case.differences()[:5] == [], f"after increments, seed {seed}"
    assert case.unproven() == [], f"seed {seed}"

    for rules in ("2022", "before_2022"):
        case.set_variable("metric_rules", f'"{rules}"')
        assert case.build() is None, "a var that only marts use rebuilds no incremental model"
        assert case.differences(rules)[:5] == [], f"under the rules {rules}, seed {seed}"

    case.set_variable("metric_rules", "current")
    case.test_models()
    case.build(full_refresh=True)
    assert case.differences()[:5] == [], f"after a full refresh, seed {seed}"


@pytest.fixture
def built() -> Iterator[duckdb.DuckDBPyConnection]:
    with connect() as connection:
        for schema in ("core", "reports", "ops", "staging"):
            connection.execute(f"create schema {schema}")
        connection.execute("create table reports.replies (portal_id varchar, replied bigint)")
        connection.execute("insert into reports.replies values ('p', 3)")
        yield connection


def test_a_column_or_a_table_that_the_reference_lacks_is_a_difference_but_not_one_of_other_schemas(built):
    assert list(differences(built, {"replies": [{"portal_id": "p", "replied": 3}]}, [])) == []
    built.execute("create table core.dim_moods as select 1 as mood")
    built.execute("create table ops.notes as select 1 as note")
    built.execute("create table staging.lines as select 1 as line")
    assert list(differences(built, {"replies": [{"portal_id": "p"}]}, [])) == [
        "dim_moods: the reference does not compute it",
        "replies: the reference does not compute replied",
    ]


def test_what_only_the_reference_has_is_a_difference(built):
    more = {"replies": [{"portal_id": "p", "replied": 3, "mood": 1}], "opens": []}
    assert list(differences(built, more, [])) == [
        "replies: only in the reference: mood",
        "opens: only in the reference",
    ]


def test_a_table_is_a_multiset_of_rows_be_there_none_expected_or_one_twice(built):
    row = {"portal_id": "p", "replied": 3}
    one_too_many = "replies only built: {'portal_id': 'p', 'replied': 3}"
    assert list(differences(built, {"replies": []}, [])) == [one_too_many]
    assert list(differences(built, {"replies": [row, row]}, [])) == [
        one_too_many.replace("built", "in the reference")
    ]


def test_an_event_is_of_the_load_whose_id_it_has_and_in_whose_time_it_was_loaded(built):
    at = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    minute = datetime.timedelta(minutes=1)
    arrivals = [Arrival(1, "a", at, at + minute), Arrival(2, "b", at + 2 * minute, at + 3 * minute)]
    built.execute("drop table reports.replies")
    event = ["b", at + 2.5 * minute, '{"b": 1, "a": 71.0}']
    columns = "load_id varchar, loaded_at timestamptz, properties varchar"
    built.execute(f"create table core.fct_sequence_events ({columns})")
    built.execute("insert into core.fct_sequence_events values (?, ?, ?)", event)
    row = {"load_id": 2, "loaded_at": 2, "properties": {"a": 71.0, "b": 1}}
    assert list(differences(built, {"fct_sequence_events": [row]}, arrivals)) == []
    for wrong in ({"load_id": 1}, {"loaded_at": 1}, {"properties": {"a": 71, "b": 1}}):
        assert len(list(differences(built, {"fct_sequence_events": [row | wrong]}, arrivals))) == 2


def test_a_table_without_a_row_or_a_column_with_less_than_two_values_proves_little(built):
    built.execute("insert into reports.replies values ('q', 4)")
    assert list(unproven(built)) == []
    built.execute("create table core.empty (a varchar)")
    built.execute("update reports.replies set portal_id = 'p', replied = null")
    assert list(unproven(built)) == [
        "empty: no row",
        "replies: portal_id has 1 values",
        "replies: replied has 0 values",
    ]
