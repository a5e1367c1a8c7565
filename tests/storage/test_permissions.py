"""Who may read what we write: its owner, and publications a group of readers."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from hubspot_simulator.landing.__main__ import main as simulator
from sequence_warehouse.config.errors import UserError
from sequence_warehouse.config.settings import Settings
from sequence_warehouse.storage import permissions
from tests.publish.conftest import built, empty
from tests.support.modes import open_to_others

__all__ = ["built", "empty"]


@pytest.fixture(params=[0o022, 0o000], ids=["umask 022", "umask 000"])
def umask(request) -> Iterator[None]:
    """The umask of whoever starts a process of ours."""
    before = os.umask(request.param)
    yield
    os.umask(before)


@pytest.mark.usefixtures("umask")
def test_a_version_is_read_only_and_its_owner_s_alone(built) -> None:
    built.publish()
    version = built.settings.published.resolve()
    assert open_to_others(built.settings.versions) == []
    assert {mode(path) for path in version.rglob("*") if path.is_file()} == {0o400}
    assert {mode(path) for path in [version, *version.rglob("*")] if path.is_dir()} == {0o700}


@pytest.mark.usefixtures("umask")
def test_a_group_of_readers_comes_to_publications_and_to_nothing_else(built) -> None:
    group = 12345 if os.geteuid() == 0 else os.getgid()
    settings = built.settings = replace(built.settings, readers_group=str(group))
    built.publish()
    (settings.raw / "load_id=000001").mkdir(parents=True)
    permissions.tighten(settings)
    version = settings.published.resolve()
    assert {mode(path) for path in (settings.warehouse, settings.versions)} == {0o710}
    assert {mode(path) for path in version.rglob("*") if path.is_file()} == {0o440}
    assert {mode(path) for path in [version, *version.rglob("*")] if path.is_dir()} == {0o750}
    owned = [settings.warehouse, settings.versions, version, *version.rglob("*")]
    assert {path.stat().st_gid for path in owned} == {group}
    assert open_to_others(settings.raw, settings.work) == []
    permissions.tighten(replace(settings, readers_group=""))
    assert open_to_others(settings.warehouse) == [], "closed again"


def test_a_group_that_is_none_is_one_sentence(built) -> None:
    built.settings = replace(built.settings, readers_group="no-such-group")
    with pytest.raises(UserError, match="There is no group no-such-group on this machine: make it, or"):
        built.publish()
    assert not built.settings.published.exists()


def test_a_warehouse_of_an_older_version_is_tightened_and_what_is_not_ours_is_not_touched(
    built, tmp_path: Path
) -> None:
    settings: Settings = built.settings
    built.publish()
    for part in (settings.raw / "load_id=000001", settings.history / "runs", settings.data_docs / "raw"):
        part.mkdir(parents=True)
        (part / "file").touch()
    (settings.warehouse / "lock.json").touch()
    foreign, outside = settings.warehouse / "notes" / "mine.txt", tmp_path / "outside.txt"
    foreign.parent.mkdir()
    foreign.touch()
    outside.touch()
    (settings.raw / "link").symlink_to(outside)
    for path in [settings.warehouse, *settings.warehouse.rglob("*")]:
        path.chmod(0o777 if path.is_dir() else 0o666)
    permissions.tighten(settings)
    found = {path.relative_to(settings.warehouse) for path in open_to_others(settings.warehouse)}
    assert found == {Path("notes"), Path("notes/mine.txt")}
    assert mode(settings.raw / "load_id=000001" / "file") == 0o600
    assert mode(settings.published / "sequences.duckdb") == 0o400
    assert mode(outside) == 0o666


@pytest.mark.usefixtures("umask")
def test_a_simulated_landing_is_its_owner_s_alone_and_a_folder_that_was_there_keeps_its_mode(
    tmp_path: Path,
) -> None:
    landing = tmp_path / "landing"
    landing.mkdir()
    landing.chmod(0o755)
    assert simulator(["--landing", str(landing), "--portals", "1001", "--enrollments", "5"]) == 0
    assert open_to_others(landing) == [landing]


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777
