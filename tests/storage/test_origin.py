"""Simulated and other data never meet, in a warehouse or in a landing folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from hubspot_simulator.landing import simulate
from hubspot_simulator.landing.__main__ import main as simulator
from sequence_warehouse.airflow import local_airflow
from sequence_warehouse.cli import main as cli
from sequence_warehouse.cli import run_command
from sequence_warehouse.config.errors import UsageError
from sequence_warehouse.config.project import PROJECT
from sequence_warehouse.config.settings import Settings
from sequence_warehouse.load import load
from sequence_warehouse.storage import origin

EVENT = (
    '{"eventType": "e_a", "id": "1", "objectId": "1", "objectType": "CONTACT", '
    '"occurredAt": "2026-01-01T00:00:00Z", "properties": {}}\n'
)


@pytest.fixture
def simulated(tmp_path: Path) -> Path:
    simulate(tmp_path / "simulated", ["1001"], 10)
    return tmp_path / "simulated"


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A landing folder of a user's own."""
    folder = tmp_path / "own" / "portal=7" / "events"
    folder.mkdir(parents=True)
    (folder / "some.jsonl").write_text(EVENT)
    return tmp_path / "own"


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    (tmp_path / "empty").mkdir()
    return tmp_path / "empty"


@pytest.fixture
def empty_simulated(tmp_path: Path) -> Path:
    """The simulator's folder without what it wrote."""
    folder = tmp_path / "empty_simulated"
    folder.mkdir()
    (folder / "_simulated").touch()
    return folder


@pytest.fixture
def started(monkeypatch) -> list[Settings]:
    """The runs that the command line has started; none of them does anything."""
    runs: list[Settings] = []
    monkeypatch.setattr(run_command, "run", runs.append)
    monkeypatch.setattr(
        local_airflow, "serve", lambda port, home: runs.append(Settings.from_environment()) or 0
    )
    for name in Settings.from_environment().environment():
        monkeypatch.setenv(name, "")  # given back after the test
    return runs


def files(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("first", "then", "sentence"),
    [
        (
            "simulated",
            "own",
            "holds simulated data and the landing folder .*own does not: .* WAREHOUSE=<folder>",
        ),
        ("simulated", "empty", "holds simulated data and the landing folder .*empty does not"),
        (
            "own",
            "simulated",
            "not simulated and the landing folder .*simulated is simulated: .*LANDING=<folder>",
        ),
        ("own", "empty_simulated", "holds data that is not simulated"),
    ],
)
def test_the_other_kind_of_data_is_refused_before_anything_is_touched(
    request, tmp_path, started, capsys, first, then, sentence
):
    settings = Settings(request.getfixturevalue(first), tmp_path / "warehouse")
    load(settings)
    before, other = files(settings.warehouse), request.getfixturevalue(then)
    for full_refresh in (False, True):
        with pytest.raises(UsageError, match=sentence):
            load(replace(settings, landing=other, full_refresh=full_refresh))
    for command in ("run", "airflow"):
        arguments = ["--landing", str(other), "--warehouse", str(settings.warehouse)]
        assert cli.main([command, *arguments]) == 2
        assert capsys.readouterr().err.startswith("error: The warehouse ")
        assert cli.main([command, "--landing", str(settings.landing), *arguments[2:]]) == 0
    assert len(started) == 2
    assert files(settings.warehouse) == before


def test_more_of_the_same_kind_is_welcome(simulated, own, empty, tmp_path):
    simulate(tmp_path / "more", ["1002"], 10)
    sample = Settings(simulated, tmp_path / "warehouse")
    load(sample)
    assert load(replace(sample, landing=tmp_path / "more")).events
    real = Settings(own, tmp_path / "real")
    load(real)
    load(replace(real, landing=empty))


def test_a_link_to_a_simulated_folder_is_simulated(simulated, own, tmp_path):
    (tmp_path / "link").symlink_to(simulated)
    settings = Settings(own, tmp_path / "warehouse")
    load(settings)
    with pytest.raises(UsageError, match="not simulated"):
        load(replace(settings, landing=tmp_path / "link"))


