"""The linters decide; nobody argues. make and the pre-commit hooks run the same ones over the same files."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from scripts.lint import LINTERS
from sequence_warehouse.config.project import PROJECT


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow if name == "sqlfluff" else ()) for name in LINTERS]
)
def test_linter_is_content(name):
    finished = subprocess.run(
        [sys.executable, "-m", "scripts.lint", "--only", name],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert finished.returncode == 0, finished.stdout[-4000:] + finished.stderr[-1000:]


def test_every_linter_has_something_to_look_at_and_only_what_is_there():
    for name, linter in LINTERS.items():
        if not linter.places:
            continue
        files = linter.files()
        assert files and all((PROJECT / file).exists() for file in files), name
        assert files == ["."] or all(linter.owns(Path(file)) for file in files), name


def test_pre_commit_runs_every_linter_by_the_same_list():
    (repository,) = yaml.safe_load((PROJECT / ".pre-commit-config.yaml").read_text())["repos"]
    entries = {hook["id"]: hook["entry"] for hook in repository["hooks"]}
    assert entries == {name: f".venv/bin/python -m scripts.lint --only {name}" for name in LINTERS}


@pytest.mark.parametrize("name", ["shellcheck", "ruff-check", "shfmt"])
def test_a_fault_is_found(name, tmp_path):
    linter = LINTERS[name]
    file = tmp_path / f"faulty{linter.suffix}"
    file.write_text("import os\n" if linter.suffix == ".py" else "#!/bin/sh\nif true; then\n  echo $1\nfi\n")
    command = [Path(sys.executable).with_name(linter.check[0]), *linter.check[1:], file]
    assert subprocess.run(command, capture_output=True).returncode != 0
