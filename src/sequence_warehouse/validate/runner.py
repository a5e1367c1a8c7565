"""Running the suites of one border over a DuckDB file, by push-down."""

import logging
import time
from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

from sequence_warehouse.validate import data_docs as docs
from sequence_warehouse.validate.gx_import import import_great_expectations, quiet
from sequence_warehouse.validate.report import WARNING, ValidationReport, ValidationRow
from sequence_warehouse.validate.suites import Suite, SuiteError, SuiteExpectation, load_suites
from sequence_warehouse.validate.text import observed_as_text, shorten, unexpected_count

BORDERS = ("raw", "marts")
# Three examples of unexpected values are enough to recognise a problem; each column costs a query.
_RESULT_FORMAT = {"result_format": "BASIC", "partial_unexpected_count": 3}
_ERROR = "error: "

log = logging.getLogger(__name__)


def validate(
    database: Path,
    suites: Path,
    data_docs: Path | None,
    border: str,
    run_id: str,
    declared: Collection[tuple[str, str]] | None = None,
    config: Mapping[str, object] | None = None,
) -> ValidationReport:
    """Run every suite of `suites/<border>/*.json` over the tables of `database`.

    The file is opened read-only and closed again before returning. No connection of this process
    may hold it open for writing meanwhile (DuckDB refuses that); other processes neither.

    With `data_docs`, the border's part of the static site in that folder is replaced by this run.
    A suite over a table that is not among the `declared` ones (schema, name) only warns that it is left
    over; None: every suite counts. `config` are DuckDB's options, such as its memory; None: its own.

    Returns a report; a failed expectation is a row, never an exception. An expectation that cannot
    be computed (a missing table or column, a broken query) failed, with the error's first line.
    Raises ValueError for an unknown border, SuiteError for a suite file that cannot be used,
    FileNotFoundError for a missing database and RuntimeError when it cannot be opened.
    """
    started = time.perf_counter()
    if border not in BORDERS:
        raise ValueError(f"border must be one of {', '.join(BORDERS)}, not {border!r}")
    if not database.is_file():
        raise FileNotFoundError(f"there is no database to validate at {database}")
    loaded = load_suites(suites / border)
    gx, import_seconds = import_great_expectations()

    with quiet():
        staged = docs.stage(data_docs, border) if data_docs else None
        context = _context(gx, staged)
        source = _open_read_only(context, database, config or {})
        try:
            present = _tables(source)
            rows = [
                row
                for suite in loaded
                for row in (
                    _run(gx, context, source, suite, run_id, suite.table_name in present)
                    if declared is None or (suite.schema, suite.table) in declared
                    else [_left_over(suite, run_id)]
                )
            ]
        finally:
            _close(source)
        if staged is not None:
            context.build_data_docs()

    report = ValidationReport(
        run_id=run_id,
        border=border,
        rows=tuple(rows),
        data_docs=docs.index_page(data_docs) if data_docs else None,
        import_seconds=round(import_seconds, 3),
        seconds=round(time.perf_counter() - started, 3),
    )
    if staged is not None and data_docs is not None:
        docs.publish(staged, data_docs, report)
    _log(report)
    return report


def _context(gx: ModuleType, staged: Path | None) -> Any:
    """One context in memory, without progress bars, with at most one Data Docs site."""
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
    )

    config = DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(),
        data_docs_sites={docs.SITE: docs.site_config(staged)} if staged else {},
        analytics_enabled=False,
    )
    context = gx.get_context(mode="ephemeral", project_config=config)
    context.variables.progress_bars = {"globally": False, "metric_calculations": False}
    return context


def _open_read_only(context: Any, database: Path, config: Mapping[str, object]) -> Any:
    """The data source; every connection of it is read-only and shows times in UTC."""
    from sqlalchemy import event

    try:
        source = context.data_sources.add_sql(
            "warehouse",
            connection_string=f"duckdb:///{database}",
            kwargs={
                "connect_args": {"read_only": True, "config": dict(config)},
                # Within one transaction, DuckDB refuses everything after the first failed query.
                "isolation_level": "AUTOCOMMIT",
            },
        )
        for engine in _engines(source):
            event.listen(engine, "connect", _use_utc)
            # Connections opened before the listener was there are not reused.
            engine.dispose()
    except Exception as error:
        raise RuntimeError(f"cannot open {database} read-only: {_first_line(error)}") from error
    return source


def _engines(source: Any) -> tuple[Any, Any]:
    return source.get_engine(), source.get_execution_engine().engine


def _use_utc(connection: Any, _record: Any) -> None:
    connection.execute("set TimeZone = 'UTC'")


def _close(source: Any) -> None:
    """Let go of the file, so that the caller can open it for writing."""
    execution_engine = source.get_execution_engine()
    connection = getattr(execution_engine, "_connection", None)
    if connection is not None:
        with suppress(Exception):
            connection.close()
        execution_engine._connection = None
    for engine in _engines(source):
        engine.dispose()


