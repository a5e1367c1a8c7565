"""What is loaded when: new, grown and changed files once, everything or nothing of a load visible."""

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import sequence_warehouse.load as loading
from sequence_warehouse.load import parts, reading
from sequence_warehouse.load.discovery import LandedFile

Event = Callable[..., str]


def tree(folder: Path) -> dict[str, int]:
    """Every file below a folder, with its modification time."""
    return {str(path): path.stat().st_mtime_ns for path in sorted(folder.rglob("*")) if path.is_file()}


def touch(path: Path) -> None:
    """Another modification time, the same content."""
    status = path.stat()
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 1_000_000_000))


def statuses(warehouse) -> list[tuple[str, str]]:
    """The ledger, in the order of the loads."""
    return [(row["source_file"].split("/")[-1], row["status"]) for row in warehouse.rows("files")]


def test_a_second_load_opens_nothing_and_writes_nothing(
    warehouse, event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    warehouse.write("events/a.jsonl", event(1))
    warehouse.write("events/bad.csv", '"id')
    warehouse.write("events/notes.txt", "notes")
    warehouse.write_parquet("objects/deals/a.parquet", "select 1 as id")
    assert warehouse.load().files_loaded == 4
    before = tree(warehouse.settings.raw)

    def fail(file: LandedFile) -> None:
        raise AssertionError(f"{file.source_file} was opened")

    monkeypatch.setattr(loading, "inspect", fail)
    report = warehouse.load()
    assert (report.load_id, report.files_seen, report.files_unchanged, report.files_loaded) == (None, 4, 4, 0)
    assert tree(warehouse.settings.raw) == before


def test_a_touched_file_is_unchanged_and_not_hashed_again_after_that(
    warehouse, event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = warehouse.write("events/a.jsonl", event(1))
    warehouse.load()
    touch(path)
    report = warehouse.load()
    assert (report.files_unchanged, report.files_loaded, report.events) == (1, 0, 0)
    assert statuses(warehouse) == [("a.jsonl", "loaded"), ("a.jsonl", "unchanged")]
    monkeypatch.delattr(loading, "inspect")
    assert warehouse.load().load_id is None
    assert warehouse.event_ids() == ["e1"]


def test_a_file_that_grew_is_read_again(warehouse, event: Event) -> None:
    path = warehouse.write("events/a.jsonl", event(1) + "\nbad\n")
    warehouse.load()
    path.write_text(path.read_text() + event(2))
    report = warehouse.load()
    assert (report.files_loaded, report.events, report.rejected) == (1, 2, 1)
    assert [(row["load_id"][:6], row["event_id"]) for row in warehouse.rows(where="reason is null")] == [
        ("000001", "e1"),
        ("000002", "e1"),
        ("000002", "e2"),
    ]


def test_a_file_that_went_back_to_an_older_content_is_read_again(warehouse, event: Event) -> None:
    for second, content in enumerate((event(1), event(2), event(1))):
        path = warehouse.write("events/a.jsonl", content)
        os.utime(path, (0, second))
        assert warehouse.load().files_loaded == 1
    assert [row["event_id"] for row in sorted(warehouse.good(), key=lambda row: row["load_id"])] == [
        "e1",
        "e2",
        "e1",
    ]


def test_a_file_of_the_same_size_and_another_time_is_told_by_its_content(warehouse, event: Event) -> None:
    path = warehouse.write("events/a.jsonl", event(1))
    warehouse.load()
    warehouse.write("events/a.jsonl", event(2))
    touch(path)
    assert warehouse.load().files_loaded == 1
    assert warehouse.event_ids() == ["e1", "e2"]


def test_a_copy_under_another_path_is_loaded_for_the_models_to_de_duplicate(warehouse, event: Event) -> None:
    path = warehouse.write("events/a.jsonl", event(1))
    warehouse.load()
    shutil.copy2(path, path.with_name("copy.jsonl"))
    report = warehouse.load()
    assert (report.files_loaded, report.files_unchanged) == (1, 1)
    assert warehouse.event_ids() == ["e1", "e1"]


def test_a_deleted_file_changes_nothing_and_is_known_when_it_comes_back(warehouse, event: Event) -> None:
    path = warehouse.write("events/a.jsonl", event(1))
    warehouse.load()
    away = path.rename(warehouse.settings.landing.parent / "away")
    assert warehouse.load().load_id is None
    away.rename(path)
    assert warehouse.load().files_unchanged == 1
    assert warehouse.event_ids() == ["e1"]


def test_the_first_load_writes_the_tables_even_when_its_files_hold_nothing(warehouse) -> None:
    warehouse.write("events/none.jsonl", "")
    report = warehouse.load()
    assert report.load_id is not None
    assert warehouse.load().load_id is None
    assert warehouse.rows("events") == []


def test_what_a_killed_load_left_is_not_seen_and_the_next_load_takes_everything(
    warehouse, event: Event
) -> None:
    warehouse.write("events/a.jsonl", event(1))
    warehouse.load()
    warehouse.write("events/b.jsonl", event(2))
    killed = warehouse.settings.raw / ".load_id=000002-20260301T000000Z"
    shutil.copytree(next(warehouse.settings.raw.glob("load_id=*")), killed)
    for leftover in ("spool/7.jsonl", "spill/duckdb_temp_storage-0.tmp"):
        (warehouse.settings.work / leftover).parent.mkdir(parents=True, exist_ok=True)
        (warehouse.settings.work / leftover).write_text("left over")
    assert warehouse.event_ids() == ["e1"]
    report = warehouse.load()
    assert (report.files_loaded, report.files_unchanged) == (1, 1)
    assert warehouse.event_ids() == ["e1", "e2"]
    assert not killed.exists()
    assert [path for path in warehouse.settings.work.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    ("owner", "step"),
    [(parts.PartWriter, "copy"), (parts.PartWriter, "_copy_rows"), (reading.FileReader, "_read_csv")],
)
def test_a_load_that_breaks_in_the_middle_shows_nothing_and_the_next_takes_everything(
    owner: type, step: str, warehouse, event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    warehouse.write("events/a.jsonl", event(1))
    warehouse.load()
    warehouse.write("events/b.jsonl", event(2))
    warehouse.write("events/c.csv", "id,eventType,objectId,occurredAt\ne3,t,5,2026-03-01\n")

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("the power went")

    with monkeypatch.context() as broken:
        broken.setattr(owner, step, fail)
        with pytest.raises(RuntimeError, match="the power went"):
            warehouse.load()
    assert warehouse.event_ids() == ["e1"]
    assert len(list(warehouse.settings.raw.glob("load_id=*"))) == 1
    report = warehouse.load()
    assert (report.files_loaded, report.events) == (2, 2)
    assert warehouse.event_ids() == ["e1", "e2", "e3"]


def test_load_ids_sort_in_the_order_of_the_loads_when_the_clock_goes_back(warehouse, event: Event) -> None:
    warehouse.write("events/a.jsonl", event(1))
    warehouse.load()
    (first,) = warehouse.settings.raw.glob("load_id=*")
    first.rename(first.with_name("load_id=000009-29990101T000000Z"))
    ids = []
    for number in (2, 3):
        warehouse.write(f"events/{number}.jsonl", event(number))
        ids.append(warehouse.load().load_id)
    assert [load_id[:7] for load_id in ids] == ["000010-", "000011-"]
    assert sorted(ids) == ids


def test_a_file_that_vanishes_between_listing_and_reading_is_taken_when_it_is_back(
    warehouse, event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = warehouse.write("events/a.jsonl", event(1))
    warehouse.write("events/b.jsonl", event(2))
    away = warehouse.settings.landing.parent / "away"
    inspect = loading.inspect

    def too_late(file: LandedFile):
        if file.path == path:
            path.rename(away)
        return inspect(file)

    with monkeypatch.context() as patched:
        patched.setattr(loading, "inspect", too_late)
        report = warehouse.load()
    assert (report.files_loaded, report.rejected) == (1, 0)
    away.rename(path)
    assert warehouse.load().files_loaded == 1
    assert warehouse.event_ids() == ["e1", "e2"]


@pytest.mark.parametrize(
    "name", ["a.jsonl", "a.json", "page.json", "a.csv", "a.parquet", "bom.jsonl", "a.csv.gz"]
)
def test_a_file_that_vanishes_after_it_was_inspected_is_taken_when_it_is_back(
    name: str, warehouse, event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = "id,eventType,objectId,occurredAt\ne1,t,5,2026-03-01\n"
    if name.endswith("parquet"):
        path = warehouse.write_parquet(
            f"events/{name}",
            "select 'e1' as id, 't' as event_type, 5 as object_id, '2026-03-01' as occurred_at",
        )
    else:
        text = {"page.json": f"[\n{event(1)}]", "bom.jsonl": "\ufeff" + event(1)}.get(name, event(1))
        path = warehouse.write(f"events/{name}", table if "csv" in name else text)
        if name.endswith("gz"):
            import gzip

            path.write_bytes(gzip.compress(table.encode()))
    warehouse.write("events/other.jsonl", event(2))
    away = warehouse.settings.landing.parent / "away"
    inspect = loading.inspect

    def then_vanish(file: LandedFile):
        inspection = inspect(file)
        if file.path == path:
            path.rename(away)
        return inspection

    with monkeypatch.context() as patched:
        patched.setattr(loading, "inspect", then_vanish)
        report = warehouse.load()
    assert (report.events, report.rejected) == (1, 0)
    away.rename(path)
    report = warehouse.load()
    assert (report.files_loaded, report.events) == (1, 1)
    assert sorted(warehouse.event_ids()) == ["e1", "e2"]


def test_a_file_that_cannot_be_opened_is_one_row_and_tried_again_every_time(
    warehouse, event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = warehouse.write("events/a.jsonl", event(1))
    warehouse.write("events/b.jsonl", event(2))
    inspect = loading.inspect

    def refuse(file: LandedFile):
        if file.path == path:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return inspect(file)

    with monkeypatch.context() as patched:
        patched.setattr(loading, "inspect", refuse)
        warehouse.load()
        assert warehouse.load().load_id is None  # still closed: nothing new to say
    (row,) = warehouse.rejected()
    assert (row["source_file"], row["line_number"], row["reason"], row["message"]) == (
        "portal=1001/events/a.jsonl",
        None,
        "unreadable_file",
        "The file cannot be read (Permission denied).",
    )
    assert warehouse.load().events == 1
    assert warehouse.event_ids() == ["e1", "e2"]
    assert warehouse.load().load_id is None


def test_the_report_and_the_ledger_count_records_and_rejections(warehouse, event: Event) -> None:
    warehouse.write("events/a.jsonl", f"{event(1)}\nbad\n\n{event(2)}\n")
    warehouse.write("events/notes.txt", "notes")
    warehouse.write("objects/deals/a.jsonl", '{"id": 1}\n{}\n[]\n')
    report = warehouse.load()
    assert (report.files_seen, report.files_loaded, report.files_unchanged) == (3, 3, 0)
    assert (report.events, report.objects, report.rejected) == (2, 1, 4)
    fields = ("source_file", "family", "file_format", "status", "records", "rejected")
    assert [tuple(row[field] for field in fields) for row in warehouse.rows("files")] == [
        ("portal=1001/events/a.jsonl", "events", "jsonl", "loaded", 2, 1),
        ("portal=1001/events/notes.txt", "events", None, "loaded", 0, 1),
        ("portal=1001/objects/deals/a.jsonl", "objects", "jsonl", "loaded", 1, 2),
    ]
