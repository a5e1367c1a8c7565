"""A metric is one number: the semantic layer and the reports must answer alike, null keys included.

MetricFlow is asked for every metric at the grain of every report that has it; each value is compared
with the report's, row by row.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

import pytest

from sequence_warehouse.database import connect, identifier
from sequence_warehouse.metrics import Metrics
from sequence_warehouse.settings import Settings

pytestmark = pytest.mark.slow

COUNTS = (
    *("enrollments", "active_enrollments", "opened", "clicked", "replied", "replied_to_sequence_email"),
    *("meeting_booked", "no_response", "bounced", "unsubscribed", "enrollments_with_deal", "deals"),
    *("total_revenue", "total_opens", "total_clicks", "total_replies", "total_meetings"),
)
DISTINCT = ("contacts", "active_contacts", "companies", "companies_engaged", "companies_with_meeting")
RATES = (
    *("open_rate", "click_rate", "reply_rate", "sequence_email_reply_rate", "meeting_rate"),
    *("no_response_rate", "bounce_rate", "unsubscribe_rate", "deal_rate"),
)
ALL = {name: name for name in (*COUNTS, *DISTINCT, *RATES, *(f"contact_{rate}" for rate in RATES))}
MONTHLY = {
    **{name: name for name in ("enrollments", "contacts")},
    **{name: name for name in ("total_opens", "total_clicks", "total_replies", "total_meetings")},
    **{name: name for name in ("opened", "clicked", "replied", "meeting_booked", "unsubscribed")},
    "unsubscribes_per_enrollment": "unsubscribe_rate",
}
STEPS = {
    **{"steps_executed": "steps_executed", "meeting_booked": "step_meetings", "opened": "step_opens"},
    **{"clicked": "step_clicks", "replied": "step_replies", "tasks_completed": "tasks_completed"},
}
STEP_RATES = {
    **{"open_rate": "step_open_rate", "click_rate": "step_click_rate", "reply_rate": "step_reply_rate"},
    **{"meeting_rate": "step_meeting_rate", "task_completion_rate": "task_completion_rate"},
}
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
    """A report's key columns by dimension, its other columns by metric.

    only: which of its rows to compare; a report may show keys of which nothing was started.
    nulls: key columns that must be null in some row, or else the comparison would not see them.
    """

    report: str
    keys: dict[str, str]
    metrics: dict[str, str]
    only: str = "true"
    nulls: set[str] = field(default_factory=set)


COMPARISONS = [
    Comparison("account_overview", {"portal_id": "account"}, ALL, only="enrollments > 0"),
    Comparison(
        "sequence_performance",
        {"portal_id": "account", **some(ENROLLMENT, "sequence_id")},
        ALL,
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
        {"enrollments": "enrollments"},
        nulls={"sequence_id", "step_order"},
    ),
    Comparison("monthly_overview", {"portal_id": "account", "enrolled_month": "metric_time__month"}, MONTHLY),
    Comparison(
        "monthly_enrollments",
        {
            "portal_id": "account",
            "enrolled_month": "metric_time__month",
            **some(ENROLLMENT, "sequence_id"),
        },
        MONTHLY,
        nulls={"sequence_id"},
    ),
    Comparison(
        "step_funnel",
        {"portal_id": "account", **some(STEP, "sequence_id", "step_order", "template_id")},
        {**STEPS, **STEP_RATES},
        nulls={"sequence_id", "template_id"},
    ),
    Comparison(
        "enrollment_metrics_daily",
        {"portal_id": "account", "enrolled_on": "metric_time__day", **ENROLLMENT},
        some(ALL, *COUNTS),
        nulls={"sequence_id", "enrolled_by_user_id", "company_id"},
    ),
    Comparison(
        "step_metrics_daily",
        {"portal_id": "account", "enrolled_on": "metric_time__day", **STEP},
        STEPS,
        nulls={"sequence_id", "template_id", "enrolled_by_user_id", "company_id"},
    ),
]


@pytest.mark.parametrize("comparison", COMPARISONS, ids=lambda comparison: comparison.report)
def test_each_metric_is_the_reports_in_every_row(published, metrics, comparison):
    reported = rows_of_report(published, comparison)
    answered = rows_of_metrics(metrics, comparison)
    assert reported, "the sample has something to compare"
    for position, column in enumerate(comparison.keys):
        if column in comparison.nulls:
            assert any(key[position] is None for key in reported), f"no row has a null {column}"

    assert answered.keys() - reported.keys() == set(), "rows that only the metrics have"
    assert reported.keys() - answered.keys() == set(), "rows that only the report has"
    different = [
        (key, column, values[column], answered[key][column])
        for key, values in reported.items()
        for column in comparison.metrics
        if not is_same(values[column], answered[key][column])
    ]
    assert different == []


def test_every_metric_of_the_layer_is_compared_with_a_report(metrics):
    compared = {metric for comparison in COMPARISONS for metric in comparison.metrics.values()}
    # numerators of the contact rates, which the reports show as rates only
    numerators = {name for name in metrics.names() if name.startswith("contacts_")}
    assert compared == set(metrics.names()) - numerators


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


def test_weeks_quarters_and_years_add_up_to_all_enrollments(metrics):
    ((total,),) = metrics.answer(["enrollments"]).fetchall()
    for period in ("day", "week", "month", "quarter", "year"):
        rows = metrics.answer(["enrollments"], group_by=[f"metric_time__{period}"]).fetchall()
        assert sum(number for _, number in rows) == total


def rows_of_report(settings: Settings, comparison: Comparison) -> dict[tuple, dict]:
    """The report's values by its key."""
    columns = ", ".join(identifier(name) for name in (*comparison.keys, *comparison.metrics))
    with connect(settings.published / "sequences.duckdb", read_only=True) as connection:
        rows = connection.execute(
            f"select {columns} from reports.{comparison.report} where {comparison.only}"
        ).fetchall()
    return by_key(rows, comparison)


def rows_of_metrics(metrics: Metrics, comparison: Comparison) -> dict[tuple, dict]:
    """What MetricFlow answers, by the same key and under the report's names."""
    answer = metrics.answer(
        list(dict.fromkeys(comparison.metrics.values())), group_by=list(comparison.keys.values())
    )
    place = {name: position for position, name in enumerate(answer.columns)}
    wanted = [place[name] for name in (*comparison.keys.values(), *comparison.metrics.values())]
    return by_key([tuple(row[position] for position in wanted) for row in answer.fetchall()], comparison)


def by_key(rows: list[tuple], comparison: Comparison) -> dict[tuple, dict]:
    width = len(comparison.keys)
    keyed = {row[:width]: dict(zip(comparison.metrics, row[width:], strict=True)) for row in rows}
    assert len(keyed) == len(rows), f"{comparison.report}: a key has several rows"
    return keyed


def is_same(reported: float | Decimal | None, answered: float | Decimal | None) -> bool:
    """Counts and money exactly; a rate as near as two orders of the same division come."""
    if isinstance(reported, float) and isinstance(answered, float):
        return abs(reported - answered) <= 1e-12
    return reported == answered
