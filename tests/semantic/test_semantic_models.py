"""What the semantic layer holds: each metric once, described, over published tables only."""

from __future__ import annotations

from itertools import chain

import yaml

from sequence_warehouse.config.project import PROJECT

FILES = {
    path.name: yaml.safe_load(path.read_text())
    for path in sorted((PROJECT / "models" / "semantic").glob("*.yml"))
}
METRICS = list(chain.from_iterable(content.get("metrics", []) for content in FILES.values()))
MODELS = list(chain.from_iterable(content.get("semantic_models", []) for content in FILES.values()))


def test_each_metric_is_there_once():
    names = [metric["name"] for metric in METRICS]
    assert len(names) == len(set(names))


def test_everything_has_a_label_and_a_description():
    parts = [*METRICS, *MODELS]
    for model in MODELS:
        parts += model["dimensions"]
        assert all(entity["description"] for entity in model["entities"])
    for part in parts:
        assert part["label"], part["name"]
        assert part["description"].endswith("."), part["name"]


def test_a_metric_over_enrollments_counts_started_ones_and_a_rate_filters_nothing_itself():
    enrollments = next(model for model in MODELS if model["name"] == "enrollments")
    measures = {measure["name"] for measure in enrollments["measures"]}
    for metric in METRICS:
        is_started = metric.get("filter") == "{{ Dimension('enrollment__is_started') }}"
        assert is_started == (metric["type_params"].get("measure") in measures), metric["name"]
