"""Metrics: the semantic layer of models/semantic, asked by MetricFlow, answered by the published tables.

MetricFlow turns metrics, dimensions and filters into one SQL query; this module runs it over one version's
Parquet, so that asking waits for nobody: neither a run that writes nor a BI tool that keeps a file open.
"""

from __future__ import annotations

import ast
import hashlib
import logging
import re
import shutil
from collections.abc import Sequence
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import duckdb

from sequence_warehouse.config.errors import UserError
from sequence_warehouse.config.settings import Settings
from sequence_warehouse.storage import durable, publication
from sequence_warehouse.storage.database import identifier

_PROJECT_FILES = ("dbt_project.yml", "profiles.yml", "models/**/*.*", "macros/**/*.sql", "seeds/*.*")


class Metrics:
    """The metrics of one publication; one object answers any number of questions.

    Raises UserError when nothing is published, or the project cannot be read.
    """

    def __init__(self, settings: Settings) -> None:
        version = publication.current_version(settings)
        if version is None:
            raise UserError(f"Nothing is published in {settings.warehouse}: `make run` does that first.")
        self._engine = _engine(_semantic_manifest(settings))
        self._connection = publication.connect_to(version, settings)

    def __enter__(self) -> Metrics:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def names(self) -> list[str]:
        """Names of all metrics, sorted."""
        return sorted(metric.name for metric in self._metrics())

    def describe(self) -> list[tuple[str, str, str]]:
        """(name, label, description) of each metric."""
        return sorted(
            (metric.name, metric.label or "", " ".join((metric.description or "").split()))
            for metric in self._metrics()
        )

    def dimensions(self, metrics: Sequence[str]) -> list[str]:
        """What all of these metrics can be grouped and filtered by; with no metric, what any can."""
        self._check(metrics)
        return sorted({item.granularity_free_dunder_name for item in self._dimensions(metrics)})

    def sql(
        self,
        metrics: Sequence[str],
        group_by: Sequence[str] = (),
        where: Sequence[str] = (),
        start: datetime | None = None,
        end: datetime | None = None,
        order: Sequence[str] = (),
        limit: int | None = None,
    ) -> str:
        """The query that answers; its columns are the dimensions and metrics asked for, by their names.

        where: conditions with ``{{ Dimension('sequence__sequence_name') }}`` in them. start, end: first
        and last day of enrollment. order: columns, with ``-`` before one for descending.
        Raises UserError for what the semantic models do not know.
        """
        from metricflow.engine.metricflow_engine import MetricFlowQueryRequest, OutputColumnOrderMode
        from metricflow_semantics.errors.error_classes import InformativeUserError

        self._check(metrics)
        request = MetricFlowQueryRequest.create(
            metric_names=metrics,
            group_by_names=group_by,
            where_constraints=where or None,
            time_constraint_start=start,
            time_constraint_end=end,
            order_by_names=order or None,
            limit=limit,
            output_column_order_mode=OutputColumnOrderMode.INPUT_ORDER,
        )
        try:
            return str(self._engine.explain(request).sql_statement.without_descriptions.sql)
        except InformativeUserError as error:
            raise UserError(_sentence(str(error))) from error

    def answer(self, metrics: Sequence[str], **options: Any) -> duckdb.DuckDBPyRelation:
        """The answer; arguments as for ``sql``. Raises UserError as it does."""
        query = self.sql(metrics, **options)
        try:
            # fetched here: a filter may bind and still fail on a row
            return _with_plain_types(self._connection.sql(query)).execute()
        except duckdb.Error as error:
            # what MetricFlow writes is right, save for what a filter brings and tables that were not there
            if options.get("where") and not isinstance(error, duckdb.CatalogException):
                raise UserError(f"DuckDB cannot run the filter: {_first_line(error)}") from error
            raise UserError(
                "The publication is older than the semantic models, `make run` makes a new one: "
                f"{_first_line(error)}"
            ) from error

    def _check(self, metrics: Sequence[str]) -> None:
        names = self.names()
        for metric in metrics:
            if metric not in names:
                close = get_close_matches(metric, names)
                raise UserError(
                    f"There is no metric {metric}{_perhaps(close)}; `make metrics ARGS=list` names them."
                )

    def _metrics(self) -> Any:
        return self._engine.list_metrics(include_dimensions=False)

    def _dimensions(self, metrics: Sequence[str]) -> Any:
        if metrics:
            return self._engine.simple_dimensions_for_metrics(list(metrics))
        return self._engine.list_dimensions()


