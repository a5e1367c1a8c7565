"""Draw docs/lineage.svg: which folders of models are made of which, from dbt's manifest. `make lineage`."""

from __future__ import annotations

import json
import tempfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path, PurePath
from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr

from sequence_warehouse.build.dbt_build import parse_project
from sequence_warehouse.config.project import PROJECT
from sequence_warehouse.config.settings import Settings

SVG = "{http://www.w3.org/2000/svg}"
PICTURE = PROJECT / "docs" / "lineage.svg"
# columns from left to right: what their boxes' names begin with, what stands above, how dark they are
COLUMNS = (
    ("raw", "as landed", "#f4efe6"),
    ("staging", "renamed, cast, one of each", "#e9eef7"),
    ("intermediate", "what counts for whom", "#e6f2ec"),
    ("core", "facts and dimensions", "#fbe9d7"),
    ("reports", "screens, and the books of the warehouse", "#f6e3ec"),
)
BOX, LINE, HEAD, GAP, TOP, GUTTER = 246, 15, 26, 22, 58, 104
# of arrows, by the box that they come from
INKS = (
    "#8a5a2b",
    "#33658a",
    "#2f7d5b",
    "#a23b72",
    "#6b5ca5",
    "#b5651d",
    "#3a7ca5",
    "#557a1f",
    "#9c2c2c",
    "#555555",
)
Edges = dict[tuple[str, str], set[str]]


@dataclass(frozen=True)
class Lineage:
    """Box -> what is in it, and (box, box that reads it) -> "model reads model"; seeds are left out."""

    boxes: dict[str, list[str]]
    edges: Edges
    hubs: frozenset[str]


def lineage(manifest: dict) -> Lineage:
    nodes = {
        uid: node
        for uid, node in (manifest["nodes"] | manifest["sources"]).items()
        if node["resource_type"] in {"model", "source"}
    }
    box_of = {uid: _box(node) for uid, node in nodes.items()}
    boxes: dict[str, list[str]] = defaultdict(list)
    edges: Edges = defaultdict(set)
    for uid, node in sorted(nodes.items(), key=lambda item: item[1]["name"]):
        boxes[box_of[uid]].append(node["name"])
        for parent in node.get("depends_on", {}).get("nodes", ()):
            if box_of.get(parent, box_of[uid]) != box_of[uid]:
                edges[box_of[parent], box_of[uid]].add(f"{node['name']} reads {nodes[parent]['name']}")
    hubs = {node["name"] for node in nodes.values() if node["config"].get("meta", {}).get("hub")}
    return Lineage(dict(boxes), dict(edges), frozenset(hubs))


def _box(node: dict) -> str:
    return "raw" if node["resource_type"] == "source" else PurePath(node["path"]).parent.as_posix()


def _column(box: str) -> int:
    """What is built last stands below the facts that it waits for, and the books beside the reports."""
    first = {"ops": "reports", "applied": "core"}.get(box.split("/")[0], box.split("/")[0])
    return [name for name, *_ in COLUMNS].index(first)


def _ordered(boxes: list[str], edges: Edges) -> list[str]:
    """A box below all that it reads: the one that the longest chain follows is first."""

    def chain(box: str) -> int:
        return max((1 + chain(reader) for reader in boxes if (box, reader) in edges), default=0)

    return sorted(boxes, key=lambda box: (-chain(box), box))


def picture(drawn: Lineage) -> str:
    places: dict[str, tuple[int, int, int]] = {}
    for number in range(len(COLUMNS)):
        y = TOP
        for box in _ordered([box for box in drawn.boxes if _column(box) == number], drawn.edges):
            height = HEAD + LINE * len(drawn.boxes[box]) + 8
            places[box] = (20 + number * (BOX + GUTTER), y, height)
            y += height + GAP
    height = max(y + size for _, y, size in places.values()) + 20
    width = 20 + len(COLUMNS) * (BOX + GUTTER)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" font-family="Helvetica, Arial, sans-serif">',
        "<desc>Made by `make lineage`. Arrows lead from what is read to what reads it.</desc>",
        *(
            f'<marker id="{ink[1:]}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" '
            f'markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0L8 4L0 8z" fill="{ink}"/></marker>'
            for ink in INKS
        ),
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
    ]
    for number, (name, meaning, _) in enumerate(COLUMNS):
        x = 20 + number * (BOX + GUTTER)
        parts.append(f'<text x="{x}" y="26" font-size="17" font-weight="bold" fill="#333">{name}</text>')
        parts.append(f'<text x="{x}" y="44" font-size="12" fill="#777">{meaning}</text>')
    parts += [_arrow(edge, drawn, places) for edge in sorted(drawn.edges)]
    parts += [_drawn_box(box, drawn, place) for box, place in places.items()]
    return "\n".join([*parts, "</svg>", ""])


