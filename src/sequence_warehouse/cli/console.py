"""``make run`` as a person sees it: the DAG in this process, its progress, and a first look at the marts."""

from __future__ import annotations

import importlib.util
import logging
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb

from sequence_warehouse.airflow import local_airflow
from sequence_warehouse.config.errors import UserError
from sequence_warehouse.config.project import PROJECT
from sequence_warehouse.config.settings import Settings
from sequence_warehouse.runs import completeness, steps
from sequence_warehouse.storage import lock, publication

FIRST_LOOK = {
    "reports.step_funnel": """
        with busiest as (
            select portal_id, sequence_id from reports.step_funnel
            group by all order by sum(steps_executed) desc, portal_id, sequence_id limit 1
        )
        select
            coalesce(sequence_name, sequence_id) as sequence, step_order + 1 as step, action,
            sum(steps_executed)::bigint as executed,
            round(100 * sum(opened) / sum(steps_executed), 1) as "open %",
            round(100 * sum(replied) / sum(steps_executed), 1) as "reply %",
            round(100 * any_value(reach_rate), 1) as "reach %",
        from reports.step_funnel
        semi join busiest using (portal_id, sequence_id)
        group by all order by step
    """,
    "reports.monthly_enrollments": """
        select
            portal_id as portal, enrolled_month as month, sum(enrollments)::bigint as enrollments,
            round(sum(total_opens) / sum(enrollments), 2) as "opens each",
            round(sum(total_replies) / sum(enrollments), 2) as "replies each",
            sum(meeting_booked)::bigint as met, sum(unsubscribed)::bigint as unsubscribed,
        from reports.monthly_enrollments
        group by all order by month desc, portal limit 6
    """,
    "reports.sender_score": """
        select
            portal_id as portal, coalesce(user_name, user_id, '?') as sender,
            ended_enrollments as ended, round(100 * reply_rate, 1) as "reply %",
            round(100 * bounce_rate, 1) as "bounce %", score, band,
        from reports.sender_score
        order by score desc nulls last, ended desc limit 8
    """,
}


def run(settings: Settings) -> int:
    """Run the DAG `sequence_warehouse` once, in this process. Returns the exit status."""
    started = time.monotonic()
    settings.work.mkdir(parents=True, exist_ok=True)
    log_file = settings.work / "logs" / "run.log"
    log_file.parent.mkdir(parents=True, exist_ok=True)
    print(f"Loading {settings.landing} into {settings.warehouse}", flush=True)
    with only_progress_shown(log_file, "sequence_warehouse.runs.steps"):
        local_airflow.prepare()
        os.environ.update(settings.environment())
        os.environ[lock.PROCESS_VARIABLE] = str(os.getpid())
        os.environ["SEQUENCE_WAREHOUSE_RETRIES"] = "0"  # a person is there to try again
        dag = load_dag("sequence_warehouse_dag.py", "DAG")
        prepared = time.monotonic() - started
        dag_run = dag.test()
    record = steps.RunRecord(settings, dag_run.run_id).content
    if str(dag_run.state) != "success":
        message = f"{record.get('message') or 'A step of the run failed.'} (log: {log_file})"
        raise UserError(message)
    print_summary(settings, record)
    print(f"\n{time.monotonic() - started:.1f} s in all, {prepared:.1f} s of them importing Airflow")
    return 0


def load_dag(file_name: str, variable: str):
    """A DAG object of dags/, the same that the scheduler runs."""
    path = PROJECT / "dags" / file_name
    specification = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(specification)
    sys.modules[path.stem] = module
    specification.loader.exec_module(module)
    return getattr(module, variable)


@contextmanager
def only_progress_shown(log_file: Path, logger: str) -> Iterator[None]:
    """Everything that libraries print goes to ``log_file``; what ``logger`` says to the terminal."""
    sys.stdout.flush()
    sys.stderr.flush()
    terminal = os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8")
    kept = os.dup(1), os.dup(2)
    handler = logging.StreamHandler(terminal)
    handler.setFormatter(logging.Formatter("  %(message)s"))
    progress = logging.getLogger(logger)
    progress.addHandler(handler)
    progress.setLevel(logging.INFO)
    with log_file.open("w") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
        try:
            yield
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            progress.removeHandler(handler)
            for target, descriptor in zip((1, 2), kept, strict=True):
                os.dup2(descriptor, target)
                os.close(descriptor)


def print_summary(settings: Settings, record: dict) -> None:
    """Print what a run did, and a first look at the tables that are published now."""
    loaded = record["load"]
    print(
        f"\n{loaded['files_loaded']} files loaded ({loaded['files_unchanged']} unchanged): "
        f"{loaded['events']:,} events, {loaded['objects']:,} objects, {loaded['rejected']:,} rejected"
    )
    if not record["is_changed"]:
        print("Nothing changed since the last publication: build, validation and publication skipped.")
    for border, validation in record.get("validations", {}).items():
        for warning in validation["warnings"]:
            print(f"warning ({border}): {warning}")
    version = publication.current_version(settings)
    with publication.connect_to(version, settings) as connection:
        with suppress(duckdb.CatalogException):  # the project has been rid of a table
            print(*completeness.sentences(connection, time.time()), sep="\n")
        rows = sorted(publication.rows(version).items())
        reports = [f"{name} {count:,} rows" for (schema, name), count in rows if schema == "reports"]
        print("Reports: " + ", ".join(reports))
        for name, query in FIRST_LOOK.items():
            with suppress(duckdb.CatalogException):
                shown = connection.sql(query)
                print(f"\n{name}")
                print(shown)
    print(f"Published  {settings.published / 'sequences.duckdb'}")
    print(f"What it is {settings.published / 'docs' / 'index.html'}")
    print(f"Data Docs  {settings.data_docs / 'index.html'}")
