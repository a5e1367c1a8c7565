"""A DAG in this process, for a person: the same code that the scheduler runs, with its progress shown."""

from __future__ import annotations

import importlib.util
import logging
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sequence_warehouse.airflow import local_airflow
from sequence_warehouse.config.settings import Settings
from sequence_warehouse.storage import lock


def run_dag(
    settings: Settings,
    file_name: str,
    variable: str,
    log_file: Path,
    logger: str,
    environment: Mapping[str, str] | None = None,
    conf: dict[str, Any] | None = None,
) -> Any:
    """Run a DAG of dags/ once; returns its run.

    variable: the DAG's name in its file. log_file: gets all that is printed, but for what ``logger`` says,
    which is shown. environment: variables for this run beside those of the settings.
    """
    log_file.parent.mkdir(parents=True, exist_ok=True)
    with _only_progress_shown(log_file, logger):
        local_airflow.prepare(settings.airflow.home)
        os.environ.update(settings.environment())
        os.environ.update(environment or {})
        os.environ[lock.PROCESS_VARIABLE] = str(os.getpid())
        os.environ["SEQUENCE_WAREHOUSE_RETRIES"] = "0"  # a person is there to try again
        return load_dag(file_name, variable).test(run_conf=conf)


def load_dag(file_name: str, variable: str) -> Any:
    path = local_airflow.DAGS / file_name
    specification = importlib.util.spec_from_file_location(path.stem, path)
    assert specification is not None and specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules[path.stem] = module
    specification.loader.exec_module(module)
    return getattr(module, variable)


@contextmanager
def _only_progress_shown(log_file: Path, logger: str) -> Iterator[None]:
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
