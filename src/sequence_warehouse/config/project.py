"""Where the dbt project, suites and DAGs lie: beside ``src`` in a checkout, in the package once installed."""

from __future__ import annotations

from pathlib import Path

_INSTALLED = Path(__file__).resolve().parent.parent / "project"
IS_INSTALLED = _INSTALLED.is_dir()
PROJECT = _INSTALLED if IS_INSTALLED else Path(__file__).resolve().parents[3]


def home() -> Path:
    """Where what is made goes by default: the checkout; for an installed package the current folder."""
    return Path.cwd() if IS_INSTALLED else PROJECT
