"""A metric is one number: the semantic layer and the reports must answer alike, null keys included.

MetricFlow is asked for every metric at the grain of every report that has it; each value is compared
with the report's, row by row.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

import pytest

from sequence_warehouse.config.settings import Settings
from sequence_warehouse.semantic.metrics import Metrics
from sequence_warehouse.storage.database import connect, identifier

pytestmark = pytest.mark.slow

NUMBERS = ("BIGINT", "DOUBLE", "DECIMAL(38,6)")
ENROLLMENT = {
    name: f"enrollment__{name}" for name in ("sequence_id", "enrolled_by_user_id", "company_id", "status")
}
STEP = {
    name: f"step__{name}"
    for name in ("sequence_id", "step_order", "template_id", "enrolled_by_user_id", "company_id")
}


def some(names: dict[str, str], *wanted: str) -> dict[str, str]:
    return {name: names[name] for name in wanted}


@dataclass(frozen=True)
class Comparison:
    """A report's key columns by dimension; every number in it is a metric, by the name of its column.

    of_steps: where enrollments have a metric of that name, the one of steps begins with step_.
    others: numbers that are no metric. only: which of its rows to compare; a report may show keys of
    which nothing was started. nulls: key columns that must be null in some row, or else the comparison
    would not see them.
    """

    report: str
    keys: dict[str, str]
    of_steps: bool = False
    others: set[str] = field(default_factory=set)
    only: str = "true"
    nulls: set[str] = field(default_factory=set)


COMPARISONS = [
    Comparison("account_overview", {"portal_id": "account"}, only="enrollments > 0"),
    Comparison(
        "sequence_performance",
        {"portal_id": "account", **some(ENROLLMENT, "sequence_id")},
        only="enrollments > 0",
        nulls={"sequence_id"},
    ),
    Comparison(
        "enrollments_by_step",
        {
            "portal_id": "account",
            "step_order": "enrollment__last_step_order",
            **some(ENROLLMENT, "sequence_id", "status"),
        },
        nulls={"sequence_id", "step_order"},
    ),
    Comparison("monthly_overview", {"portal_id": "account", "enrolled_month": "metric_time__month"}),
    Comparison(
        "monthly_enrollments",
        {
            "portal_id": "account",
            "enrolled_month": "metric_time__month",
            **some(ENROLLMENT, "sequence_id"),
        },
        nulls={"sequence_id"},
    ),
    Comparison(
        "step_funnel",
        {"portal_id": "account", **some(STEP, "sequence_id", "step_order", "template_id")},
        of_steps=True,
        others={"reach_rate", "drop_off"},
        nulls={"sequence_id", "template_id"},
    ),
    Comparison(
        "enrollment_metrics_daily",
        {"portal_id": "account", "enrolled_on": "metric_time__day", **ENROLLMENT},
        nulls={"sequence_id", "enrolled_by_user_id", "company_id"},
    ),
    Comparison(
        "step_metrics_daily",
        {"portal_id": "account", "enrolled_on": "metric_time__day", **STEP},
        of_steps=True,
        nulls={"sequence_id", "template_id", "enrolled_by_user_id", "company_id"},
    ),
]


@pytest.mark.parametrize("comparison", COMPARISONS, ids=lambda comparison: comparison.report)
def test_each_metric_is_the_reports_in_every_row(published, metrics, comparison):
    names = metric_of_column(published, metrics, comparison)
    reported = rows_of_report(published, comparison, names)
    answered = rows_of_metrics(metrics, comparison, names)
    assert reported, "the sample has something to compare"
    for position, column in enumerate(comparison.keys):
        if column in comparison.nulls:
            assert any(key[position] is None for key in reported), f"no row has a null {column}"

    assert answered.keys() - reported.keys() == set(), "rows that only the metrics have"
    assert reported.keys() - answered.keys() == set(), "rows that only the report has"
    different = [
        (key, column, values[column], answered[key][column])
        for key, values in reported.items()
        for column in names
        if not is_same(values[column], answered[key][column])
    ]
    assert different == []


def test_every_number_is_a_metric_and_every_metric_a_number_of_a_report(published, metrics):
    compared = {
        metric
        for comparison in COMPARISONS
        for metric in metric_of_column(published, metrics, comparison).values()
    }
    assert compared == set(metrics.names())


@pytest.mark.parametrize(
    ("condition", "sql"),
    [
        (
            "{{{{ Dimension('enrollment__enrolled_by_user_id') }}}} = '{user}'",
            "enrolled_by_user_id = '{user}'",
        ),
        (
            "{{{{ Dimension('enrolled_by_user__user_id') }}}} = '{user}' "
            "and {{{{ Dimension('enrollment__status') }}}} = 'finished'",
            "enrolled_by_user_id = '{user}' and status = 'finished'",
        ),
        (
            "{{{{ TimeDimension('metric_time', 'day') }}}} >= '{day}' "
            "and {{{{ Dimension('enrollment__is_inferred') }}}} = false",
            "enrolled_on >= date '{day}' and not is_inferred",
        ),
    ],
    ids=["user", "user and status", "since a day"],
)
def test_a_rate_stays_right_under_a_filter(published, metrics, condition, sql):
    with connect(published.published / "sequences.duckdb", read_only=True) as connection:
        user, day = connection.execute(
            "select mode(enrolled_by_user_id), median(enrolled_on)::date from core.fct_enrollments "
            "where portal_id = '1001'"
        ).fetchone()
        expected = connection.execute(
            f"""
            select
                portal_id,
                count(*) filter (where is_replied) / count(*) as reply_rate,
                count(distinct contact_id) filter (where is_opened) / count(distinct contact_id)
                    as contact_open_rate,
            from core.fct_enrollments
            where is_started and {sql.format(user=user, day=day)}
            group by all
            """
        ).fetchall()
    answer = metrics.answer(
        ["reply_rate", "contact_open_rate"],
        group_by=["account"],
        where=[condition.format(user=user, day=day)],
    ).fetchall()
    assert any(0 < rate < 1 for row in expected for rate in row[1:])
    assert {row[0]: pytest.approx(row[1:]) for row in expected} == {row[0]: row[1:] for row in answer}


@pytest.mark.parametrize(
    ("metric", "dimension", "sql"),
    [
        (
            "steps_executed",
            "template__template_name",
            """
            select template_name, count(*) from reports.step_contacts
            left join core.dim_templates using (portal_id, template_id) where is_executed group by all
            """,
        ),
        (
            "enrollments",
            "sequence__folder_name",
            """
            select folder_name, count(*) from core.fct_enrollments
            left join core.dim_sequences using (portal_id, sequence_id) where is_started group by all
            """,
        ),
    ],
    ids=["template", "folder"],
)
def test_a_metric_is_grouped_by_a_name_and_what_has_none_is_kept(published, metrics, metric, dimension, sql):
    with connect(published.published / "sequences.duckdb", read_only=True) as connection:
        expected = dict(connection.execute(sql).fetchall())
    answer = dict(metrics.answer([metric], group_by=[dimension]).fetchall())
    assert len(expected) > 2 and None in expected
    assert {name: number for name, number in answer.items() if number} == expected


def test_weeks_quarters_and_years_add_up_to_all_enrollments(metrics):
    ((total,),) = metrics.answer(["enrollments"]).fetchall()
    for period in ("day", "week", "month", "quarter", "year"):
        rows = metrics.answer(["enrollments"], group_by=[f"metric_time__{period}"]).fetchall()
        assert sum(number for _, number in rows) == total


def metric_of_column(settings: Settings, metrics: Metrics, comparison: Comparison) -> dict[str, str]:
    """The report's numbers, but for bounds of intervals, by the metric that each must be."""
    with connect(settings.published / "sequences.duckdb", read_only=True) as connection:
        described = connection.execute(f"describe reports.{comparison.report}").fetchall()
    numbers = [
        name
        for name, data_type, *_ in described
        if data_type in NUMBERS and not name.endswith(("_lower", "_upper")) and name not in comparison.others
    ]
    if not comparison.of_steps:
        return {name: name for name in numbers}
    known = metrics.names()
    return {name: f"step_{name}" if f"step_{name}" in known else name for name in numbers}


