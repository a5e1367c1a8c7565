"""The command line of make: what a target does not take is an error before anything is touched."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from sequence_warehouse.config.project import PROJECT


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The Makefile in a folder where Python only shows how it was called."""
    (tmp_path / "scripts").mkdir()
    for name in ("Makefile", "scripts/unknown_variable.awk"):
        shutil.copy(PROJECT / name, tmp_path / name)
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements/dev.lock").touch()
    setup = tmp_path / "scripts/setup.sh"
    setup.write_text(
        "#!/bin/sh\nmkdir -p .venv/bin\n"
        'printf \'#!/bin/sh\\nprintf "<%%s> " "$@"; $THEN\\n\' > .venv/bin/python\n'
        "chmod +x .venv/bin/python\ntouch .venv/ready\necho set up with $PYTHON\n"
    )
    setup.chmod(0o755)
    return tmp_path


def make(folder: Path, *arguments: str, then: str = "") -> subprocess.CompletedProcess:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.run(
        ["make", "--no-print-directory", *arguments],
        cwd=folder,
        env=kept | {"THEN": then},
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("run", "WAREHOSE=x"), "make run knows no variable WAREHOSE: did you mean WAREHOUSE?"),
        (("WAREHOSE=x", "run"), "make run knows no variable WAREHOSE: did you mean WAREHOUSE?"),
        (
            ("run", "LANDING=a", "WAREHUOSE=b c"),
            "make run knows no variable WAREHUOSE: did you mean WAREHOUSE?",
        ),
        (("run", "Landing=x"), "make run knows no variable Landing: did you mean LANDING?"),
        (("run", "LANDING_DIR=x"), "make run knows no variable LANDING_DIR: did you mean LANDING?"),
        (("run", "FULL=1"), "make run knows no variable FULL: did you mean FULL_REFRESH?"),
        (("run", "WAREHOSE="), "make run knows no variable WAREHOSE: did you mean WAREHOUSE?"),
        (("run", "WAREHOSE:=x"), "make run knows no variable WAREHOSE: did you mean WAREHOUSE?"),
        (("run", "WAREHOSE+=x"), "make run knows no variable WAREHOSE: did you mean WAREHOUSE?"),
        (("-n", "run", "WAREHOSE=x"), "make run knows no variable WAREHOSE: did you mean WAREHOUSE?"),
        (
            ("run", "it's=x"),
            "make run knows no variable it's: it takes CONFIG, FULL_REFRESH, LANDING, WAREHOUSE.",
        ),
        (
            ("run", "PORTAL=1"),
            "make run knows no variable PORTAL: it takes CONFIG, FULL_REFRESH, LANDING, WAREHOUSE. "
            "PORTAL is for make extract.",
        ),
        (
            ("LANDING=x",),
            "make help knows no variable LANDING: it takes none. LANDING is for make airflow, make extract, "
            "make hubspot-sim, make run, make sample.",
        ),
        (
            ("sample", "run", "PORTL=1"),
            "make sample run knows no variable PORTL: "
            "it takes ARGS, CONFIG, FULL_REFRESH, LANDING, WAREHOUSE.",
        ),
    ],
)
def test_a_variable_that_a_target_does_not_take_is_an_error_that_names_the_nearest(
    folder, arguments, sentence
):
    done = make(folder, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    error, end = done.stderr.splitlines()
    assert error == f"error: {sentence}"
    assert end.endswith("Nothing was done.  Stop.")
    assert not (folder / ".venv").exists(), "nothing is even set up"


def test_every_unknown_variable_is_told(folder):
    lines = make(folder, "run", "WAREHOSE=x", "Landing=y").stderr.splitlines()
    assert {line.split()[6] for line in lines[:-1]} == {"WAREHOSE:", "Landing:"}


@pytest.mark.parametrize(
    ("arguments", "called"),
    [
        (("run",), "<-m> <sequence_warehouse> <run> "),
        (
            ("run", "LANDING=a b=c", "WAREHOUSE:=d", "FULL_REFRESH+=1"),
            "<-m> <sequence_warehouse> <run> <--landing> <a b=c> <--warehouse> <d> <--full-refresh> ",
        ),
        (
            ("extract", "LANDING=a", "PORTAL=1", "HUBSPOT_BASE_URL=http://127.0.0.1:1"),
            "<-m> <sequence_warehouse> <extract> <--landing> <a> <--portal> <1> ",
        ),
        (("docs", "WAREHOUSE=d"), "<-m> <sequence_warehouse> <docs> <--warehouse> <d> "),
        (
            ("docs", "sample", "WAREHOUSE=d", "LANDING=a"),
            "<-m> <sequence_warehouse> <docs> <--warehouse> <d> "
            "<-m> <hubspot_simulator.landing> <--landing> <a> ",
        ),
        (("test", "ARGS=-k 'a or b'"), "<-m> <pytest> <-k> <a or b> "),
    ],
)
def test_what_a_target_takes_is_handed_on(folder, arguments, called):
    done = make(folder, *arguments, "PYTHON=/usr/bin/python3.11")
    assert done.returncode == 0, done.stderr
    shown = done.stdout.partition("set up with /usr/bin/python3.11\n")[2]
    assert shown == called


def test_a_make_that_a_target_calls_is_not_given_its_variables(folder):
    done = make(folder, "test", "ARGS=-x", then="env THEN=true make --no-print-directory docs")
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_variable_of_a_recipe_is_one_that_its_target_takes():
    text = (PROJECT / "Makefile").read_text().replace("\\\n", " ").replace("$(options)", "$(FULL_REFRESH)")
    text = text.replace("$(landing)", "$(LANDING)").replace("$(warehouse)", "$(WAREHOUSE)")
    takes: dict[str, str] = {}
    target = ""
    for line in text.splitlines():
        name, _, rest = line.partition(":")
        if name.endswith(".takes "):
            takes[name.removesuffix(".takes ")] = rest
        elif rest and not line.startswith(("\t", "#")):
            target = name
        elif line.startswith("\t"):
            for variable in ("LANDING", "WAREHOUSE", "FULL_REFRESH", "PORTAL", "PORT", "FAULTS", "ARGS"):
                assert f"$({variable})" not in line or f"{variable}=" in takes.get(target, ""), (target, line)
