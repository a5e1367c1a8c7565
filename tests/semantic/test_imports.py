"""Runs never pay for MetricFlow: only a question imports it."""

from __future__ import annotations

import subprocess
import sys

from sequence_warehouse.config.project import PROJECT


def test_neither_the_commands_nor_the_steps_of_a_run_import_metricflow():
    code = (
        "import sys; from sequence_warehouse.cli import main, metrics_command; "
        "from sequence_warehouse.runs import steps; "
        "from dbt.cli.main import dbtRunner; print([name for name in sys.modules if 'metricflow' in name])"
    )
    finished = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, timeout=120, check=True
    )
    assert finished.stdout.strip() == "[]"