def _tables(source: Any) -> set[str]:
    """Names (`schema.table`) of all tables and views; upstream's own check blames the schema."""
    from sqlalchemy import text

    query = "select table_schema || '.' || table_name from information_schema.tables"
    with source.get_engine().connect() as connection:
        return {name for (name,) in connection.execute(text(query))}


def _run(
    gx: ModuleType, context: Any, source: Any, suite: Suite, run_id: str, exists: bool
) -> list[ValidationRow]:
    """The rows of one suite, in the order of its file."""
    upstream_suite = _upstream_suite(gx, suite)
    started = time.perf_counter()
    try:
        if not exists:
            raise LookupError(f"there is no table {suite.table_name}")
        batch = source.add_table_asset(
            suite.name, table_name=suite.table, schema_name=suite.schema
        ).add_batch_definition_whole_table("all rows")
        definition = gx.ValidationDefinition(
            name=suite.name, data=batch, suite=context.suites.add(upstream_suite)
        )
        outcome = context.validation_definitions.add(definition).run(
            result_format=_RESULT_FORMAT, run_id=gx.RunIdentifier(run_name=run_id)
        )
        # Upstream returns results grouped by column; the position says which is whose.
        results = {
            result.expectation_config.meta["position"]: result.to_json_dict() for result in outcome.results
        }
        failure = "no result"
    except Exception as error:
        results, failure = {}, _first_line(error)
    seconds = (time.perf_counter() - started) / max(1, len(suite.expectations))
    return [
        _row(suite, expectation, results.get(position), failure, run_id, seconds)
        for position, expectation in enumerate(suite.expectations)
    ]


def _left_over(suite: Suite, run_id: str) -> ValidationRow:
    """The one row of a suite whose table the project has been rid of."""
    return ValidationRow(
        run_id=run_id,
        border=suite.path.parent.name,
        suite=suite.name,
        table_name=suite.table_name,
        expectation="table_is_declared",
        column_name=None,
        severity=WARNING,
        success=False,
        observed=f"it does not, {suite.path.name} is left over",
        unexpected_count=None,
        description="the project declares the table",
        seconds=0.0,
    )


def _upstream_suite(gx: ModuleType, suite: Suite) -> Any:
    """The suite as Great Expectations has it; SuiteError when it does not accept an entry."""
    from great_expectations.expectations.registry import get_expectation_impl

    expectations = []
    for position, entry in enumerate(suite.expectations):
        try:
            expectation = get_expectation_impl(entry.gx_type)(
                **entry.gx_kwargs,
                severity=entry.severity,
                description=entry.description,
                meta={**entry.meta, "position": position},
            )
        except Exception as error:
            problem = shorten(str(error))
            raise SuiteError(f"{suite.path}: entry {position} ({entry.type}): {problem}") from error
        expectations.append(expectation)
    # Adding them one by one compares each with all before it, and costs a quarter of a second.
    return gx.ExpectationSuite(name=suite.name, notes=suite.notes or None, expectations=expectations)


def _row(
    suite: Suite,
    expectation: SuiteExpectation,
    result: dict[str, Any] | None,
    failure: str,
    run_id: str,
    seconds: float,
) -> ValidationRow:
    error = failure if result is None else _exception(result.get("exception_info") or {})
    values = (result or {}).get("result") or {}
    return ValidationRow(
        run_id=run_id,
        border=suite.path.parent.name,
        suite=suite.name,
        table_name=suite.table_name,
        expectation=expectation.type,
        column_name=expectation.column_name,
        severity=expectation.severity,
        success=error is None and result is not None and bool(result["success"]),
        observed=_ERROR + error if error else observed_as_text(values),
        unexpected_count=None if error else unexpected_count(values),
        description=expectation.description,
        seconds=round(seconds, 4),
    )


def _exception(info: dict[str, Any]) -> str | None:
    """First line of the exception of a result: one record of it, or one for each metric."""
    for record in [info, *info.values()]:
        if isinstance(record, dict) and record.get("raised_exception"):
            return _first_line(record.get("exception_message") or "unknown error")
    return None


def _first_line(error: object) -> str:
    lines = str(error).strip().splitlines()
    return shorten(lines[0]) if lines else type(error).__name__


def _log(report: ValidationReport) -> None:
    for level, rows in (
        (logging.ERROR, report.failed_critical),
        (logging.WARNING, report.warnings),
    ):
        said = set()
        for row in rows:
            # A missing table fails all of its expectations in the same words: the first will do.
            error = (row.table_name, row.observed) if row.observed.startswith(_ERROR) else row
            if error not in said:
                log.log(level, "%s: %s", row.severity, row)
            said.add(error)
    log.info(
        "border %s: %d expectations, %d failed critically, %d warnings; %.1f s (import %.1f s)",
        report.border,
        len(report.rows),
        len(report.failed_critical),
        len(report.warnings),
        report.seconds,
        report.import_seconds,
    )
