"""The laws of the layers: each looks at dbt's manifest (references in macros count) and tells breaches.

Layers are folders of models/; the longest folder that a path begins with says the layer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath


@dataclass(frozen=True)
class Layer:
    """What a layer reads, the schema it is built in, and how its models are called."""

    reads: frozenset[str]
    schema: str
    prefixes: tuple[str, ...] = ()
    is_read: bool = True


def _layer(reads: str, schema: str, prefixes: str = "", **rest: bool) -> Layer:
    return Layer(frozenset(reads.split()), schema, tuple(prefixes.split()), **rest)


REPORT_HELPERS = "reports/intermediate"
APPLIED = "applied"
LAYERS = {
    "staging": _layer("sources seeds staging", "staging", "base_ stg_"),
    "intermediate": _layer("seeds staging intermediate", "intermediate", "int_"),
    "core": _layer("seeds staging intermediate core", "core", "dim_ fct_"),
    REPORT_HELPERS: _layer(f"seeds staging intermediate core {REPORT_HELPERS}", "intermediate", "int_"),
    "reports": _layer(f"seeds intermediate core {REPORT_HELPERS} reports", "reports"),
    "ops": _layer("sources seeds staging intermediate core ops", "ops"),
    # what the facts have seen, for the next run to compare with: built after them, and nobody reads it by ref
    APPLIED: _layer(f"staging intermediate core {APPLIED}", "intermediate", "int_applied__", is_read=False),
}
# semantic models and exposures, which readers of the published tables share
READ_BY_READERS = frozenset({"core", "reports"})
PUBLISHED = frozenset({"core", "reports", "ops"})
# id -> the names that stand beside it in a report
NAMES_BESIDE = {
    "sequence_id": ("sequence_name",),
    "folder_id": ("folder_name",),
    "template_id": ("template_name",),
    "contact_id": ("contact_name", "contact_email"),
    "company_id": ("company_name",),
    "user_id": ("user_name",),
    "enrolled_by_user_id": ("enrolled_by_user_name",),
}
# a model of more lines is split
MOST_LINES = 80
# a model that more than so many read is a hub, and says in its meta why; core is made to be read
MOST_READERS = 6


class Graph:
    """The models of a manifest, what each reads, and who reads it."""

    def __init__(self, manifest: dict) -> None:
        self.nodes = manifest["nodes"] | manifest["sources"]
        self.models = {uid: node for uid, node in self.nodes.items() if node["resource_type"] == "model"}
        self.parents = {uid: node["depends_on"]["nodes"] for uid, node in self.models.items()}
        self.children: dict[str, list[str]] = defaultdict(list)
        for uid, parents in self.parents.items():
            for parent in parents:
                self.children[parent].append(uid)
        readers = manifest["semantic_models"] | manifest["exposures"]
        self.readers = {uid: node["depends_on"]["nodes"] for uid, node in readers.items()}

    def layer(self, uid: str) -> str:
        node = self.nodes[uid]
        if node["resource_type"] in {"seed", "source"}:
            return f"{node['resource_type']}s"
        parts = PurePath(node["path"]).parts[:-1]
        folders = ("/".join(parts[:length]) for length in range(len(parts), 0, -1))
        return next((folder for folder in folders if folder in LAYERS), parts[0] if parts else "")

    def folder(self, uid: str) -> str:
        return PurePath(self.nodes[uid]["path"]).parent.as_posix()

    def name(self, uid: str) -> str:
        return self.nodes[uid]["name"]

    def lines(self, uid: str) -> int:
        return len(self.models[uid]["raw_code"].strip().splitlines())

    def materialized(self, uid: str) -> str:
        return self.models[uid]["config"]["materialized"]


def reads_up(graph: Graph) -> Iterator[str]:
    """A model reads its layer and those below; semantic models and exposures read what is published."""
    for uid, parents in graph.parents.items():
        layer = graph.layer(uid)
        for parent in parents:
            if layer not in LAYERS or graph.layer(parent) not in LAYERS[layer].reads:
                yield f"{graph.name(uid)} in {layer} reads {graph.name(parent)} in {graph.layer(parent)}"
    for uid, parents in graph.readers.items():
        for parent in parents:
            if graph.layer(parent) not in READ_BY_READERS:
                yield f"{uid} reads {graph.name(parent)} in {graph.layer(parent)}"


def has_no_parent(graph: Graph) -> Iterator[str]:
    """Every model is made of something, and what is not published is read by somebody."""
    for uid, parents in graph.parents.items():
        layer = LAYERS.get(graph.layer(uid))
        if not parents:
            yield f"{graph.name(uid)} reads nothing"
        if layer and layer.is_read and layer.schema not in PUBLISHED and not graph.children[uid]:
            yield f"nobody reads {graph.name(uid)}"


def mixes_sources(graph: Graph) -> Iterator[str]:
    """What reads a source reads no model, but base_ models others, to join what comes in two forms."""
    for uid, parents in graph.parents.items():
        kinds = {graph.nodes[parent]["resource_type"] for parent in parents}
        others = [graph.name(parent) for parent in parents if parent in graph.models]
        is_base = all(name.startswith("base_") for name in [graph.name(uid), *others])
        if kinds >= {"source", "model"} and not is_base:
            yield f"{graph.name(uid)} reads sources and {', '.join(others)}"


def rejoins(graph: Graph) -> Iterator[str]:
    """A model that reads a parent's parent again, where the parent between might as well be a CTE of it.

    It might when nobody else reads it, it is not published and keeps no rows of its own (incremental, or
    a table that a view reads), and both together are no longer than a model may be.
    """
    for uid, parents in graph.parents.items():
        for between in parents:
            shared = [
                name for name in graph.parents.get(between, ()) if name in parents and name in graph.models
            ]
            is_only_reader = graph.children[between] == [uid]
            kept = {("table", "view"), ("table", "incremental"), ("incremental", graph.materialized(uid))}
            if (
                shared
                and is_only_reader
                and LAYERS[graph.layer(between)].schema not in PUBLISHED
                and (graph.materialized(between), graph.materialized(uid)) not in kept
                and graph.lines(between) + graph.lines(uid) <= MOST_LINES
            ):
                yield f"{graph.name(uid)} rejoins {graph.name(shared[0])} through {graph.name(between)}"


def fans_out(graph: Graph) -> Iterator[str]:
    """A model that many read says why in its meta (`hub`), and one that says so is read by many."""
    for uid, node in graph.models.items():
        readers, hub = len(graph.children[uid]), node["config"]["meta"].get("hub")
        if graph.layer(uid) != "core" and (readers > MOST_READERS) != bool(hub):
            yield f"{graph.name(uid)} has {readers} readers, and as its hub: {hub}"


def is_misnamed(graph: Graph) -> Iterator[str]:
    """Names and schemas follow folders."""
    every_prefix = tuple(prefix for layer in LAYERS.values() for prefix in layer.prefixes)
    for uid, node in graph.models.items():
        layer = LAYERS.get(graph.layer(uid))
        if layer is None:
            yield f"{node['path']} is in no layer"
        elif node["config"]["schema"] != layer.schema:
            yield f"{node['path']} is built in {node['config']['schema']}"
        elif layer.prefixes and not node["name"].startswith(layer.prefixes):
            yield f"{node['path']} begins with none of {', '.join(layer.prefixes)}"
        elif not layer.prefixes and node["name"].startswith(every_prefix):
            yield f"{node['path']} is called as in another layer"


def turns_back(graph: Graph) -> Iterator[str]:
    """Folders of a layer are stages: no two of them read each other, be it by others between."""
    reads: dict[str, set[str]] = defaultdict(set)
    for uid, parents in graph.parents.items():
        for parent in parents:
            if parent in graph.models and graph.folder(parent) != graph.folder(uid):
                reads[graph.folder(uid)].add(graph.folder(parent))
    for folder in list(reads):
        below, found = list(reads[folder]), set()
        while below:
            if (step := below.pop()) not in found:
                found.add(step)
                below += reads.get(step, ())
        if folder in found:
            yield f"{folder} reads what reads it"


def is_too_long(graph: Graph) -> Iterator[str]:
    for uid in graph.models:
        if graph.lines(uid) > MOST_LINES:
            yield f"{graph.name(uid)} has {graph.lines(uid)} lines"


def lacks_names(graph: Graph) -> Iterator[str]:
    """Names stand beside ids; not in the cubes and in step_contacts, which one rename would rewrite."""
    for uid, node in graph.models.items():
        name, columns = graph.name(uid), node.get("columns") or {}
        if graph.layer(uid) != "reports" or name.endswith("_daily") or name == "step_contacts":
            continue
        for one, beside in NAMES_BESIDE.items():
            if one in columns and (lacking := [other for other in beside if other not in columns]):
                yield f"{name} has {one} without {', '.join(lacking)}"


LAWS = (
    lacks_names,
    reads_up,
    has_no_parent,
    mixes_sources,
    rejoins,
    fans_out,
    is_misnamed,
    turns_back,
    is_too_long,
)
