"""``make metrics`` as a person uses it: a table, a list, and one sentence when something is wrong."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from dataclasses import replace
from unittest.mock import MagicMock

import duckdb
import pytest

from sequence_warehouse.cli.main import main
from sequence_warehouse.config.errors import UserError
from sequence_warehouse.config.project import PROJECT
from sequence_warehouse.config.settings import Settings
from sequence_warehouse.semantic import metrics as metrics_module
from sequence_warehouse.semantic.metrics import Metrics

pytestmark = pytest.mark.slow


def make_metrics(settings: Settings, arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        ["make", "--no-print-directory", "metrics", f"ARGS={arguments}", f"WAREHOUSE={settings.warehouse}"],
        cwd=PROJECT,
        env={name: value for name, value in os.environ.items() if not name.startswith("MAKE")},
        capture_output=True,
        text=True,
        timeout=300,
    )


def ask(settings: Settings, arguments: list[str]) -> int:
    warehouse = ["--warehouse", str(settings.warehouse)]
    return main(["metrics", *warehouse, *arguments])


def test_make_metrics_prints_a_table(published):
    finished = make_metrics(
        published, "query --metrics enrollments,open_rate --group-by sequence__sequence_name"
    )
    assert finished.returncode == 0, finished.stderr
    assert "open_rate" in finished.stdout and "Win back" in finished.stdout
    assert finished.stderr == ""


def test_an_unknown_metric_is_one_sentence_and_a_failure(published):
    finished = make_metrics(published, "query --metrics open_rat")
    assert finished.returncode != 0
    said = [line for line in finished.stderr.splitlines() if not line.startswith("make:")]
    assert said == [
        "error: There is no metric open_rat (perhaps open_rate, step_open_rate, contact_open_rate); "
        "`make metrics ARGS=list` names them."
    ]


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        (
            {"group_by": ["sequence__nam"]},
            r"^[^\n]+: sequence__nam \(perhaps [^\n]*sequence__sequence_name[^\n]*\)\.$",
        ),
        ({"where": ["{{ Dimension('sequence__nam') }} = 1"]}, r"^[^\n]+ \(perhaps [^\n]+\)\.$"),
        ({"where": ["{{ Dimension('x') = 1"]}, r"^The filter {{ Dimension\('x'\) = 1 cannot be read [^\n]+$"),
        ({"where": ["1 = = 1"]}, r"^DuckDB cannot run the filter: [^\n]+$"),
        (
            {"where": ["cast({{ Dimension('enrolled_by_user__user_name') }} as integer) = 1"]},
            r"^DuckDB cannot run the filter: [^\n]+$",
        ),
        ({"order": ["nothing"]}, r"^The order-by item 'nothing' [^\n]+\.$"),
    ],
    ids=["group by", "where", "template", "sql", "a value", "order"],
)
def test_what_the_layer_does_not_know_is_one_sentence(metrics, question, sentence):
    with pytest.raises(UserError, match=sentence):
        metrics.answer(["open_rate"], **question)


def test_without_a_publication_it_says_so(tmp_path):
    with pytest.raises(UserError, match=r"^Nothing is published in .*: `make run` does that first\.$"):
        Metrics(Settings(tmp_path, tmp_path / "warehouse"))


def test_it_answers_while_a_run_holds_the_database_that_dbt_writes(published, capsys):
    with duckdb.connect(str(published.database)) as writing:
        writing.execute("create or replace table work_of_a_run as select 1")
        arguments = ["query", "--metrics", "enrollments", "--group-by", "account", "--limit", "1"]
        assert ask(published, arguments) == 0
        writing.execute("drop table work_of_a_run")
    assert "enrollments" in capsys.readouterr().out


def test_answers_are_written_as_csv_and_queries_explained(published, tmp_path, capsys):
    target = tmp_path / "answer.csv"
    question = ["query", "--metrics", "enrollments", "--group-by", "metric_time__month,account"]
    assert ask(published, [*question, "--csv", str(target)]) == 0
    lines = target.read_text().splitlines()
    assert lines[0] == "metric_time__month,account,enrollments"
    assert lines[1:] == sorted(lines[1:]) and lines[1][4:10] in {f"-{month:02}-01" for month in range(1, 13)}
    assert ask(published, [*question, "--explain"]) == 0
    assert '"core"."fct_enrollments"' in capsys.readouterr().out


def test_metrics_and_dimensions_are_listed(published, capsys):
    assert ask(published, ["list"]) == 0
    listed = capsys.readouterr().out
    assert "open_rate  (Open rate): `opened` over `enrollments`; null where there are none." in listed
    assert ask(published, ["list", "dimensions", "--metrics", "step_open_rate"]) == 0
    dimensions = capsys.readouterr().out.splitlines()
    assert {"step__template_id", "sequence__folder_id", "metric_time"} <= set(dimensions)


def test_dbt_reads_the_project_again_only_when_it_has_changed(published, project, monkeypatch):
    settings = replace(published, project=project)
    Metrics(settings)
    read = []
    monkeypatch.setattr(metrics_module, "_engine", lambda manifest: read.append(manifest))
    model = project / "models" / "semantic" / "metrics.yml"
    monkeypatch.setattr(
        "sequence_warehouse.build.dbt_build.parse_project", lambda *_: pytest.fail("nothing changed")
    )
    Metrics(settings)
    monkeypatch.undo()
    model.write_text(model.read_text().replace("label: Open rate", "label: Rate of opens"))
    with Metrics(settings) as changed:
        assert ("open_rate", "Rate of opens") in {entry[:2] for entry in changed.describe()}


def test_every_documented_metrics_query_can_be_read(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)  # one of them writes a file
    asked = []
    monkeypatch.setattr(metrics_module, "Metrics", lambda settings: asked.append(settings) or MagicMock())
    pages = "".join((PROJECT / page).read_text() for page in ("README.md", "docs/reports.md"))
    lines = re.findall(
        r'^make metrics ARGS="((?:[^"\\]|\\.)+)"', pages.replace("\\\n", " "), flags=re.MULTILINE
    )
    assert len(lines) >= 5
    for line in lines:
        arguments = shlex.split(line.replace('\\"', '"'))
        assert main(["metrics", *arguments]) == 0
    assert len(asked) == len(lines)
