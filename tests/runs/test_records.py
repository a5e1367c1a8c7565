"""Every task of every run becomes a row of the history, however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from hubspot_simulator.landing import simulate
from sequence_warehouse.build.dbt_build import BuildReport, NodeResult
from sequence_warehouse.config.errors import UserError
from sequence_warehouse.config.project import PROJECT
from sequence_warehouse.config.settings import Settings
from sequence_warehouse.runs import steps
from sequence_warehouse.storage import history, records
from tests.support.projects import small_project


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(landing=tmp_path / "landing", warehouse=tmp_path / "warehouse")


def read(settings: Settings, table: str, columns: str) -> list[tuple]:
    with duckdb.connect() as connection:
        relation = history.relation(settings.history, table)
        return connection.execute(f"select {columns} from ({relation}) order by started_at").fetchall()


def begin(settings: Settings, run_id: str) -> None:
    records.RunRecord(settings, run_id).update(started_at=records.now())


def test_a_task_that_succeeds_has_its_rows_and_seconds(settings):
    with records.task(settings, "run", "load") as done:
        done["rows"] = 7
    ((name, attempt, rows, seconds, outcome, message),) = read(
        settings, "task_results", "task, attempt, rows, seconds, outcome, message"
    )
    assert (name, attempt, rows, outcome, message) == ("load", 1, 7, "succeeded", None)
    assert 0 <= seconds < 10


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (UserError("Mend this: so."), "Mend this: so."),
        (ValueError("first\nsecond"), "ValueError: first"),
        (KeyboardInterrupt(), "KeyboardInterrupt: "),
    ],
)
def test_a_task_that_fails_says_why_and_the_next_attempt_is_another_row(settings, error, message):
    with pytest.raises(type(error)), records.task(settings, "run", "build"):
        raise error
    with records.task(settings, "run", "build"):
        pass
    assert read(settings, "task_results", "attempt, outcome, message, seconds is null") == [
        (1, "failed", message, False),
        (2, "succeeded", None, False),
    ]


def test_what_models_did_in_an_attempt_that_failed_is_kept_beside_the_next(settings, monkeypatch):
    begin(settings, "run")
    monkeypatch.setattr(steps, "build_site", lambda settings: None)
    monkeypatch.setattr(steps.declared, "drop_others", lambda settings: [])
    for status in ("error", "success"):
        node = NodeResult("step_funnel", "model", status, seconds=1.0, rows=None, message=status)
        monkeypatch.setattr(steps, "build", lambda settings, node=node: BuildReport(results=[node]))
        with suppress(UserError):
            steps.build_step(settings, "run")
    with duckdb.connect() as connection:
        relation = history.relation(settings.history, "model_results")
        found = connection.execute(f"select attempt, node, status from ({relation}) order by all").fetchall()
    assert found == [(1, "step_funnel", "error"), (2, "step_funnel", "success")]


def kill_in_a_task(settings: Settings, run_id: str) -> None:
    """Another process begins a task of a run and is killed in it."""
    script = (
        "import os, signal\n"
        "from sequence_warehouse.storage import records\n"
        "from sequence_warehouse.config.settings import Settings\n"
        "settings = Settings.from_environment()\n"
        f"records.RunRecord(settings, {run_id!r}).update(started_at=records.now())\n"
        f"with records.task(settings, {run_id!r}, 'build'):\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    environment = os.environ | settings.environment()
    ended = subprocess.run([sys.executable, "-c", script], cwd=PROJECT, env=environment, check=False)
    assert ended.returncode == -signal.SIGKILL


def test_a_task_that_was_killed_is_interrupted_once_its_run_goes_on(settings):
    kill_in_a_task(settings, "run")
    assert read(settings, "task_results", "task") == [], "nobody has noticed yet"
    with records.task(settings, "run", "build"):
        pass
    assert read(settings, "task_results", "task, attempt, outcome, ended_at is null") == [
        ("build", 1, "interrupted", True),
        ("build", 2, "succeeded", False),
    ]


def test_a_task_that_was_killed_last_is_interrupted_when_its_run_ends(settings):
    kill_in_a_task(settings, "run")
    steps.end_step(settings, "run")
    assert read(settings, "task_results", "outcome") == [("interrupted",)]
    assert read(settings, "runs", "run_id, outcome") == [("run", "failed")]


def test_a_run_that_was_killed_as_a_whole_is_interrupted_by_the_next_run(settings):
    kill_in_a_task(settings, "killed")
    begin(settings, "ended")
    steps.end_step(settings, "ended", "unchanged")
    begin(settings, "next")
    for _ in range(2):
        records.close_cut_off_runs(settings, "next")
    assert read(settings, "runs", "run_id, outcome, seconds is null") == [
        ("killed", "interrupted", True),
        ("ended", "unchanged", False),
    ]
    assert read(settings, "task_results", "run_id, outcome") == [("killed", "interrupted")]

    steps.end_step(settings, "killed", "published")
    assert read(settings, "runs", "run_id, outcome")[0] == ("killed", "published"), "it went on after all"


@pytest.mark.slow
def test_a_publication_shows_every_task_of_its_run_and_of_failed_ones_before(settings, tmp_path):
    settings = replace(settings, project=small_project(tmp_path / "project"))
    with pytest.raises(UserError, match="no landing folder"):
        steps.load_step(settings, "failed")
    steps.end_step(settings, "failed")
    simulate(settings.landing, ["1001"], enrollments=100, seed=2)
    for name in ("load", "validate_raw", "validate_raw", "build", "validate_marts", "publish"):
        getattr(steps, f"{name}_step")(settings, "good")
    with duckdb.connect(str(settings.published / "sequences.duckdb"), read_only=True) as connection:
        tasks = connection.execute(
            "select run_id, task, attempt, outcome, seconds is not null "
            "from ops.task_results order by started_at"
        ).fetchall()
        assert tasks == [
            ("failed", "load", 1, "failed", True),
            ("good", "load", 1, "succeeded", True),
            ("good", "validate_raw", 1, "succeeded", True),
            ("good", "validate_raw", 2, "succeeded", True),
            *(("good", name, 1, "succeeded", True) for name in ("build", "validate_marts", "publish")),
        ]
        validations = connection.execute(
            "select attempt, border, count(*) > 1 from ops.validation_results group by all order by all"
        ).fetchall()
        assert validations == [(1, "marts", True), (1, "raw", True), (2, "raw", True)]
        loaded, built = connection.execute(
            "select max(rows) filter (where task = 'load'), max(rows) filter (where task = 'build') "
            "from ops.task_results where run_id = 'good'"
        ).fetchone()
        assert (
            loaded
            == connection.execute(
                "select sum(events + objects + rejected_records) from ops.loads"
            ).fetchone()[0]
        )
        assert built > 0
        runs = connection.execute("select outcome, seconds > 0 from ops.runs order by started_at").fetchall()
        assert runs == [("failed", True), ("published", True)]
        of_publish = "select rows > 0, seconds > 0.1 from ops.task_results where task = 'publish'"
        assert connection.execute(of_publish).fetchall() == [(True, True)]
        assert connection.execute("select outcome from ops.runs where run_id = 'failed'").fetchall() == [
            ("failed",)
        ]
    assert read(settings, "task_results", "task, outcome")[-1] == ("publish", "succeeded")
