"""What is generated is what the project's lists say; a new metric is in all that follows from them."""

from __future__ import annotations

import re

import pytest
import yaml

from scripts.generate import generated, run
from scripts.metric_list import Metric, read_sets, step_names
from sequence_warehouse.config.project import PROJECT

NEW = """\
    - name: forwarded
      where: is_forwarded
      rate: forward_rate
      monthly: true
      description: Enrollments whose e-mail was forwarded.
"""


def test_nothing_differs_from_what_is_generated():
    stale = [path.name for path, text in generated(PROJECT).items() if path.read_text() != text]
    assert stale == [], "make generate writes them"


def add_metric(project):
    path = project / "dbt_project.yml"
    path.write_text(path.read_text().replace("    - name: deals\n", f"{NEW}    - name: deals\n"))


def columns(project, report):
    (model,) = yaml.safe_load((project / "models" / "reports" / f"{report}.yml").read_text())["models"]
    return {column["name"]: column for column in model["columns"]}


def test_a_new_metric_is_in_the_contract_of_each_report_that_shows_its_set(project):
    before = {report: columns(project, report) for report in ("sequence_performance", "monthly_overview")}
    add_metric(project)
    assert run(project, check=False) == 0
    shown = columns(project, "sequence_performance")
    assert shown.keys() - before["sequence_performance"].keys() == {
        *("forwarded", "contact_forwarded"),
        *("forward_rate", "forward_rate_lower", "forward_rate_upper", "contact_forward_rate"),
    }
    assert shown["forwarded"]["data_type"] == shown["contact_forwarded"]["data_type"] == "bigint"
    assert shown["forward_rate_lower"]["data_type"] == "double"
    assert columns(project, "monthly_overview").keys() - before["monthly_overview"].keys() == {"forwarded"}
    assert "forwarded" in columns(project, "account_overview")
    assert "forwarded" in columns(project, "enrollment_metrics_daily")
    assert "forwarded" not in columns(project, "step_funnel")


def test_a_new_metric_is_in_the_semantic_layer_by_the_names_of_its_columns(project):
    add_metric(project)
    run(project, check=False)
    metrics = yaml.safe_load((project / "models" / "semantic" / "metrics.yml").read_text())["metrics"]
    by_name = {metric["name"]: metric for metric in metrics}
    assert by_name["contact_forward_rate"]["type_params"] == {
        "numerator": "contact_forwarded",
        "denominator": "contacts",
    }
    models = yaml.safe_load((project / "models" / "semantic" / "enrollments.yml").read_text())
    (measures,) = [model["measures"] for model in models["semantic_models"]]
    assert {"name": "forwarded", "agg": "sum_boolean", "expr": "is_forwarded"} in measures


def test_to_look_writes_nothing_and_names_what_differs(project, capsys):
    add_metric(project)
    texts = {path: path.read_text() for path in project.rglob("*.yml")}
    assert run(project, check=True) == 1
    assert "differs: models/reports/sequence_performance.yml" in capsys.readouterr().out
    assert {path: path.read_text() for path in texts} == texts
    assert run(project, check=False) == 0 and run(project, check=True) == 0


def test_what_a_person_wrote_beside_a_block_stays(project):
    path = project / "models" / "reports" / "step_funnel.yml"
    path.write_text(path.read_text().replace("name: drop_off", "name: dropped_off"))
    add_metric(project)
    run(project, check=False)
    block = re.compile(r"# written by `make generate`.*?# end", re.DOTALL)
    assert "name: dropped_off" in block.sub("", path.read_text())


def test_steps_have_their_own_name_where_enrollments_have_a_metric_of_the_same():
    names = step_names(read_sets(PROJECT))
    assert (names["opened"], names["open_rate"]) == ("step_opened", "step_open_rate")
    assert (names["steps_executed"], names["tasks_completed"]) == ("steps_executed", "tasks_completed")


def test_every_report_is_what_the_dashboard_depends_on():
    exposures = yaml.safe_load((PROJECT / "models" / "exposures.yml").read_text())["exposures"]
    reports = sorted(path.stem for path in (PROJECT / "models" / "reports").glob("*.sql"))
    assert exposures[0]["depends_on"] == [f"ref('{report}')" for report in reports]


@pytest.mark.parametrize(
    "fields", [{"sum": "opens", "where": "is_opened"}, {"distinct": "contact_id", "rate": "contact_rate"}]
)
def test_a_metric_whose_fields_contradict_each_other_is_refused(fields):
    with pytest.raises(ValueError, match=r"^Metric odd: .*; leave out "):
        Metric("odd", "Odd.", **fields)
