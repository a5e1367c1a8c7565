"""Build: one `dbt build` in this process, its results as rows, its database let go at the end."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sequence_warehouse.build import build_state
from sequence_warehouse.build.build_state import BuildState
from sequence_warehouse.config.errors import UserError
from sequence_warehouse.config.settings import Settings
from sequence_warehouse.load.merging import prepare
from sequence_warehouse.seeds import Seeds
from sequence_warehouse.storage import inventory, raw
from sequence_warehouse.storage.database import DamagedDatabase, config, is_damage

log = logging.getLogger(__name__)

_BUILD = ("--quiet", "build", "--exclude-resource-type", "unit_test", "--exclude-resource-type", "exposure")
# What is rebuilt by touched contacts, and all that follows: one of the facts alone would be half of it.
_FACTS = "int_entities__changed+"
# Commands of dbt that open no database.
_NO_DATABASE = frozenset({"ls", "list", "parse", "clean", "deps", "--help", "--version"})


@dataclass(frozen=True)
class NodeResult:
    """One model, seed or test: seconds it took, rows it holds (tests: rows that failed)."""

    node: str
    resource_type: str
    status: str
    seconds: float
    rows: int | None
    message: str


@dataclass
class BuildReport:
    """What dbt did. full_refresh: why everything was rebuilt, or None."""

    full_refresh: str | None = None
    seconds: float = 0.0
    results: list[NodeResult] = field(default_factory=list)

    @property
    def failures(self) -> list[NodeResult]:
        return [node for node in self.results if node.status in {"error", "fail", "runtime error"}]

    @property
    def rows(self) -> int:
        """Rows written by models and seeds, as far as dbt knows."""
        return sum(node.rows or 0 for node in self.results if node.resource_type != "test")

    def raise_for_failures(self) -> None:
        """Raise UserError that names the first node that failed, if one did."""
        if self.failures:
            first = self.failures[0]
            # without DuckDB's advice, which is in its own terms
            reason, is_memory, _ = first.message.partition(" Possible solutions:")
            if is_memory and "Out of Memory" in reason:
                reason += "; raise SEQUENCE_WAREHOUSE_MEMORY_LIMIT or lower SEQUENCE_WAREHOUSE_THREADS."
            raise UserError(
                f"dbt: {len(self.failures)} of {len(self.results)} nodes failed, first the "
                f"{first.resource_type} {first.node}: {reason}"
            )


def build(settings: Settings) -> BuildReport:
    """Build seeds, models and their data tests; failed nodes are in the report.

    A damaged database is set aside and everything built anew. Raises UserError when dbt could not run at
    all, as with a project that it cannot read or a database that another program holds.
    """
    started = time.monotonic()
    folders = _prepare(settings)
    inventory.refuse_losses(settings.raw, raw.folders(settings.raw))
    manifest = _parse(folders)
    definition = incremental_definition(manifest, project_variables(settings.project))
    now = BuildState.of_now(settings, definition)

    reason = build_state.reason_to_rebuild(settings, now)
    report = _build(settings, folders, manifest, now, reason)
    damage = next((node.message for node in report.failures if _is_damage(node, settings)), None)
    if damage:
        reason = build_state.set_aside(settings.database, damage)
        report = _build(settings, folders, manifest, now, reason)
    report.seconds = time.monotonic() - started
    return report


def _build(
    settings: Settings, folders: list[str], manifest: Any, now: BuildState, reason: str | None
) -> BuildReport:
    """reason: why everything is rebuilt, or None."""
    report = BuildReport(full_refresh=reason)
    if reason:
        log.info("rebuilding everything: %s", reason)
    # until a rebuild has succeeded nobody knows by which definition the rows were built
    is_known = not reason and settings.database.exists()
    build_state.write(settings, now if is_known else replace(now, definition=""))
    passes = [["--full-refresh"] if reason else []]
    if settings.refresh_facts and not reason:
        report.full_refresh = "the facts and what follows from them, as asked"
        # tests that look across the border are left to the second pass: the facts are old in the first
        passes = [
            ["--exclude", _FACTS, "--indirect-selection", "cautious"],
            ["--full-refresh", "--select", _FACTS],
        ]
    is_successful = True
    for options in passes:
        if is_successful:
            outcome = _invoke([*_BUILD, *folders, *options], manifest)
            if outcome.result is None:
                raise UserError(f"dbt could not run: {_reason(outcome)}")
            report.results += [_result(result) for result in outcome.result.results]
            is_successful = outcome.success
    if is_successful:
        build_state.write(settings, now)
    return report


def _is_damage(node: NodeResult, settings: Settings) -> bool:
    return is_damage(node.message, settings.database)


def run_dbt(settings: Settings, arguments: list[str]) -> int:
    """dbt's own command line on a warehouse, for people who edit models. Returns its exit status.

    Incremental models that are built by another definition than before hold a mixture then: the next
    `build` rebuilds them. Raises UserError when raw storage is not whole, or the database is damaged or
    held by another program.
    """
    folders = _prepare(settings)
    manifest = _parse(folders)
    if settings.database.exists() and not _NO_DATABASE.intersection(arguments):
        inventory.refuse_losses(settings.raw, raw.folders(settings.raw))
        try:
            remembered = build_state.read(settings)
        except DamagedDatabase as error:
            raise UserError(f"{error} `make run` sets it aside and builds another.") from error
        definition = incremental_definition(manifest, project_variables(settings.project))
        is_changed = remembered is not None and remembered.definition != definition
        if is_changed or any(argument.startswith("--vars") for argument in arguments):
            build_state.forget(settings)
    return 0 if _invoke([*arguments, *folders], manifest).success else 1


def parse_project(settings: Settings, target: Path) -> None:
    """Have dbt read the project and write its manifests into a folder; no database is opened.

    Raises UserError when the project cannot be read.
    """
    _parse(_prepare(settings, target))


def _invoke(arguments: list[str], manifest: Any) -> Any:
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    try:
        return dbtRunner(manifest=manifest, callbacks=[_log_node]).invoke(arguments)
    finally:
        # dbt keeps the write lock for the life of the process otherwise
        DuckDBConnectionManager.close_all_connections()


def _parse(folders: list[str]) -> Any:
    """The project's manifest. Raises UserError when the project cannot be read."""
    from dbt.cli.main import dbtRunner

    parsed = dbtRunner().invoke(["--quiet", "parse", *folders])
    if not parsed.success:
        raise UserError(f"The dbt project cannot be read: {_reason(parsed)}")
    return parsed.result