def _with_plain_types(answer: duckdb.DuckDBPyRelation) -> duckdb.DuckDBPyRelation:
    """Counts as bigint and periods as dates, as the published tables have them."""
    plain = {"HUGEINT": "bigint", "TIMESTAMP": "date"}
    return answer.project(
        ", ".join(
            f"cast({identifier(name)} as {plain[str(kind)]}) as {identifier(name)}"
            if str(kind) in plain
            else identifier(name)
            for name, kind in zip(answer.columns, answer.types, strict=True)
        )
    )


def _engine(manifest: str) -> Any:
    """MetricFlow over a semantic manifest (JSON). It writes SQL and never runs any."""
    from metricflow.engine.metricflow_engine import MetricFlowEngine
    from metricflow.protocols.sql_client import SqlEngine
    from metricflow.sql.render.duckdb_renderer import DuckDbSqlPlanRenderer
    from metricflow_semantics.model.dbt_manifest_parser import parse_manifest_from_dbt_generated_manifest
    from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup

    class WritesDuckDbSql:
        sql_engine_type = SqlEngine.DUCKDB
        sql_plan_renderer = DuckDbSqlPlanRenderer()

    # it warns of slowness on a busy machine, which is nobody's business here
    for library in ("metricflow", "metricflow_semantics", "metricflow_semantic_interfaces"):
        logging.getLogger(library).setLevel(logging.ERROR)
    model = parse_manifest_from_dbt_generated_manifest(manifest_json_string=manifest)
    return MetricFlowEngine(
        semantic_manifest_lookup=SemanticManifestLookup(model), sql_client=WritesDuckDbSql()
    )


def _semantic_manifest(settings: Settings) -> str:
    """The semantic models as JSON, read anew by dbt when a file of the project has changed."""
    from sequence_warehouse.build.dbt_build import parse_project

    # not the folder of a run, which may be reading the project at this moment
    folder = settings.work / "metrics"
    manifest, remembered = folder / "semantic_manifest.json", folder / "project.sha256"
    current = _digest(settings.project)
    if not manifest.exists() or _text(remembered) != _fingerprint(current, manifest):
        remembered.unlink(missing_ok=True)
        _start_from_last_run(settings, folder)
        parse_project(settings, folder)
        durable.write(remembered, _fingerprint(current, manifest))
    return manifest.read_text(encoding="utf-8")


def _fingerprint(project: str, manifest: Path) -> str:
    """Of the project and of what dbt made of it, which may have been cut off since."""
    return f"{project} {hashlib.sha256(manifest.read_bytes()).hexdigest()}"


def _text(path: Path) -> str | None:
    return path.read_bytes().decode(errors="replace") if path.exists() else None


def _start_from_last_run(settings: Settings, folder: Path) -> None:
    """Lend dbt what the last run has parsed, so that it reads changed files only.

    A copy that a run is writing at this moment may be torn: dbt then reads every file, as without one.
    """
    parsed = settings.work / "dbt" / "partial_parse.msgpack"
    if parsed.exists():
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(parsed, folder)


def _digest(project: Path) -> str:
    digest = hashlib.sha256()
    for pattern in _PROJECT_FILES:
        for path in sorted(path for path in project.glob(pattern) if path.is_file()):
            digest.update(str(path.relative_to(project)).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _sentence(message: str) -> str:
    """The first of MetricFlow's errors, which come as pages, in one sentence.

    They look like ``Error #1: Message: … Suggestions: […] Query Input: … Issue Location: …``.
    """
    first = message.split("Error #2:")[0].split("Issue Location:")[0]
    said, _, asked = first.partition("Message:")[2].partition("Query Input:")
    if "Traceback" in said:  # a filter that is no template; the first of the chained errors is its cause
        cause = re.search(r"^ *[\w.]+(?:Error|Exception): (.+)", said, flags=re.MULTILINE)
        wrong = re.search(r'"(.+)"', said)
        return (
            f"The filter {wrong[1] if wrong else ''} cannot be read ({cause[1] if cause else 'see above'}); "
            "it names what it filters by as in {{ Dimension('sequence__sequence_name') }}."
        )
    said, _, suggested = said.partition("Suggestions:")
    sentence = " ".join(said.partition("Common issues are:")[0].split()).rstrip(".")
    # within a filter: the name, not the whole filter
    asked = " ".join(asked.rpartition("Object Builder Input:")[2].split())
    if asked and asked not in sentence:
        sentence += f": {asked}"
    return (sentence or " ".join(message.split())) + _perhaps(_names(suggested)) + "."


def _names(suggested: str) -> list[str]:
    return ast.literal_eval(suggested.strip()) if suggested.strip() else []


def _perhaps(names: Sequence[str]) -> str:
    return f" (perhaps {', '.join(names)})" if names else ""


def _first_line(error: Exception) -> str:
    return re.sub(r"\s+", " ", str(error).strip().splitlines()[0])
