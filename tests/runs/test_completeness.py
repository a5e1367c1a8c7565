"""What the end of a run says of each account."""

from __future__ import annotations

from datetime import UTC, datetime

import duckdb
import pytest

from sequence_warehouse.runs import completeness
from sequence_warehouse.storage.database import connect

NOW = datetime(2026, 3, 14, 12, tzinfo=UTC).timestamp()


@pytest.fixture
def connection():
    with connect() as connection:
        connection.execute(
            "create schema core; create schema ops;"
            "create table core.dim_accounts (portal_id varchar, as_of timestamptz);"
            "create table ops.freshness "
            "(portal_id varchar, family varchar, stream varchar, expected boolean, verdict varchar)"
        )
        yield connection


def told(connection: duckdb.DuckDBPyConnection, accounts: dict, streams: list[tuple]) -> list[str]:
    for portal_id, as_of in accounts.items():
        connection.execute("insert into core.dim_accounts values (?, ?)", [portal_id, as_of])
    for stream in streams:
        connection.execute("insert into ops.freshness values (?, ?, ?, ?, ?)", list(stream))
    return completeness.sentences(connection, NOW)


def test_an_account_is_incomplete_where_a_stream_that_it_should_have_is(connection):
    assert told(
        connection,
        {"1001": "2026-03-02T10:00:00Z", "1002": "2026-03-14T10:30:00Z", "1003": "2026-03-14T11:59:59Z"},
        [
            ("1001", "objects", "deals", True, "complete"),
            # neither an event that need not come, nor objects that need not change
            ("1001", "events", "e_page", False, "silent"),
            ("1001", "objects", "pipelines", True, "silent"),
            ("1002", "events", "b", True, "silent"),
            ("1002", "events", "a", False, "silent"),
            ("1002", "objects", "c", True, "behind"),
            ("1002", "events", "e_x", True, "never seen"),
            ("1002", "events", "e_y", True, "complete"),
            ("1003", "objects", "deals", True, "complete"),
        ],
    ) == [
        "account 1002: incomplete as of 2026-03-14 10:30 UTC, 1 hour ago "
        "(4 of 5 streams: never seen e_x; silent b, a; behind c)",
        "account 1001: complete as of 2026-03-02 10:00 UTC, 12 days ago "
        "(2 of 3 streams: silent pipelines, e_page)",
        "account 1003: complete as of 2026-03-14 11:59 UTC, just now (1 stream)",
    ]


def test_an_account_without_events_and_one_ahead_of_the_clock_have_a_verdict_too(connection):
    assert told(
        connection,
        {"1": None, "2": "2026-03-14T12:00:01Z"},
        [("1", "events", name, True, "never seen") for name in "abcde"],
    ) == [
        "account 1: incomplete without a known event (5 of 5 streams: never seen a, b, c and 2 more)",
        "account 2: complete as of 2026-03-14 12:00 UTC, ahead of this clock (0 streams)",
    ]


def test_of_many_accounts_the_first_ten_are_shown_those_with_something_missing_before_all(connection):
    accounts = {f"{number:02}": None for number in range(12)}
    lines = told(connection, accounts, [("11", "objects", "deals", True, "behind")])
    assert [line.split(":")[0] for line in lines[:2]] == ["account 11", "account 00"]
    assert lines[10:] == ["2 more accounts, 0 of them incomplete: see ops.freshness"]


@pytest.mark.parametrize(
    ("stream", "verdict"),
    [
        (("events", True, "silent"), "incomplete"),
        (("objects", True, "silent"), "complete"),
        (("objects", True, "behind"), "incomplete"),
        (("objects", True, "never seen"), "incomplete"),
        (("events", False, "behind"), "complete"),
        (("events", True, "complete"), "complete"),
    ],
)
def test_one_stream_decides_for_its_account(connection, stream, verdict):
    family, expected, of_stream = stream
    (line,) = told(connection, {"1": None}, [("1", family, "some", expected, of_stream)])
    assert line.startswith(f"account 1: {verdict} ")
