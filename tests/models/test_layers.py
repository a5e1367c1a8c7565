"""The law of the layers: staging alone reads sources; each model has its description beside it."""

from __future__ import annotations

import re

import pytest
import yaml

from sequence_warehouse.settings import PROJECT

MODELS = sorted((PROJECT / "models").rglob("*.sql"))
SEMANTIC_MODELS = sorted((PROJECT / "models" / "semantic").glob("*.yml"))
READS = {
    "staging": {"staging", "seeds"},
    "intermediate": {"staging", "intermediate", "core", "seeds"},
    "core": {"staging", "intermediate", "core", "seeds"},
    "reports": {"intermediate", "core", "reports", "seeds"},
    "ops": {"staging", "intermediate", "core", "reports", "ops", "seeds"},
    "semantic": {"core", "reports"},
}
LAYERS = {path.stem: path.parent.name for path in MODELS} | {
    path.stem: "seeds" for path in (PROJECT / "seeds").glob("*.csv")
}


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_a_model_reads_only_layers_below_it(path):
    text = path.read_text()
    layer = path.parent.name
    for name in re.findall(r"ref\(['\"](\w+)['\"]\)", text):
        assert LAYERS[name] in READS[layer], f"{path.stem} is in {layer} and reads {name}"
    if layer not in {"staging", "ops"}:
        assert "source(" not in text, "only staging and ops read what was landed"


@pytest.mark.parametrize("path", SEMANTIC_MODELS, ids=lambda path: path.stem)
def test_a_semantic_model_reads_only_tables_of_the_published_database(path):
    for name in re.findall(r"ref\(['\"](\w+)['\"]\)", path.read_text()):
        assert LAYERS[name] in READS["semantic"], f"{path.stem} reads {name}"
        assert name != "fct_sequence_events", "it is published as Parquet only"


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_a_model_has_its_grain_and_every_column_described_beside_it(path):
    beside = path.with_suffix(".yml")
    assert beside.exists()
    (model,) = yaml.safe_load(beside.read_text())["models"]
    assert model["name"] == path.stem
    assert model["description"].startswith("Grain: one row per ")
    assert all(column.get("description") for column in model["columns"])
