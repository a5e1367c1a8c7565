"""The laws of the layers hold, and each fails on a toy that breaks it; models are described beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import yaml

from sequence_warehouse.config.project import PROJECT
from tests.models import laws
from tests.models.laws import LAYERS, Graph

MODELS = sorted((PROJECT / "models").rglob("*.sql"))


@pytest.mark.parametrize("law", laws.LAWS, ids=lambda law: law.__name__)
def test_every_model_keeps_the_law(law: Callable[[Graph], Iterator[str]], manifest):
    assert list(law(Graph(manifest))) == []


def test_a_reference_inside_a_macro_is_one_of_the_model(manifest):
    graph = Graph(manifest)
    path = next(path for path in MODELS if path.stem == "sender_score")
    assert "sender_score_daily" not in path.read_text()
    parents = graph.parents["model.sequence_warehouse.sender_score"]
    assert "model.sequence_warehouse.sender_score_daily" in parents


def test_no_layer_is_below_itself():
    for name in LAYERS:
        below, found = list(LAYERS[name].reads - {name}), set()
        while below:
            if (layer := below.pop()) not in found:
                found.add(layer)
                below += LAYERS[layer].reads - {layer} if layer in LAYERS else ()
        assert name not in found


def test_a_semantic_model_reads_only_tables_of_the_published_database(manifest):
    for uid, parents in Graph(manifest).readers.items():
        if uid.startswith("semantic_model."):
            assert "model.sequence_warehouse.fct_sequence_events" not in parents, (
                "it is published as Parquet only"
            )


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_a_model_has_its_grain_and_every_column_described_beside_it(path):
    beside = path.with_suffix(".yml")
    assert beside.exists()
    (model,) = yaml.safe_load(beside.read_text())["models"]
    assert model["name"] == path.stem
    assert model["description"].startswith("Grain: one row per ")
    assert all(column.get("description") for column in model["columns"])


def toy(models: dict[str, str], **changes: dict) -> Graph:
    """models: path -> names of what it reads, models or "seed" or "source". changes: name -> other parts."""
    nodes = {
        name: {"resource_type": name, "name": name, "path": f"{name}.csv", "depends_on": {"nodes": []}}
        for name in ("seed", "source")
    }
    schemas = {folder: layer.schema for folder, layer in LAYERS.items()}
    for path, parents in models.items():
        folder, _, name = path.rpartition("/")
        layer = max((known for known in schemas if f"{folder}/".startswith(f"{known}/")), key=len, default="")
        nodes[name] = {
            "resource_type": "model",
            "name": name,
            "path": f"{path}.sql",
            "depends_on": {"nodes": parents.split()},
            "raw_code": "select 1",
            "config": {"materialized": "table", "schema": schemas.get(layer), "meta": {}},
        }
    for name, parts in changes.items():
        config = nodes[name]["config"] | parts.pop("config", {})
        nodes[name] |= parts | {"config": config}
    return Graph({"nodes": nodes, "sources": {}, "semantic_models": {}, "exposures": {}})


GOOD = {
    "staging/base_events": "source seed",
    "staging/stg_events": "base_events",
    "intermediate/events/int_events": "stg_events",
    "intermediate/steps/int_steps": "int_events",
    "core/fct_steps": "int_steps",
    "reports/intermediate/int_reach": "fct_steps",
    "reports/funnel": "fct_steps int_reach",
    "ops/loads": "source",
    "applied/int_applied__load": "fct_steps",
}
MANY = {f"reports/report_{number}": "int_steps" for number in range(7)}
VIEW = {"config": {"materialized": "view"}}
AS_LONG_AS_MAY_BE = {"raw_code": "select 1\n" * 80}
TOO_LONG = {"raw_code": "select 1\n" * 81}


@pytest.mark.parametrize("law", laws.LAWS, ids=lambda law: law.__name__)
def test_a_good_toy_keeps_the_law(law):
    # the funnel rejoins the fact of steps through its helper, which is too long to be a part of it
    assert list(law(toy(GOOD, int_reach=AS_LONG_AS_MAY_BE))) == []
    hub = {"config": {"meta": {"hub": "Every report begins here."}}}
    assert list(law(toy(GOOD | MANY, int_reach=AS_LONG_AS_MAY_BE, int_steps=hub))) == []


@pytest.mark.parametrize(
    ("law", "models", "changes", "breach"),
    [
        (
            laws.reads_up,
            {"intermediate/int_late": "fct_steps"},
            {},
            "int_late in intermediate reads fct_steps",
        ),
        (laws.reads_up, {"reports/funnel": "stg_events"}, {}, "funnel in reports reads stg_events"),
        (laws.reads_up, {"core/fct_steps": "source"}, {}, "fct_steps in core reads source"),
        (laws.reads_up, {"core/fct_steps": "int_reach"}, {}, "reads int_reach in reports/intermediate"),
        (laws.reads_up, {"intermediate/int_late": "int_applied__load"}, {}, "reads int_applied__load"),
        (laws.reads_up, {"scratch/mine": "fct_steps"}, {}, "mine in scratch reads fct_steps"),
        (laws.has_no_parent, {"core/dim_days": ""}, {}, "dim_days reads nothing"),
        (laws.has_no_parent, {"intermediate/int_old": "stg_events"}, {}, "nobody reads int_old"),
        (
            laws.mixes_sources,
            {"staging/stg_events": "source base_events"},
            {},
            "stg_events reads sources and base",
        ),
        (
            laws.mixes_sources,
            {"staging/base_events": "source stg_events"},
            {},
            "base_events reads sources and stg",
        ),
        (laws.rejoins, {}, {}, "funnel rejoins fct_steps through int_reach"),
        (laws.fans_out, MANY, {}, "int_steps has 8 readers"),
        (
            laws.fans_out,
            {},
            {"int_steps": {"config": {"meta": {"hub": "No more."}}}},
            "int_steps has 1 readers",
        ),
        (laws.is_misnamed, {"intermediate/stg_late": "stg_events"}, {}, "begins with none of int_"),
        (laws.is_misnamed, {"reports/fct_late": "fct_steps"}, {}, "is called as in another layer"),
        (laws.is_misnamed, {"scratch/mine": "fct_steps"}, {}, "scratch/mine.sql is in no layer"),
        (laws.is_misnamed, {}, {"fct_steps": {"config": {"schema": "reports"}}}, "is built in reports"),
        (
            laws.turns_back,
            {"intermediate/events/int_more": "int_steps"},
            {},
            "intermediate/events reads what reads it",
        ),
        (laws.is_too_long, {}, {"funnel": TOO_LONG}, "funnel has 81 lines"),
        (
            laws.lacks_names,
            {},
            {"funnel": {"columns": {"contact_id": {}, "contact_name": {}}}},
            "funnel has contact_id without contact_email",
        ),
    ],
)
def test_a_toy_that_breaks_the_law_is_told(law, models, changes, breach):
    assert any(breach in told for told in law(toy(GOOD | models, **changes)))


def test_a_parent_between_is_needed_where_it_keeps_rows_is_published_or_has_other_readers():
    assert list(laws.rejoins(toy(GOOD, funnel=VIEW))) == [], "a view would compute the table each time"
    assert list(laws.rejoins(toy(GOOD, int_reach={"config": {"materialized": "incremental"}}))) == []
    assert list(laws.rejoins(toy(GOOD | {"reports/other": "int_reach"}))) == []
    assert (
        list(laws.rejoins(toy(GOOD | {"reports/reach": "fct_steps", "reports/funnel": "fct_steps reach"})))
        == []
    )