def _prepare(settings: Settings, target: Path | None = None) -> list[str]:
    """Set dbt's environment; returns the options that name this project's and warehouse's folders."""
    os.environ.update(settings.environment())
    os.environ["SEQUENCE_WAREHOUSE_SPILL"] = str(config(settings)["temp_directory"])
    os.environ.setdefault("DO_NOT_TRACK", "1")
    # dbt takes folders from the project on
    os.environ["SEQUENCE_WAREHOUSE_SEEDS"] = os.path.relpath(
        Seeds.of(settings).prepare(settings.work), settings.project
    )
    settings.work.mkdir(parents=True, exist_ok=True)
    if raw.load_ids(settings.raw):
        prepare(settings.raw)
    return [
        f"--project-dir={settings.project}",
        f"--profiles-dir={settings.project}",
        f"--target-path={target or settings.work / 'dbt'}",
        f"--log-path={settings.work / 'logs'}",
    ]


def incremental_definition(manifest: Any, variables: dict[str, Any]) -> str:
    """A hash of all that decides the incremental models' rows: they and what they are built from.

    When it changes, rows built before and after would not agree: everything must be rebuilt.
    """
    nodes = manifest.nodes
    wanted = [uid for uid, node in nodes.items() if node.config.materialized == "incremental"]
    seen: dict[str, str] = {}
    while wanted:
        uid = wanted.pop()
        if uid in seen or uid not in {**nodes, **manifest.macros}:
            continue
        if uid.startswith("macro."):
            # dbt's own macros change with its version, which is part of the hash
            macro = manifest.macros[uid]
            seen[uid] = macro.macro_sql if macro.package_name == manifest.metadata.project_name else ""
            wanted += macro.depends_on.macros if seen[uid] else []
            continue
        node = nodes[uid]
        seen[uid] = node.raw_code or node.checksum.checksum
        wanted += node.depends_on.nodes if hasattr(node.depends_on, "nodes") else []
        wanted += node.depends_on.macros
    used = {
        name: variables.get(name)
        for text in seen.values()
        for name in re.findall(r"var\(\s*['\"](\w+)", text)
    }
    parts = [manifest.metadata.dbt_version, sorted(seen.items()), sorted(used.items())]
    return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()


def project_variables(project: Path) -> dict[str, Any]:
    """The vars of a project, as its ``dbt_project.yml`` says them."""
    import yaml

    with (project / "dbt_project.yml").open(encoding="utf-8") as stream:
        variables: dict[str, Any] = yaml.safe_load(stream).get("vars", {})
        return variables


def _result(result: Any) -> NodeResult:
    rows = result.failures
    if rows is None:
        rows = (result.adapter_response or {}).get("rows_affected")
    return NodeResult(
        node=result.node.name,
        resource_type=str(result.node.resource_type),
        status=str(result.status),
        seconds=round(result.execution_time, 3),
        rows=rows if isinstance(rows, int) and rows >= 0 else None,
        message=" ".join((result.message or "").split()),
    )


def _log_node(event: Any) -> None:
    if event.info.name == "NodeFinished":
        node = event.data.node_info
        level = logging.INFO if node.node_status in {"success", "pass", "skipped"} else logging.WARNING
        log.log(level, "dbt %s %s: %s", node.resource_type, node.node_name, node.node_status)


def _reason(outcome: Any) -> str:
    return " ".join(str(outcome.exception or "see its log").split())
