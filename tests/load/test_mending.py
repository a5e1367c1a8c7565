"""What raw storage has lost is loaded again as it was, or named: never taken for whole."""

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from sequence_warehouse.config.errors import UsageError, UserError
from sequence_warehouse.load.merging import merge
from sequence_warehouse.storage import inventory, origin
from sequence_warehouse.storage.database import connect
from sequence_warehouse.storage.raw import FAMILIES, folders, relation

Event = Callable[..., str]


def other_content(path: Path) -> None:
    """As many bytes as before, and the same modification time."""
    status = path.stat()
    path.write_bytes(b"x" * status.st_size)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 1))


DAMAGES = {
    "missing": Path.unlink,
    "empty": lambda path: path.write_bytes(b""),
    "truncated": lambda path: path.write_bytes(path.read_bytes()[:-7]),
    "garbage": lambda path: path.write_bytes(b"garbage" * 100),
    "other content": other_content,
}


def rows(warehouse) -> dict[str, list[tuple]]:
    """All that is read of raw storage, times and loads included."""
    with connect() as connection:
        return {
            family: connection.execute(
                f"select * from {relation(warehouse.settings.raw, family)} order by all"
            ).fetchall()
            for family in FAMILIES
        }


def newest(warehouse, family: str = "events") -> Path:
    folder = max(warehouse.settings.raw.glob("load_id=*"))
    return min(folder.glob(f"{family}/*.parquet"))


@pytest.fixture
def loaded(warehouse, event: Event):
    """Two loads: three files, one of which has grown, and a line that is rejected."""
    warehouse.write("events/a.jsonl", event(1) + "\n")
    warehouse.write(
        "events/b.csv", "id,eventType,objectId,occurredAt\nb1,t,5,2026-01-01\nb2,t,5,2026-01-01,more\n"
    )
    warehouse.write("objects/contacts/c.jsonl", '{"id": "1"}\n{bad}\n')
    warehouse.load()
    warehouse.write("events/a.jsonl", event(1) + "\n" + event(2) + "\n")
    warehouse.load()
    return warehouse


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_part_is_loaded_again_as_it_was(damage: str, loaded) -> None:
    before = rows(loaded)
    for family in FAMILIES:
        (part, *_), (other, *_) = (
            sorted(folder.glob(f"{family}/*")) for folder in sorted(loaded.settings.raw.glob("load_id=*"))
        )
        DAMAGES[damage](part)
        DAMAGES[damage](other)
        report = loaded.load()
        assert len(report.mended) == 2 and f"{family}/{part.name}" in report.mended[0], report.mended
        assert report.load_id is None, "nothing is new"
        assert rows(loaded) == before
    assert loaded.load().mended == []
    assert inventory.mends(loaded.settings.raw) == 6


@pytest.mark.parametrize("lost", ["raw/load_id=000001*", "raw/load_id=*", "raw"])
def test_lost_folders_are_loaded_again_under_their_ids(lost: str, loaded) -> None:
    before = rows(loaded)
    for folder in list(loaded.settings.warehouse.glob(lost)):
        shutil.rmtree(folder)
    assert loaded.load().mended
    assert rows(loaded) == before


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_part_of_merged_loads_is_made_of_them_again(damage: str, loaded, event: Event, monkeypatch) -> None:
    loaded.write("events/c.jsonl", event(3))
    loaded.load()
    before = rows(loaded)
    settings = replace(loaded.settings, merged_loads=2)
    monkeypatch.setattr("sequence_warehouse.load.merging.published_load", lambda published: "9")
    assert merge(settings)["merged_loads"] == 2
    (folder,) = settings.raw.glob("merged_to=000002*")
    for family in FAMILIES:
        DAMAGES[damage](folder / family / "part.parquet")
        assert len(loaded.load().mended) == 1
        assert rows(loaded) == before
    DAMAGES[damage](settings.raw / "merged_to=000000" / "events" / "part.parquet")
    loaded.load()
    assert rows(loaded) == before


def test_a_part_that_nobody_loaded_is_taken_out_again(loaded) -> None:
    before = rows(loaded)
    shutil.copy(newest(loaded), newest(loaded).with_name("copy.parquet"))
    assert "events/copy.parquet" in loaded.load().mended[0]
    assert rows(loaded) == before


def test_content_that_was_moved_is_found_under_its_new_name(loaded) -> None:
    before = rows(loaded)["events"]
    landing = loaded.settings.landing / "portal=1001" / "events"
    (landing / "b.csv").rename(landing / "moved.csv")
    newest(loaded).unlink()
    sorted(loaded.settings.raw.glob("load_id=000001*/events/*"))[0].unlink()
    assert len(loaded.load().mended) == 2
    assert [row for row in rows(loaded)["events"] if "moved" not in row[1]] == before