def rows_of_report(settings: Settings, comparison: Comparison, names: dict[str, str]) -> dict[tuple, dict]:
    """The report's values by its key."""
    columns = ", ".join(identifier(name) for name in (*comparison.keys, *names))
    with connect(settings.published / "sequences.duckdb", read_only=True) as connection:
        rows = connection.execute(
            f"select {columns} from reports.{comparison.report} where {comparison.only}"
        ).fetchall()
    return by_key(rows, comparison, names)


def rows_of_metrics(metrics: Metrics, comparison: Comparison, names: dict[str, str]) -> dict[tuple, dict]:
    """What MetricFlow answers, by the same key and under the report's names."""
    answer = metrics.answer(list(names.values()), group_by=list(comparison.keys.values()))
    place = {name: position for position, name in enumerate(answer.columns)}
    wanted = [place[name] for name in (*comparison.keys.values(), *names.values())]
    rows = [tuple(row[position] for position in wanted) for row in answer.fetchall()]
    return by_key(rows, comparison, names)


def by_key(rows: list[tuple], comparison: Comparison, names: dict[str, str]) -> dict[tuple, dict]:
    width = len(comparison.keys)
    keyed = {row[:width]: dict(zip(names, row[width:], strict=True)) for row in rows}
    assert len(keyed) == len(rows), f"{comparison.report}: a key has several rows"
    return keyed


def is_same(reported: float | Decimal | None, answered: float | Decimal | None) -> bool:
    """Counts and money exactly; a rate as near as two orders of the same division come."""
    if isinstance(reported, float) and isinstance(answered, float):
        return abs(reported - answered) <= 1e-12
    return reported == answered
