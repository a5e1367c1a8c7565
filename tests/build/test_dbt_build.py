"""The build's memory: by which definition the incremental models' rows were built."""

from __future__ import annotations

import pytest

from sequence_warehouse.build.dbt_build import build, run_dbt
from sequence_warehouse.config.errors import UserError
from sequence_warehouse.config.settings import Settings
from sequence_warehouse.load import load
from tests.support.projects import small_project

pytestmark = pytest.mark.slow
FACT = "models/intermediate/enrollments/int_enrollments.sql"
FAILING = "select 1 as one"


def test_rows_of_a_definition_that_failed_or_was_tried_by_hand_do_not_outlive_it(tmp_path):
    project = small_project(tmp_path / "project")
    settings = Settings(tmp_path / "landing", tmp_path / "warehouse", project)
    events = settings.landing / "portal=1001" / "events"
    events.mkdir(parents=True)
    (events / "none.jsonl").touch()
    load(settings)
    assert build(settings).full_refresh is None

    options = (project / "dbt_project.yml").read_text()
    (project / "dbt_project.yml").write_text(
        options.replace("end_tolerance_seconds: ", "end_tolerance_seconds: 1")
    )
    (project / "tests/dbt/fails.sql").write_text(FAILING)
    failed = build(settings)
    assert "has changed" in failed.full_refresh, "a constant below the facts rebuilds them"
    with pytest.raises(UserError, match="the test fails"):
        failed.raise_for_failures()

    (project / "dbt_project.yml").write_text(options)
    (project / "tests/dbt/fails.sql").unlink()
    assert "not built to the end" in build(settings).full_refresh
    assert build(settings).full_refresh is None

    original = (project / FACT).read_text()
    (project / FACT).write_text(original + "-- tried out")
    assert run_dbt(settings, ["--quiet", "run", "--select", "int_enrollments"]) == 0
    (project / FACT).write_text(original)
    assert "by hand" in build(settings).full_refresh

    assert run_dbt(settings, ["--quiet", "run", "--vars", "{end_tolerance_seconds: 600}"]) == 0
    assert "by hand" in build(settings).full_refresh