@pytest.mark.parametrize("change", ["deleted", "replaced", "all deleted"])
def test_what_the_landing_folder_no_longer_holds_is_named_and_nothing_is_changed(change: str, loaded) -> None:
    landing = loaded.settings.landing / "portal=1001"
    if change == "replaced":
        (landing / "events" / "b.csv").write_text("id,eventType,objectId,occurredAt\n" * 9)
    elif change == "deleted":
        (landing / "events" / "b.csv").unlink()
    else:
        shutil.rmtree(landing)
    (folder,) = loaded.settings.raw.glob("load_id=000001*")
    parts = sorted(folder.glob("events/*"))
    parts[0].unlink()
    with pytest.raises(
        UserError, match=r"lost or changed load_id=000001.*/events/.*portal=1001/events/"
    ) as told:
        loaded.load()
    assert "\n" not in str(told.value) and str(loaded.settings.landing) in str(told.value)
    assert [path for path in parts if path.exists()] == parts[1:]
    # the way out that it names
    shutil.rmtree(folder)
    (loaded.settings.warehouse / "inventory" / f"{folder.name}.json").unlink()
    assert loaded.load().mended == []


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("suffix", ["json", "parquet"])
def test_a_damaged_entry_of_the_inventory_is_written_again(damage: str, suffix: str, loaded) -> None:
    before = rows(loaded)
    for entry in loaded.settings.warehouse.glob(f"inventory/load_id=*.{suffix}"):
        DAMAGES[damage](entry)
    loaded.load()
    assert rows(loaded) == before
    newest(loaded).unlink()
    assert len(loaded.load().mended) == 1
    assert rows(loaded) == before


def test_raw_storage_of_before_there_was_an_inventory_is_entered_unless_it_has_lost_rows(loaded) -> None:
    before = rows(loaded)
    shutil.rmtree(loaded.settings.warehouse / "inventory")
    assert loaded.load().mended == []
    assert inventory.names(loaded.settings.raw) == sorted(folders(loaded.settings.raw))
    shutil.rmtree(loaded.settings.warehouse / "inventory")
    newest(loaded).unlink()
    assert len(loaded.load().mended) == 1
    assert rows(loaded) == before


def test_a_mend_or_load_that_was_cut_off_anywhere_is_made_good_by_the_next(
    loaded, event: Event, monkeypatch
) -> None:
    before = rows(loaded)

    def fail(*_: object) -> None:
        raise RuntimeError("the power went")

    for step in ("durable.replace", "inventory.enter"):
        newest(loaded).unlink()
        with monkeypatch.context() as broken:
            broken.setattr(f"sequence_warehouse.load.mending.{step}", fail)
            with pytest.raises(RuntimeError, match="the power went"):
                loaded.load()
        loaded.load()
        assert rows(loaded) == before
    loaded.write("events/new.jsonl", event(9))
    with monkeypatch.context() as broken:
        broken.setattr("sequence_warehouse.load.durable.replace", fail)
        with pytest.raises(RuntimeError, match="the power went"):
            loaded.load()
    report = loaded.load()
    assert (report.mended, report.events) == ([], 1)


def test_content_that_changed_without_size_or_time_is_found_at_night(loaded) -> None:
    part = newest(loaded)
    status = part.stat()
    content = bytearray(part.read_bytes())
    content[len(content) // 2] ^= 0xFF
    part.write_bytes(content)
    os.utime(part, ns=(status.st_atime_ns, status.st_mtime_ns))
    raw, name = loaded.settings.raw, part.parent.parent.name
    assert inventory.flaws(raw, name) == []
    assert inventory.flaws(raw, name, is_thorough=True) == [f"events/{part.name}"]


def test_a_load_that_is_being_written_is_no_loss(warehouse, event: Event) -> None:
    """Its entry is there before its folder has its name; meanwhile, and after a kill, there is nothing."""
    warehouse.write("events/a.jsonl", event(1) + "\n")
    warehouse.load()
    settings = warehouse.settings
    (folder,) = settings.raw.glob("load_id=*")
    folder.rename(settings.raw / f".{folder.name}")
    assert folder.name not in folders(settings.raw)
    (settings.landing / "_simulated").touch()
    origin.refuse_mixture(settings)
    (settings.raw / f".{folder.name}").rename(folder)
    with pytest.raises(UsageError, match="simulated"):
        origin.refuse_mixture(settings)
