"""Every expectation of a published table is seen to fail, for every column that it names."""

import json
import re
from collections.abc import Callable, Iterator

import duckdb
import pytest

from sequence_warehouse.validation import validate
from sequence_warehouse.validation.suites import Suite, SuiteExpectation, load_suites
from tests.validation.conftest import SUITES
from tests.validation.marts_damage import DAMAGE, PROBLEMS, SUSPICIOUS
from tests.validation.marts_sql import MARTS

PUBLISHED = [suite for suite in load_suites(SUITES / "marts") if suite.schema != "audit"]
TYPES = "the columns of the contract are there, with its types"
KEY = "one row per "
# What is said of most tables in the same words, and what breaks one column of it.
OF_EACH_COLUMN = {
    "none of these is ever null": "{column} = null",
    "no count is null or negative": "{column} = if(hash(rowid) % 2 = 0, -1, null)",
    "none of these exceeds ": "{column} = {total} + 1",
    "the interval of each rate": "{column} = 0.7, {column}_lower = 0.8, {column}_upper = 1.1",
    "each rate is its count over ": "{column} = 0.123",
}
OF_MOST_TABLES = (TYPES, KEY, *OF_EACH_COLUMN)

# What two tables say of one another though it is not the same.
BOUNDS = ("a sequence's executed steps are at least", "the e-mail steps of a sequence are at most")


def said_of_most_tables(expectation: SuiteExpectation) -> bool:
    return expectation.description.startswith(OF_MOST_TABLES)


def problems(expectation: SuiteExpectation) -> set[str]:
    return set(re.findall(r"then '(.*)'", expectation.gx_kwargs.get("query", "")))


def test_a_damage_is_known_for_every_expectation():
    known = [*DAMAGE, *SUSPICIOUS]
    unbroken = [
        (suite.name, expectation.description)
        for suite in PUBLISHED
        for expectation in suite.expectations
        if not said_of_most_tables(expectation)
        and not is_identity(expectation)
        and not problems(expectation) & {problem for _, problem, _ in PROBLEMS}
        and not any(suite.name == table and said in expectation.description for table, said, _ in known)
    ]
    assert unbroken == []

    named = {problem for suite in PUBLISHED for e in suite.expectations for problem in problems(e)}
    assert named - {problem for _, problem, _ in PROBLEMS} == set()


@pytest.mark.parametrize(("table", "said", "sql"), DAMAGE)
def test_damage_fails_the_border_and_the_message_says_what(database, one_suite, table, said, sql):
    report = validate(database("marts", sql), one_suite("marts", table), None, "marts", "run-1")

    assert not report.success
    sentences = [str(row) for row in report.failed_critical if not row.observed.startswith("error")]
    assert any(one.startswith(table) and said in one for one in sentences), sentences


@pytest.mark.parametrize(("table", "said", "sql"), SUSPICIOUS)
def test_what_is_only_suspicious_warns(database, one_suite, table, said, sql):
    report = validate(database("marts", sql), one_suite("marts", table), None, "marts", "run-1")

    sentences = [str(row) for row in report.warnings if not row.observed.startswith("error")]
    assert any(one.startswith(table) and said in one for one in sentences), sentences
    assert not [row for row in report.failed_critical if said in row.description]


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute(MARTS)
        yield connection


@pytest.fixture
def evidence(connection) -> Iterator[Callable[[SuiteExpectation, str], list]]:
    """What an expectation's query finds after a damage, which is undone at the end of the test."""

    def after(expectation: SuiteExpectation, sql: str) -> list:
        connection.execute(sql)
        return connection.execute(expectation.gx_kwargs["query"]).fetchall()

    connection.execute("begin")
    yield after
    connection.execute("rollback")


def suite_of(table: str) -> Suite:
    (suite,) = (suite for suite in PUBLISHED if suite.name == table)
    return suite


@pytest.mark.parametrize(("table", "problem", "sql"), PROBLEMS)
def test_a_problem_is_called_by_its_name(evidence, table, problem, sql):
    (expectation,) = (e for e in suite_of(table).expectations if problem in problems(e))
    assert evidence(expectation, "select 1") == []
    assert problem in {row[-1] for row in evidence(expectation, sql)}