def test_a_first_load_that_was_cut_off_decides_nothing(simulated, own, tmp_path, monkeypatch):
    settings = Settings(simulated, tmp_path / "warehouse")
    with monkeypatch.context() as broken:
        broken.setattr("sequence_warehouse.load.discover", lambda landing: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            load(settings)
    load(replace(settings, landing=own))
    with pytest.raises(UsageError, match="holds data that is not simulated"):
        load(settings)


def test_a_warehouse_from_before_takes_the_kind_of_what_it_loads_next(simulated, own, tmp_path):
    settings = Settings(own, tmp_path / "warehouse")
    load(settings)
    (settings.warehouse / "origin.json").unlink()
    assert load(settings).load_id is None, "nothing new, and yet"
    with pytest.raises(UsageError, match="holds data that is not simulated"):
        load(replace(settings, landing=simulated))


def test_the_sample_is_simulated_by_its_place_too(own, started, capsys, tmp_path, monkeypatch):
    sample = tmp_path / "sample"
    monkeypatch.setattr(origin, "SAMPLE", sample)
    monkeypatch.setenv("SEQUENCE_WAREHOUSE_LANDING", str(sample))
    settings = Settings(own, tmp_path / "warehouse")
    load(settings)
    assert cli.main(["run", "--warehouse", str(settings.warehouse)]) == 2
    assert "is simulated" in capsys.readouterr().err
    assert not sample.exists(), "not even simulated"

    shutil.copytree(own, sample)  # as if it were a sample from before there were markers
    assert cli.main(["run", "--warehouse", str(tmp_path / "another")]) == 0
    assert [path.name for path in sample.iterdir() if path.is_file()] == ["_simulated"]


@pytest.mark.parametrize("landing", ["empty", "empty_simulated"])
def test_a_first_run_over_nothing_is_an_error_of_usage_that_leaves_nothing_behind(
    request, started, capsys, tmp_path, landing
):
    folder = request.getfixturevalue(landing)
    before = sorted(tmp_path.rglob("*"))
    assert cli.main(["run", "--landing", str(folder), "--warehouse", str(tmp_path / "warehouse")]) == 2
    error = capsys.readouterr().err
    assert (
        error.startswith(f"error: Nothing was found in {folder}: it has no files.") and error.count("\n") == 1
    )
    assert not started and sorted(tmp_path.rglob("*")) == before


def test_a_run_over_nothing_into_a_warehouse_that_has_something_is_one(own, empty, started, tmp_path):
    settings = Settings(own, tmp_path / "warehouse")
    load(settings)
    assert cli.main(["run", "--landing", str(empty), "--warehouse", str(settings.warehouse)]) == 0
    assert len(started) == 1


def test_a_landing_folder_that_is_not_there_is_an_error_of_usage(started, capsys, tmp_path):
    arguments = ["--landing", str(tmp_path / "nowhere"), "--warehouse", str(tmp_path / "warehouse")]
    assert cli.main(["run", *arguments]) == 2
    assert capsys.readouterr().err.startswith("error: There is no landing folder at ")
    assert not started and list(tmp_path.iterdir()) == []


def test_nothing_is_simulated_among_other_data(own, tmp_path, capsys):
    extracted = tmp_path / "extracted"
    (extracted / "_state" / "portal=7").mkdir(parents=True)
    for folder in (own, extracted):
        before = files(folder)
        assert simulator(["--landing", str(folder), "--enrollments", "10"]) == 2
        error = capsys.readouterr().err
        assert error.startswith(f"error: The landing folder {folder} holds data that is not simulated: ")
        assert error.count("\n") == 1
        assert files(folder) == before


def test_nothing_is_extracted_among_simulated_data(simulated, capsys, monkeypatch):
    monkeypatch.setenv("HUBSPOT_TOKEN", "token")
    before = files(simulated)
    for landing in (simulated, PROJECT / "sample"):
        assert cli.main(["extract", "--landing", str(landing), "--portal", "7"]) == 2
        error = capsys.readouterr().err
        assert error.startswith(f"error: The landing folder {landing} holds simulated data: extract into ")
    assert files(simulated) == before


def test_arguments_that_are_missing_are_an_error_of_usage(tmp_path, capsys):
    for arguments in ([], ["--landing", str(tmp_path)]):
        assert cli.main(["extract", *arguments]) == 2
        assert capsys.readouterr().err.startswith("error: Name the folder to land ")
    assert cli.main(["extract", "--landing", str(tmp_path), "--portal", "../7"]) == 2
    assert capsys.readouterr().err.startswith("error: '../7' is no portal: ")


def test_a_refusal_does_not_wait_for_airflow(simulated, own, tmp_path):
    settings = Settings(own, tmp_path / "warehouse")
    load(settings)
    code = (
        "import sys; from sequence_warehouse.__main__ import main; status = main(sys.argv[1:]); "
        "print(status, [name for name in ('airflow', 'duckdb', 'dbt') if name in sys.modules])"
    )
    arguments = ["run", "--landing", str(simulated), "--warehouse", str(settings.warehouse)]
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, env=dict(os.environ)
    )
    assert done.stdout == "2 []\n", done.stderr
