"""HubSpot's own numbers, as simulated, beside those that the warehouse counts from the events."""

from __future__ import annotations

import pytest

from hubspot_simulator.landing import simulate
from sequence_warehouse.build.dbt_build import build
from sequence_warehouse.config.settings import Settings
from sequence_warehouse.load import load
from sequence_warehouse.storage.database import connect
from tests.support.projects import light_project

# of the answer's numbers, those that the simulated plan does not show
NOT_SHOWN = {"associatedDeals", "dealsClosed", "totalRevenue", "tasksCompleted", "meetingsBooked"}


@pytest.mark.slow
def test_a_clean_account_differs_from_hubspots_numbers_by_known_reasons_only(tmp_path):
    project = light_project(tmp_path / "project")
    settings = Settings(tmp_path / "landing", tmp_path / "warehouse", project)
    simulate(settings.landing, ["1001"], enrollments=1200, seed=1, quirks=False)
    simulate(settings.landing, ["1002"], enrollments=1200, seed=7, quirks=False)
    load(settings)
    build(settings).raise_for_failures()
    with connect(settings.database, read_only=True) as connection:
        rows = connection.execute(
            "select level, metric, hubspot_value, our_value, difference, likely_reason, sequence_id "
            "from reports.reconciliation"
        ).fetchall()
    assert [row for row in rows if row[4] not in (0, None) and row[5] is None] == []
    assert {row[5] for row in rows} <= {None, "not answered"}, "nothing is missing in clean data"
    assert {row[1] for row in rows if row[5] == "not answered"} == NOT_SHOWN
    equal = [row for row in rows if row[4] == 0]
    assert {row[0] for row in equal} == {"summary", "step", "status_by_step", "company"}
    assert sum(row[2] for row in equal if row[1] == "enrolled") > 2000
