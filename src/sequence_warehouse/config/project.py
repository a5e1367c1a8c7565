"""Where the dbt project, suites and DAGs lie: beside ``src`` in a checkout, in the package once installed."""

from __future__ import annotations

from pathlib import Path

_INSTALLED = Path(__file__).resolve().parent.parent / "project"
PROJECT = _INSTALLED if _INSTALLED.is_dir() else Path(__file__).resolve().parents[3]
