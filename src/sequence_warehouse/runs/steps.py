"""The steps of the main job, each one task of the DAG: load, validate, build, validate, publish.

A step keeps what it did in ``work/runs/<run_id>.json``, so that steps may run in different processes.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from sequence_warehouse.build import build_state, declared
from sequence_warehouse.build.dbt_build import build
from sequence_warehouse.build.docs_site import build_site
from sequence_warehouse.build.fingerprint import fingerprint, published_fingerprint
from sequence_warehouse.config.errors import UserError
from sequence_warehouse.config.settings import Settings
from sequence_warehouse.load import load
from sequence_warehouse.publish.publishing import publish
from sequence_warehouse.seeds import Seeds
from sequence_warehouse.storage import history, lock, permissions, publication
from sequence_warehouse.storage.database import DamagedDatabase, is_damage, opening
from sequence_warehouse.storage.database import config as duckdb_config
from sequence_warehouse.storage.records import RunRecord, close_cut_off_runs, close_task, now, task
from sequence_warehouse.validate import ValidationReport, landed, marts, validate

log = logging.getLogger(__name__)


def load_step(settings: Settings, run_id: str) -> bool:
    """Claim the warehouse and load what is new. False: nothing changed, the publication stands."""
    permissions.keep_private()
    with task(settings, run_id, "load") as done:
        lock.acquire(settings, run_id)
        permissions.tighten(settings)
        record = RunRecord(settings, run_id)
        record.update(started_at=record.content.get("started_at") or now())  # a retry has not begun the run
        close_cut_off_runs(settings, run_id)
        for sentence in Seeds.of(settings).check():
            log.warning(sentence)
        flaws = [*history.mend(settings), *publication.mend(settings)]
        report = load(settings)
        for sentence in [*report.mended, *flaws]:
            log.warning(sentence)
        done["rows"] = report.events + report.objects + report.rejected
    log.info(
        "load: %d files seen, %d loaded, %d unchanged; %d events, %d objects, %d rejected in %.1f s",
        report.files_seen,
        report.files_loaded,
        report.files_unchanged,
        report.events,
        report.objects,
        report.rejected,
        report.seconds,
    )
    is_wanted = settings.full_refresh or settings.refresh_facts or publication.is_damaged(settings)
    is_changed = is_wanted or published_fingerprint(settings.published) != fingerprint(settings)
    RunRecord(settings, run_id).update(load=asdict(report), is_changed=is_changed)
    if not is_changed:
        log.info("nothing changed: no file, model, macro, seed, suite, var, code or version")
        end_step(settings, run_id, "unchanged")
    return is_changed


def validate_raw_step(settings: Settings, run_id: str) -> None:
    """Great Expectations over what was landed. Raises UserError when it must not be built from."""
    with task(settings, run_id, "validate_raw") as done:
        lock.acquire(settings, run_id)
        _validate(settings, done, "raw", landed.prepare_raw(settings))


def build_step(settings: Settings, run_id: str) -> None:
    """One dbt build and its documentation; results become rows of ``ops.model_results``, failed or not."""
    with task(settings, run_id, "build") as done:
        lock.acquire(settings, run_id)
        report = build(settings)
        attempt = done["attempt"]
        rows = [{"run_id": run_id, "attempt": attempt, **asdict(result)} for result in report.results]
        history.append(settings, "model_results", f"{run_id}-{attempt}", rows)
        done["rows"] = report.rows
        report.raise_for_failures()
        log.info(
            "build: %d dbt nodes in %.1f s%s",
            len(rows),
            report.seconds,
            f" (everything: {report.full_refresh})" if report.full_refresh else "",
        )
        for name in declared.drop_others(settings):
            log.info("build: dropped %s, which the project does not declare", name)
        build_site(settings)
        RunRecord(settings, run_id).update(nodes=len(rows), full_refresh=report.full_refresh)


def validate_marts_step(settings: Settings, run_id: str) -> None:
    """Great Expectations over what is about to be published. Raises UserError when it must not be."""
    with task(settings, run_id, "validate_marts") as done:
        lock.acquire(settings, run_id)
        with _healing(settings):
            database = marts.prepare_marts(settings)
            _validate(settings, done, "marts", database, {*declared.relations(settings), *marts.TABLES})


def publish_step(settings: Settings, run_id: str) -> None:
    """Make the built and validated tables the current publication."""
    with task(settings, run_id, "publish") as done:
        lock.acquire(settings, run_id)
        record = RunRecord(settings, run_id)
        # the publication shows its own run and task as done: it is only there if they are
        with _healing(settings):
            summary = publish(settings, record.row("published"), fingerprint(settings), done)
        done["rows"] = sum(summary["rows"].values())
        record.update(version=summary["version"])
        log.info("publish: version %s, %d tables", summary["version"], len(summary["rows"]))
    end_step(settings, run_id, "published")


def end_step(settings: Settings, run_id: str, outcome: str | None = None) -> None:
    """Record how the run ended and give the warehouse back; the last to speak of an outcome wins."""
    record = RunRecord(settings, run_id)
    close_task(settings, record)
    if outcome is not None or "outcome" not in record.content:
        record.update(outcome=outcome or "failed", ended_at=now())
        record.write_history(record.content["outcome"])
    lock.release(settings, run_id)


@contextmanager
def _healing(settings: Settings) -> Iterator[None]:
    """Set the build database aside when it turns out to be damaged; raises UserError that says so."""
    try:
        with opening(settings.database):
            yield
    except DamagedDatabase as error:
        aside = build_state.set_aside(settings.database, str(error))
        raise UserError(f"{aside[0].upper()}{aside[1:]}: run again, which builds another.") from error


def _validate(
    settings: Settings,
    task_row: dict[str, object],
    border: str,
    database: Path,
    tables: Collection[tuple[str, str]] | None = None,
) -> None:
    run_id, attempt = str(task_row["run_id"]), task_row["attempt"]
    suites = settings.project / "expectations"
    report = validate(database, suites, settings.data_docs, border, run_id, tables, duckdb_config(settings))
    rows = [{"attempt": attempt, **asdict(row)} for row in report.rows]
    history.append(settings, "validation_results", f"{run_id}-{border}-{attempt}", rows)
    log.info(
        "validate %s: %d expectations, %d warnings in %.1f s (%.1f s of them importing)",
        border,
        len(report.rows),
        len(report.warnings),
        report.seconds,
        report.import_seconds,
    )
    _record_validation(RunRecord(settings, run_id), border, report)
    for row in report.failed_critical:
        if is_damage(row.observed, database):
            raise DamagedDatabase(f"The database {database} cannot be read: {row.observed}")
    if report.failed_critical:
        raise UserError(
            f"{len(report.failed_critical)} expectations on the {border} border failed, first: "
            f"{report.failed_critical[0].sentence}. Nothing was published; details: {report.data_docs}"
        )


def _record_validation(record: RunRecord, border: str, report: ValidationReport) -> None:
    validations = record.content.get("validations", {})
    validations[border] = {
        "expectations": len(report.rows),
        "warnings": [row.sentence for row in report.warnings],
        "data_docs": str(report.data_docs),
        "seconds": report.seconds,
    }
    record.update(validations=validations)
