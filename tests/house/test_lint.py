"""The linters decide; nobody argues."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sequence_warehouse.config.project import PROJECT

TOOLS = Path(sys.executable).parent


@pytest.mark.parametrize(
    "command",
    [
        ["ruff", "check", "."],
        ["ruff", "format", "--check", "."],
        pytest.param(
            ["sqlfluff", "lint", "--disable-progress-bar", "models", "tests/dbt"], marks=pytest.mark.slow
        ),
    ],
    ids=" ".join,
)
def test_linter_is_content(command):
    finished = subprocess.run(
        [TOOLS / command[0], *command[1:]], cwd=PROJECT, capture_output=True, text=True, timeout=600
    )
    assert finished.returncode == 0, finished.stdout[-4000:] + finished.stderr[-1000:]