@pytest.mark.parametrize("suite", PUBLISHED, ids=lambda suite: suite.name)
def test_each_missing_column_and_a_row_twice_are_found(evidence, suite: Suite):
    types, key = (e for e in suite.expectations if e.description.startswith((TYPES, KEY)))
    columns = json.loads(suite.path.read_text(encoding="utf-8"))["expectations"][0]["kwargs"]["column_types"]
    assert evidence(types, "select 1") == evidence(key, "select 1") == []
    assert evidence(key, f"insert into {suite.table_name} from {suite.table_name}")
    found = evidence(types, f"create or replace table {suite.table_name} as select 1 as nothing")
    assert {name for name, *_ in found} == set(columns)


def columns_of(said: Callable[[SuiteExpectation], bool]) -> list:
    return [
        pytest.param(suite, expectation, column, id=f"{suite.name}.{column}-{position}")
        for suite in PUBLISHED
        for position, expectation in enumerate(suite.expectations)
        if said(expectation)
        for column in expectation.columns or _column_list(expectation)
    ]


def _column_list(expectation: SuiteExpectation) -> list[str]:
    return re.findall(r" as (\w+),?$", expectation.gx_kwargs["query"], re.MULTILINE)


@pytest.mark.parametrize(
    ("suite", "expectation", "column"),
    columns_of(lambda expectation: expectation.description.startswith(tuple(OF_EACH_COLUMN))),
)
def test_what_is_said_of_columns_is_checked_of_each(evidence, suite: Suite, expectation, column):
    ((said, change),) = [
        item for item in OF_EACH_COLUMN.items() if expectation.description.startswith(item[0])
    ]
    change = change.format(column=column, total=expectation.description.removeprefix(said))
    assert evidence(expectation, "select 1") == []
    assert evidence(expectation, f"update {suite.table_name} set {change}")


def is_identity(expectation: SuiteExpectation) -> bool:
    """Whether it compares the rows of two tables."""
    query = expectation.gx_kwargs.get("query", "")
    return bool(re.search(r"^except$| except from |\) is distinct from row\(", query, re.MULTILINE))


@pytest.mark.parametrize(("suite", "expectation", "column"), columns_of(is_identity))
def test_an_identity_between_tables_compares_each_column(
    connection, evidence, suite: Suite, expectation, column
):
    kind = connection.execute(f"select any_value(typeof({column})) from {suite.table_name}").fetchone()[0]
    change = {
        "BOOLEAN": f"coalesce(not {column}, true)",
        "VARCHAR": "'another'",
        "DATE": f"coalesce({column}, '2026-01-01') + interval 40 day",
        "TIMESTAMP WITH TIME ZONE": (f"if({column} is null, timestamptz '2026-01-01 00:00:00+00', null)"),
        "DECIMAL(38,6)": f"{column} + 0.000001",
    }.get(kind, f"coalesce({column}, 0) + 1")
    assert evidence(expectation, "select 1") == []
    assert evidence(expectation, f"update {suite.table_name} set {column} = {change}")


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ("reports.enrollment_metrics_daily", "sequence_id"),
        ("reports.sequence_performance", "sequence_id"),
        ("reports.enrollments_by_step", "step_order"),
        ("reports.email_performance", "template_id"),
        ("reports.monthly_enrollments", "sequence_id"),
        ("reports.sender_score", "user_id"),
        ("reports.sender_score_by_sequence", "sequence_id"),
        ("reports.sender_score_daily", "user_id"),
        ("reports.enrollment_list", "sequence_id"),
        ("reports.engagement_by_hour", "sequence_id"),
        ("reports.deliverability", "enrolled_by_user_id"),
    ],
)
def test_identities_compare_the_row_of_the_unknown_too(evidence, table, key):
    damage = f"delete from {table} where {key} is null"
    assert any(evidence(e, damage) for e in suite_of(table).expectations if is_identity(e))


@pytest.mark.parametrize("suite", PUBLISHED, ids=lambda suite: suite.name)
def test_a_table_without_rows_disagrees_with_the_others(evidence, suite: Suite):
    identities = [e for e in suite.expectations if is_identity(e) or e.description.startswith(BOUNDS)]
    # accounts that never asked HubSpot have nothing to reconcile
    if suite.name not in {"core.fct_enrollments", "reports.reconciliation"}:
        assert any(evidence(e, f"delete from {suite.table_name}") for e in identities)
