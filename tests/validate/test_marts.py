"""Whatever may be wrong with a published table, something says so: a test of dbt, or a suite at the border.

All of it is tried on the sample as it was built, in transactions that are rolled back.
"""

import json
import re
from collections.abc import Callable, Iterator

import duckdb
import pytest

from sequence_warehouse.validate import validate
from sequence_warehouse.validate.suites import Suite, SuiteExpectation, load_suites
from tests.validate.conftest import SUITES
from tests.validate.marts_damage import ROWS, SUSPICIOUS, TABLES
from tests.validate.metrics_damage import METRICS

PUBLISHED = [suite for suite in load_suites(SUITES / "marts") if suite.schema != "audit"]
# What two tables say of one another though it is not the same.
BOUNDS = ("a sequence's executed steps are at least", "the e-mail steps of a sequence are at most")
# Counts and flags that may be null.
UNKNOWN = {"delay_milliseconds", "is_email_sent", "is_mature", "length_milliseconds"}


@pytest.fixture(scope="module")
def manifest(marts) -> dict:
    return json.loads((marts.work / "dbt" / "manifest.json").read_text())["nodes"]


@pytest.fixture(scope="module")
def connection(marts) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(marts.database)) as connection:
        yield connection


@pytest.fixture
def damage(connection) -> Iterator[Callable[[str], None]]:
    """Runs SQL that is undone at the end of the test, or when other SQL is run."""
    connection.execute("begin")

    def run(sql: str) -> None:
        connection.execute("rollback")
        connection.execute("begin")
        connection.execute(sql)

    yield run
    connection.execute("rollback")


@pytest.fixture(scope="module")
def found(connection, manifest) -> Callable[[str, str], list]:
    """What the dbt test of a name, or the expectation of a suite, finds: rows."""
    tests = {node["name"]: node for node in manifest.values() if node["resource_type"] == "test"}

    def look(name: str, said: str) -> list:
        if name in tests:
            query = tests[name]["compiled_code"]
            query = f"select * from ({query}) where broken like ?" if said else query
            return connection.execute(query, [f"%{_escaped(said)}%"] if said else []).fetchall()
        (query,) = (e.gx_kwargs["query"] for e in suite_of(name).expectations if said in e.description)
        return connection.execute(query).fetchall()

    return look


def _escaped(text: str) -> str:
    return re.sub(r"[%_]", "_", text)


def suite_of(table: str) -> Suite:
    (suite,) = (suite for suite in PUBLISHED if suite.name == table)
    return suite


def is_identity(expectation: SuiteExpectation) -> bool:
    """Whether it compares the rows of two tables."""
    query = expectation.gx_kwargs.get("query", "")
    return bool(re.search(r"^except$| except from |\) is distinct from row\(", query, re.MULTILINE))


def test_of_the_sample_as_it_was_built_nothing_is_wrong(connection, manifest):
    wrong = {
        node["name"]: rows
        for node in manifest.values()
        if node["resource_type"] == "test"
        and (rows := connection.execute(f"from ({node['compiled_code']}) limit 1").fetchall())
    }
    assert wrong == {}


@pytest.mark.parametrize(("name", "said", "sql"), [*ROWS, *METRICS, *TABLES])
def test_each_damage_is_found(damage, found, name, said, sql):
    assert found(name, said) == []
    damage(sql)
    assert found(name, said)


def test_a_damage_is_known_for_every_expectation():
    unbroken = [
        (suite.name, expectation.description)
        for suite in PUBLISHED
        for expectation in suite.expectations
        if not is_identity(expectation)
        and not any(
            suite.name == name and said in expectation.description for name, said, _ in [*TABLES, *SUSPICIOUS]
        )
    ]
    assert unbroken == []


def test_the_sample_passes_and_what_is_only_suspicious_warns(database, suites):
    before = validate(database("marts"), suites, None, "marts", "run-1")
    assert [str(row) for row in before.failed_critical] == []

    damage = "; ".join(sql for _, _, sql in SUSPICIOUS)
    after = validate(database("marts", damage), suites, None, "marts", "run-1")
    # the sample itself has a few oddities, which the damages make worse
    new = {str(row) for row in after.warnings if not row.observed.startswith("error")}
    new -= {str(row) for row in before.warnings}
    silent = [
        (table, said)
        for table, said, _ in SUSPICIOUS
        if not any(one.startswith(table) and said in one for one in new)
    ]
    assert silent == []


def breaks(column: str, data_type: str) -> Iterator[str]:
    """What must not become of a column, as its name and type tell."""
    if data_type in {"bigint", "boolean"} and column not in UNKNOWN:
        yield f"set {column} = null"
    if data_type == "bigint" and column not in UNKNOWN:
        yield f"set {column} = -1"
    if column.endswith(("_rate", "_per_enrollment")):
        yield f"set {column} = 0.123"
    if column.endswith("_lower"):
        rate = column.removesuffix("_lower")
        yield f"set {column} = {rate} + 0.1 where {column} is not null"
        yield f"set {column} = null where {column} is not null"
    if column.endswith("_upper"):
        rate = column.removesuffix("_upper")
        yield f"set {column} = {rate} - 0.1 where {column} is not null"
        yield f"set {column} = null where {column} is not null"
        yield f"set {column} = 1.1 where {column} is not null"


