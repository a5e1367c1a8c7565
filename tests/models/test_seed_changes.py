"""One seed or var changes exactly the columns that it should, of exactly the tables that it should."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hubspot_simulator.landing import simulate
from sequence_warehouse.build.dbt_build import build
from sequence_warehouse.build.declared import PUBLISHED_SCHEMAS
from sequence_warehouse.config.settings import Settings
from sequence_warehouse.load import load
from sequence_warehouse.storage.database import connect, identifier
from tests.support.projects import light_project

# rows move between the keys of these, so that every column but the account may change
MOVES = "*"

MEETINGS_BY_RULE = {"meeting_booked", "meeting_rate", "meeting_rate_lower", "meeting_rate_upper"}
PERFORMANCE_BY_RULE = {
    *("replied", "reply_rate", "reply_rate_lower", "reply_rate_upper"),
    *("contact_replied", "contact_reply_rate"),
    *("meeting_booked", "meeting_rate", "meeting_rate_lower", "meeting_rate_upper"),
    *("contact_meeting_booked", "contact_meeting_rate"),
    *("companies_engaged", "companies_with_meeting"),
}


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Settings:
    folder = tmp_path_factory.mktemp("seeds")
    settings = Settings(folder / "landing", folder / "warehouse", light_project(folder / "project"))
    simulate(settings.landing, ["1001", "1002"], enrollments=1200, seed=11)
    load(settings)
    build(settings).raise_for_failures()
    return settings


@pytest.fixture(scope="module")
def before(built) -> dict[str, dict[str, int]]:
    return _columns(built)


@pytest.fixture
def change(built, before):
    """Replace text in one file of the project, rebuild, and tell which columns changed; the text is put
    back, so that the next change is again the only one."""
    path: Path | None = None
    text = ""

    def replace_text(name: str, old: str, new: str) -> dict[str, set[str] | str]:
        nonlocal path, text
        path = built.project / name
        text = path.read_text()
        assert text.count(old) == 1, f"{old} stands {text.count(old)} times in {name}"
        path.write_text(text.replace(old, new))
        report = build(built)
        report.raise_for_failures()
        assert report.full_refresh is None, "none of these is below the incremental models"
        return _changes(before, _columns(built))

    yield replace_text
    path.write_text(text)


@pytest.mark.slow
def test_the_points_of_a_band_change_the_scores_alone(change):
    band = "reply_rate,0.03,true,0.07,false,"
    assert change("seeds/sender_score_bands.csv", f"{band}25,", f"{band}50,") == {
        "reports.sender_score": {"reply_points", "score", "band"},
        "reports.sender_score_by_sequence": {"reply_points"},  # nobody has 101 in one sequence here
    }


@pytest.mark.slow
def test_a_time_zone_moves_days_months_and_hours_and_no_instant(change):
    assert change("seeds/accounts.csv", "America/New_York", "Pacific/Auckland") == {
        "core.dim_accounts": {"time_zone"},
        "core.fct_enrollments": {"enrolled_on", "ended_on"},
        "core.fct_enrollment_steps": {"enrolled_on"},
        "reports.step_contacts": {"enrolled_on"},
        "reports.enrollment_metrics_daily": MOVES,
        "reports.step_metrics_daily": MOVES,
        "reports.sender_score_daily": MOVES,
        "reports.monthly_enrollments": MOVES,
        "reports.monthly_overview": MOVES,
        "reports.engagement_by_hour": MOVES,
        "reports.send_hours": MOVES,
    }


@pytest.mark.slow
def test_the_rule_changes_replies_and_meetings_and_nothing_else(change):
    assert change("dbt_project.yml", "metric_rules: current", "metric_rules: before_2022") == {
        "core.dim_accounts": {"metric_rules"},
        "core.fct_enrollments": {"is_replied", "is_meeting_booked", "first_counted_meeting_booked_at"},
        "reports.sequence_performance": PERFORMANCE_BY_RULE,
        "reports.account_overview": PERFORMANCE_BY_RULE,
        "reports.enrollment_metrics_daily": {"replied", "meeting_booked"},
        "reports.monthly_enrollments": {"replied", "meeting_booked"},
        "reports.monthly_overview": {"replied", "meeting_booked"},
        "core.fct_enrollment_steps": {"is_meeting_booked", "first_meeting_booked_at"},
        "reports.step_contacts": {"is_meeting_booked", "first_meeting_booked_at"},
        "reports.step_funnel": MEETINGS_BY_RULE,
        "reports.email_performance": MEETINGS_BY_RULE,
        "reports.step_metrics_daily": {"meeting_booked"},
        "reports.send_hours": MEETINGS_BY_RULE,
        "reports.reconciliation": {"our_value", "difference", "likely_reason"},
        "reports.time_to_response": MOVES,  # a step without a meeting any more has no row
    }


def _keys(settings: Settings) -> dict[str, list[str]]:
    """Published table -> its grain, as its test says."""
    manifest = json.loads((settings.work / "dbt" / "manifest.json").read_text())
    nodes, keys = manifest["nodes"], {}
    for (node,) in manifest["disabled"].values():
        test = node.get("test_metadata") or {}
        if test.get("name") == "holds" and "key" in test["kwargs"]:
            model = nodes[node["attached_node"]]
            keys[f"{model['schema']}.{model['name']}"] = test["kwargs"]["key"]
    return keys


def _columns(settings: Settings) -> dict[str, dict[str, int]]:
    """Published table -> column -> a hash of its values by key; "key" -> a hash of the keys alone."""
    grains = _keys(settings)
    hashes: dict[str, dict[str, int]] = {}
    with connect(settings.database, read_only=True) as connection:
        tables = connection.execute(
            "select schema_name, table_name, list(column_name order by column_index) "
            "from duckdb_columns() where list_contains(?, schema_name) group by all",
            [list(PUBLISHED_SCHEMAS)],
        ).fetchall()
        for schema, table, columns in tables:
            key = ", ".join(grains[f"{schema}.{table}"])
            sums = ", ".join(f"sum(hash({key}, {identifier(column)}))" for column in columns)
            row = connection.execute(f"select sum(hash({key})), {sums} from {schema}.{table}").fetchone()
            hashes[f"{schema}.{table}"] = dict(zip(["key", *columns], row, strict=True))
    return hashes


def _changes(before: dict, after: dict) -> dict[str, set[str] | str]:
    assert before.keys() == after.keys()
    changes: dict[str, set[str] | str] = {}
    for table, columns in before.items():
        different = {column for column in columns if columns[column] != after[table][column]}
        if different:
            changes[table] = MOVES if "key" in different else different
    return changes
