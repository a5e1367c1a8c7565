"""The walk through one enrollment is a way that data take: each model of it reads one named before."""

from __future__ import annotations

import re
from pathlib import PurePath

from sequence_warehouse.config.project import PROJECT
from tests.models.laws import Graph

WALK = PROJECT / "docs" / "walk.md"
FILES = [PurePath(link) for link in re.findall(r"\]\(([^)]+)\)", WALK.read_text())]
MODELS = [path for path in FILES if path.suffix == ".sql" and "models" in path.parts]


def test_each_file_that_the_walk_names_exists():
    assert len(FILES) > 25
    assert [str(path) for path in FILES if not (WALK.parent / path).exists()] == []
    named = re.findall(r"\[(\w+\.sql)\]", WALK.read_text())
    assert named == [path.name for path in FILES if path.suffix == ".sql"], "a link is called as its file"


def test_each_model_of_the_walk_reads_one_that_it_came_by(manifest):
    graph = Graph(manifest)
    uid_of = {graph.name(uid): uid for uid in graph.models}
    came_by: set[str] = set()
    for model in (path.stem for path in MODELS):
        parents = {graph.name(parent) for parent in graph.parents[uid_of[model]]}
        assert not came_by or parents & came_by, model
        came_by.add(model)
    assert MODELS[0].stem == "base_hubspot__events" and MODELS[-1].stem == "step_funnel"


def test_the_architecture_lists_the_stages_of_intermediate_in_an_order_in_which_they_are_made(manifest):
    graph = Graph(manifest)
    rows = re.findall(r"^\| (`.*`) \| ", (PROJECT / "docs" / "architecture.md").read_text(), re.MULTILINE)
    listed = [name for row in rows for name in re.findall(r"`(\w+)`", row)]
    stage_of = {
        uid: PurePath(node["path"]).parts[1]
        for uid, node in graph.models.items()
        if graph.layer(uid) == "intermediate"
    }
    order = [name for name in listed if name in set(stage_of.values())]
    assert sorted(order) == sorted(set(stage_of.values()))
    for uid, stage in stage_of.items():
        for parent in graph.parents[uid]:
            if parent in stage_of:
                assert order.index(stage_of[parent]) <= order.index(stage), f"{uid} reads {parent}"