def test_what_is_declared_of_columns_is_held_of_each(connection, manifest):
    """No list of reports here: a new one, or a new column of one, is tried by its contract."""
    tests = {node["name"]: node["compiled_code"] for node in manifest.values() if "compiled_code" in node}
    silent = []
    for model in manifest.values():
        if model["resource_type"] != "model" or model["schema"] not in {"core", "reports"}:
            continue
        holds = tests[f"{model['name']}__holds"].replace(model["relation_name"], "broken")
        connection.execute(
            f"create or replace temp table few as from {model['relation_name']} as t "
            "order by hash(t) limit 100"
        )
        changes = ["insert into broken from few"]
        for column in model["columns"].values():
            changes += [f"update broken {change}" for change in breaks(column["name"], column["data_type"])]
        for change in changes:
            connection.execute("create or replace temp table broken as from few")
            connection.execute(change)
            if not connection.execute(holds).fetchall():
                silent.append((model["name"], change))
    assert silent == []


def identities() -> list:
    return [
        pytest.param(suite, expectation, column, id=f"{suite.name}.{column}-{position}")
        for suite in PUBLISHED
        for position, expectation in enumerate(suite.expectations)
        if is_identity(expectation)
        for column in expectation.columns
    ]


@pytest.mark.parametrize(("suite", "expectation", "column"), identities())
def test_an_identity_between_tables_compares_each_column(
    connection, damage, found, suite: Suite, expectation, column
):
    kind = connection.execute(f"select any_value(typeof({column})) from {suite.table_name}").fetchone()[0]
    change = {
        "BOOLEAN": f"coalesce(not {column}, true)",
        "VARCHAR": "'another'",
        "DATE": f"coalesce({column}, '2026-01-01') + interval 40 day",
        "TIMESTAMP WITH TIME ZONE": (f"if({column} is null, timestamptz '2026-01-01 00:00:00+00', null)"),
        "DECIMAL(38,6)": f"{column} + 0.000001",
    }.get(kind, f"coalesce({column}, 0) + 1")
    damage(f"update {suite.table_name} set {column} = {change}")
    assert found(suite.name, expectation.description)


ADDS_UP = [
    ("enrollment_metrics_daily_adds_up", "sequence_performance", "enrollment_metrics_daily"),
    ("enrollment_metrics_daily_adds_up", "account_overview", "enrollment_metrics_daily"),
    ("monthly_enrollments_adds_up", "monthly_enrollments", "enrollment_metrics_daily"),
    ("monthly_overview_adds_up", "monthly_overview", "enrollment_metrics_daily"),
    ("step_metrics_daily_adds_up", "step_metrics_daily", "step_funnel"),
    ("step_metrics_daily_adds_up", "step_funnel", "step_metrics_daily"),
]


@pytest.mark.parametrize(("test", "report", "other"), ADDS_UP)
def test_every_metric_that_two_reports_show_adds_up(manifest, damage, found, test, report, other):
    here, there = (manifest[f"model.sequence_warehouse.{name}"]["columns"] for name in (report, other))
    metrics = [
        name
        for name in here.keys() & there.keys() - {"step_order"}
        if here[name]["data_type"].startswith(("bigint", "decimal"))
    ]
    assert len(metrics) >= 6
    silent = []
    for metric in metrics:
        damage(f"update reports.{report} set {metric} = {metric} + 1 where portal_id = '1001'")
        if not found(test, ""):
            silent.append(metric)
    assert silent == []


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ("reports.enrollment_metrics_daily", "sequence_id"),
        ("reports.enrollments_by_step", "step_order"),
        ("reports.email_performance", "template_id"),
        ("reports.sender_score", "user_id"),
        ("reports.sender_score_by_sequence", "sequence_id"),
        ("reports.sender_score_daily", "user_id"),
        ("reports.enrollment_list", "sequence_id"),
        ("reports.engagement_by_hour", "sequence_id"),
        ("reports.deliverability", "enrolled_by_user_id"),
    ],
)
def test_identities_compare_the_row_of_the_unknown_too(damage, found, table, key):
    damage(f"delete from {table} where {key} is null")
    suite = suite_of(table)
    assert any(found(table, e.description) for e in suite.expectations if is_identity(e))


def test_sums_have_the_row_of_the_unknown_too(damage, found):
    damage("delete from reports.sequence_performance where sequence_id is null")
    assert found("enrollment_metrics_daily_adds_up", "")
    damage("delete from reports.monthly_enrollments where sequence_id is null")
    assert found("monthly_enrollments_adds_up", "")


@pytest.mark.parametrize("suite", PUBLISHED, ids=lambda suite: suite.name)
def test_a_table_without_rows_disagrees_with_the_others(damage, found, suite: Suite):
    said = [e.description for e in suite.expectations if is_identity(e) or e.description.startswith(BOUNDS)]
    damage(f"delete from {suite.table_name}")
    # a fact without rows is found by what is made of it, accounts that never asked HubSpot have nothing to
    # reconcile, and months that are missing are not said to be mature
    if suite.name not in {"core.fct_enrollments", "reports.reconciliation", "reports.monthly_enrollments"}:
        assert any(found(suite.name, one) for one in said)
    for test in ("monthly_enrollments_adds_up", "step_metrics_daily_adds_up"):
        report = f"reports.{test.removesuffix('_adds_up')}"
        damage(f"delete from {report}")
        assert found(test, "")