def _arrow(edge: tuple[str, str], drawn: Lineage, places: dict) -> str:
    """From right to left side between columns; within one, along the gutter at its right."""
    (x1, y1, _), (x2, y2, _) = (places[box] for box in edge)
    start = y1 + 13 + 9 * _rank(edge, drawn, places, 0)
    end = y2 + 13 + 9 * _rank(edge, drawn, places, 1)
    if x1 == x2:
        bow = x1 + BOX + 22 + min(60, abs(end - start) // 9)
        curve = f"M{x1 + BOX} {start} C{bow} {start} {bow} {end} {x2 + BOX + 2} {end}"
    else:
        far = max(GUTTER * 0.6, (x2 - x1 - BOX) * 0.45)
        curve = f"M{x1 + BOX} {start} C{x1 + BOX + far:g} {start} {x2 - far:g} {end} {x2 - 2} {end}"
    reads = drawn.edges[edge]
    ink = INKS[sorted(drawn.boxes).index(edge[0]) % len(INKS)]
    title = escape("\n".join([" → ".join(edge), *sorted(reads)]))
    return (
        f'<path d="{curve}" fill="none" stroke="{ink}" stroke-opacity="0.75" stroke-width="{_weight(reads)}" '
        f'marker-end="url(#{ink[1:]})"><title>{title}</title></path>'
    )


def _weight(reads: set[str]) -> float:
    return 1 if len(reads) < 3 else 1.7 if len(reads) < 10 else 2.6


def _rank(edge: tuple[str, str], drawn: Lineage, places: dict, end: int) -> int:
    """Which of the arrows on that side of the box at this end of the edge it is, from above."""
    box = edge[end]

    def side(other: tuple[str, str]) -> bool:
        return box == other[0] or places[other[0]][0] == places[other[1]][0]

    at_side = [other for other in drawn.edges if box in other and side(other) == side(edge)]
    # what leaves it is above what comes in
    at_side.sort(key=lambda other: (other[1] == box, *reversed(places[other[other[0] == box]][:2])))
    return at_side.index(edge)


def _drawn_box(box: str, drawn: Lineage, place: tuple[int, int, int]) -> str:
    x, y, height = place
    column, _, colour = COLUMNS[_column(box)]
    title = escape(box.removeprefix("intermediate/").removeprefix(f"{column}/"))
    lines = [
        f"<g id={quoteattr(box)}>",
        f'<rect x="{x}" y="{y}" width="{BOX}" height="{height}" rx="6" fill="{colour}" stroke="#999"/>',
        f'<text x="{x + 10}" y="{y + 18}" font-size="13" font-weight="bold" fill="#222">{title}</text>',
    ]
    for number, name in enumerate(drawn.boxes[box]):
        weight = ' font-weight="bold"' if name in drawn.hubs else ""
        lines.append(
            f'<text x="{x + 10}" y="{y + HEAD + LINE * (number + 1) - 4}" font-size="11.5" fill="#333"'
            f'{weight} class="model">{escape(name)}</text>'
        )
    return "\n".join([*lines, "</g>"])


def read_picture(svg: str) -> tuple[dict[str, list[str]], Edges]:
    """What a picture shows: its boxes and its arrows."""
    root = ElementTree.fromstring(svg)
    boxes = {
        box.get("id"): [text.text for text in box.iter(f"{SVG}text") if text.get("class") == "model"]
        for box in root.iter(f"{SVG}g")
    }
    edges = {}
    for title in root.iter(f"{SVG}title"):
        edge, *reads = title.text.split("\n")
        one, other = edge.split(" → ")
        edges[one, other] = set(reads)
    return boxes, edges


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        parse_project(
            Settings(Path(folder, "landing"), Path(folder, "warehouse"), PROJECT), Path(folder, "dbt")
        )
        manifest = json.loads(Path(folder, "dbt", "manifest.json").read_text())
    PICTURE.write_text(picture(lineage(manifest)))


if __name__ == "__main__":
    main()
