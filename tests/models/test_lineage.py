"""The picture of the lineage shows the models as they are; where it stands and how it looks is free."""

from __future__ import annotations

import pytest

from scripts.lineage import COLUMNS, PICTURE, lineage, picture, read_picture


def test_the_picture_in_the_docs_shows_what_reads_what(manifest):
    now = lineage(manifest)
    assert read_picture(PICTURE.read_text()) == (now.boxes, now.edges), "`make lineage` draws it anew"


def toy(**reads: str) -> dict:
    """A manifest of models; `intermediate__events__int_a` is int_a in that folder."""
    nodes = {}
    for key, parents in reads.items():
        *folders, name = key.replace("__", "/").rsplit("/", 1)
        nodes[name] = {
            "resource_type": "model",
            "name": name,
            "path": f"{folders[0]}/{name}.sql",
            "depends_on": {"nodes": parents.split()},
            "config": {"meta": {"hub": "Many."} if name == "stg_b" else {}},
        }
    source = {"resource_type": "source", "name": "events", "path": "", "config": {}}
    seed = {"resource_type": "seed", "name": "seed", "path": "seed.csv", "config": {}}
    return {"nodes": nodes | {"seed": seed}, "sources": {"events": source}}


TOY = {
    "staging__stg_a": "events seed",
    "staging__stg_b": "stg_a",
    "intermediate__late__int_c": "int_b stg_b",
    "intermediate__odd__int_b": "stg_a stg_b",
    "core__fct_a": "int_c int_b",
}


def test_boxes_are_folders_and_arrows_name_who_reads_whom():
    shown = lineage(toy(**TOY))
    assert shown.boxes == {
        "raw": ["events"],
        "staging": ["stg_a", "stg_b"],
        "intermediate/odd": ["int_b"],
        "intermediate/late": ["int_c"],
        "core": ["fct_a"],
    }
    assert shown.edges == {
        ("raw", "staging"): {"stg_a reads events"},
        ("staging", "intermediate/odd"): {"int_b reads stg_a", "int_b reads stg_b"},
        ("staging", "intermediate/late"): {"int_c reads stg_b"},
        ("intermediate/odd", "intermediate/late"): {"int_c reads int_b"},
        ("intermediate/odd", "core"): {"fct_a reads int_b"},
        ("intermediate/late", "core"): {"fct_a reads int_c"},
    }
    assert shown.hubs == {"stg_b"}
    assert read_picture(picture(shown)) == (shown.boxes, shown.edges)


def test_a_picture_drawn_before_a_model_was_moved_or_reads_another_is_told():
    before = read_picture(picture(lineage(toy(**TOY))))
    moved = lineage(toy(**{key.replace("odd", "late"): parents for key, parents in TOY.items()}))
    assert before != (moved.boxes, moved.edges)
    other = lineage(toy(**TOY | {"core__fct_a": "int_c int_b stg_a"}))
    assert before != (other.boxes, other.edges)


@pytest.mark.parametrize(("name", "meaning", "colour"), COLUMNS)
def test_every_column_has_a_box(name, meaning, colour, manifest):
    assert f">{name}</text>" in PICTURE.read_text() and meaning in PICTURE.read_text()
    assert any(box.startswith(name) for box in lineage(manifest).boxes)
