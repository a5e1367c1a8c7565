"""The comparison of two publications, on small ones."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from tests.support import equality
from tests.support.equality import Names, compare

LOADS = """
    select '000001-20260101T000000Z' as load_id, timestamp '2026-01-01 00:00:00' as loaded_at
    union all select '000002-20260102T000000Z', timestamp '2026-01-02 00:00:00'
"""
ROWS = "('a', 3, 0.1), ('a', 3, 0.1), (null, 4, null)"
TABLES = {
    "ops.loads": LOADS,
    "ops.runs": "select 1 as seconds",
    "core.fct_sequence_events": f"select 'e' || row_number() over () as event_id, * from ({LOADS})",
    "reports.funnel": f"select * from (values {ROWS}) as t(k, opens, rate)",
}


@pytest.fixture
def publish(tmp_path):
    """Publish tables, some of them changed, into a warehouse of a name."""

    def publish(name: str, **changed: str) -> Path:
        version = tmp_path / name / "versions" / "000001"
        tables = TABLES | {table.replace("__", "."): query for table, query in changed.items()}
        for table, query in tables.items():
            folder = version / "parquet" / table.replace(".", "/") / "portal=1"
            folder.mkdir(parents=True)
            duckdb.sql(query).write_parquet(str(folder / "data.parquet"))
        (tmp_path / name / "published").symlink_to(version)
        return tmp_path / name

    return publish


def test_the_same_rows_in_any_order_are_equal_whatever_tells_of_the_runs(publish):
    rows = "select * from (values (null, 4, null), ('a', 3, 0.1), ('a', 3, 0.1)) as t(k, opens, rate)"
    report = compare(publish("a"), publish("b", reports__funnel=rows, ops__runs="select 2 as seconds"))
    assert (report.differences, report.added) == ([], [])
    assert report.compared == ["core.fct_sequence_events", "ops.loads", "reports.funnel"]


def test_loads_are_the_same_by_their_number_and_others_are_not(publish):
    later = LOADS.replace("2026-", "2027-").replace("-2026", "-2027")
    events = f"select 'e' || row_number() over () as event_id, * from ({later})"
    assert not compare(
        publish("a"), publish("b", ops__loads=later, core__fct_sequence_events=events)
    ).differences
    swapped = events.replace("||", "|| 3 -")
    found = compare(
        publish("c"), publish("d", ops__loads=later, core__fct_sequence_events=swapped)
    ).differences
    assert [line.split(":")[1] for line in found] == [" 2 rows only before", " 2 rows only after"]


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ("('a', 3, 0.1), (null, 4, null)", ["1 rows only before"]),  # one of two equal rows is gone
        ("('a', 3, 0.1), ('a', 3, 0.1), (null, 4, null), (null, 4, null)", ["1 rows only after"]),
        ("('a', 3, 0.1), ('a', 3, 0.1), (null, 4, 0.2)", ["1 rows only before", "1 rows only after"]),
    ],
)
def test_rows_that_only_one_side_has_are_counted_both_ways(publish, rows, found):
    query = f"select * from (values {rows}) as t(k, opens, rate)"
    report = compare(publish("a"), publish("b", reports__funnel=query))
    assert [line.split(": ")[1] for line in report.differences] == found


def test_a_number_with_a_floating_point_may_differ_in_its_last_digits_alone(publish):
    one, near, off = (
        f"select cast({number} as double) as rate" for number in ("0.1", "0.1 + 1e-16", "0.1001")
    )
    assert not compare(publish("a", reports__x=one), publish("b", reports__x=near)).differences
    assert len(compare(publish("c", reports__x=one), publish("d", reports__x=off)).differences) == 2


def test_renamed_tables_and_columns_are_compared_under_their_new_names(publish):
    query = TABLES["reports.funnel"].replace("opens", "opened")
    before, after = (
        publish("a", reports__old="select 7 as n"),
        publish("b", reports__funnel=query, reports__new="select 7 as n"),
    )
    names = Names({"reports.old": "reports.new"}, {"reports.funnel": {"opens": "opened"}})
    assert compare(before, after, names).differences == []
    assert compare(before, after).differences == [
        "reports.old is not there any more",
        "reports.funnel.opens is not there any more",
    ]
    unknown = Names({"reports.old": "reports.new"}, {"reports.funnel": {"opens": "opened", "mood": "moods"}})
    assert compare(before, after, unknown).differences == [
        "reports.funnel: the file of names renames mood, which was not there"
    ]


def test_values_that_are_names_are_compared_as_they_are_called_now_in_their_column_alone(publish):
    before = publish("a", reports__metrics="select 'opens' as metric, 'opens' as label")
    after = publish("b", reports__metrics="select 'opened' as metric, 'opens' as label")
    names = Names(values={"reports.metrics": {"metric": {"opens": "opened"}}})
    assert compare(before, after, names).differences == []
    assert len(compare(after, before, names).differences) == 2


def test_what_is_added_is_told_and_another_type_is_a_difference(publish):
    rows = "select k, cast(opens as bigint) as opens, rate, 1 as more from ({})".format(
        TABLES["reports.funnel"]
    )
    report = compare(publish("a"), publish("b", reports__funnel=rows, core__dim_moods="select 1 as mood"))
    assert report.added == ["table core.dim_moods", "column reports.funnel.more"]
    assert report.differences == ["reports.funnel.opens was INTEGER and is BIGINT"]


def test_the_command_reads_the_names_from_a_file_and_says_by_its_status_whether_all_is_equal(
    publish, tmp_path, capsys
):
    before, after = (
        publish("a"),
        publish("b", reports__funnel=TABLES["reports.funnel"].replace("opens", "opened")),
    )
    file = tmp_path / "names.toml"
    file.write_text('[columns."reports.funnel"]\nopens = "opened"\n')
    assert equality.main([str(before), str(after)]) == 1
    assert equality.main([str(before), str(after), "--renamed", str(file)]) == 0
    assert capsys.readouterr().out.endswith("equal\n")
