"""The same seed gives the same bytes, whatever the machine does; another seed another account."""

import hashlib
from pathlib import Path

import pytest

from hubspot_simulator.landing import PortalReport, simulate
from hubspot_simulator.landing.__main__ import main
from sequence_warehouse.config.project import PROJECT


def fingerprint(folder: Path) -> dict[str, tuple[str, float]]:
    return {
        str(path.relative_to(folder)): (
            hashlib.sha256(path.read_bytes()).hexdigest(),
            path.stat().st_mtime,
        )
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_same_seed_gives_same_bytes_and_times_on_any_number_of_threads(
    landing: Path, reports: list[PortalReport], tmp_path: Path
) -> None:
    again = simulate(tmp_path, ["1001", "1002"], 3000, seed=1, threads=1)
    assert again == reports
    assert fingerprint(tmp_path) == fingerprint(landing)


def test_the_sample_of_the_wheel_is_what_the_simulator_makes_today(tmp_path: Path) -> None:
    """If not: python -m hubspot_simulator.landing --landing examples/landing --enrollments 60."""
    assert main(["--landing", str(tmp_path), "--enrollments", "60"]) == 0
    committed, made = (
        {name: content for name, (content, _) in fingerprint(folder).items()}
        for folder in (PROJECT / "examples/landing", tmp_path)
    )
    assert committed == made


def test_other_seed_gives_other_bytes_under_the_same_names(tmp_path: Path) -> None:
    for seed in (1, 2):
        simulate(tmp_path / str(seed), ["7"], 300, seed=seed)
    first, second = fingerprint(tmp_path / "1"), fingerprint(tmp_path / "2")
    changed = {name for name in first.keys() & second.keys() if first[name] != second[name]}
    assert {name for name in first if "/events/monthly/2" in name} <= changed


def test_portals_differ(landing: Path, reports: list[PortalReport]) -> None:
    name = "events/monthly/2026-01.jsonl.gz"
    one, other = (landing / f"portal={report.portal}" / name for report in reports)
    assert one.read_bytes() != other.read_bytes()


def test_slices_decide_the_files_and_not_the_events(tmp_path: Path) -> None:
    ids = []
    for size in (1000, 300):
        folder = tmp_path / str(size)
        simulate(folder, ["7"], 400, quirks=False, file_format="jsonl", slice_enrollments=size)
        files = sorted((folder / "portal=7/events/slices").iterdir())
        assert len(files) == -(-400 // size)
        ids.append(sorted(line for file in files for line in file.read_text().splitlines()))
    assert ids[0] == ids[1]


def test_counts_grow_linearly(tmp_path: Path) -> None:
    small, large = (
        simulate(tmp_path / str(number), ["7"], number, file_format="parquet")[0] for number in (500, 4000)
    )
    assert 7.5 < large.events / small.events < 8.5
    assert 7.5 < large.objects / small.objects < 8.5


def test_nothing_is_overwritten(landing: Path, reports: list[PortalReport]) -> None:
    before = fingerprint(landing)
    with pytest.raises(FileExistsError, match="portal=1001 exists"):
        simulate(landing, ["1001"], 10, seed=3)
    assert fingerprint(landing) == before


@pytest.mark.parametrize(
    ("portals", "enrollments", "file_format"),
    [(["../x"], 10, None), ([], 10, None), (["7"], 0, None), (["7"], 10, "xml")],
)
def test_arguments_out_of_range_are_refused(
    tmp_path: Path, portals: list[str], enrollments: int, file_format: str | None
) -> None:
    with pytest.raises(ValueError, match=r"portal ids|enrollments|file format"):
        simulate(tmp_path, portals, enrollments, file_format=file_format)
    assert not list(tmp_path.iterdir())


def test_command_prints_one_line_a_portal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--landing", str(tmp_path), "--portals", "7,8", "--enrollments", "40"]
    assert main(arguments) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == ["portal 7", "portal 8"]
    assert main(arguments) == 2
    assert capsys.readouterr().err.startswith("error: ")
