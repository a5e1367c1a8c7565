"""Copies of the dbt project that a test may change: whole, or without what it does not ask for."""

from __future__ import annotations

import shutil
from pathlib import Path

from sequence_warehouse.config.project import PROJECT

PROJECT_PARTS = ("models", "macros", "seeds", "expectations", "tests/dbt", "dbt_project.yml", "profiles.yml")


def light_project(target: Path) -> Path:
    """A copy of the dbt project without the tests of single models, for tests of something else.

    Those are most of a build's nodes and a third of its time; the tests in tests/dbt stay.
    """
    project = copy_project(target)
    layers = ("staging", "intermediate", "core", "reports", "ops")
    settings = "".join(f"    {layer}: {{+enabled: false}}\n" for layer in layers)
    with (project / "dbt_project.yml").open("a") as stream:
        stream.write(f"\ndata_tests:\n  sequence_warehouse:\n{settings}")
    return project


def small_project(target: Path) -> Path:
    """A light project without the reports, for tests of what becomes of loads and facts."""
    project = light_project(target)
    for part in ("models/reports", "models/semantic"):
        shutil.rmtree(project / part)
    (project / "models/exposures.yml").unlink()
    of_reports = [path for path in (project / "tests/dbt").glob("*.sql") if _is_of(path, "models/reports")]
    for path in (*of_reports, *(project / "expectations/marts").glob("reports.*.json")):
        path.unlink()
    return project


def _is_of(test: Path, folder: str) -> bool:
    """Whether a test reads a model of a folder."""
    text = test.read_text()
    return any(f"ref('{model.stem}')" in text for model in (PROJECT / folder).rglob("*.sql"))


def copy_project(target: Path) -> Path:
    for part in PROJECT_PARTS:
        source = PROJECT / part
        if source.is_dir():
            shutil.copytree(source, target / part)
        elif source.exists():
            target.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target / part)
    return target
