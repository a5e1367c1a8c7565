"""Which files are looked at, and as what: names, places and portals."""

import errno
import gzip
import json
import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from sequence_warehouse.config.errors import UserError
from sequence_warehouse.config.settings import Settings
from sequence_warehouse.load import load

Event = Callable[..., str]
ROW = "id,eventType,objectId,occurredAt\ne9,t,5,2026-03-01\n"


def test_hidden_and_unfinished_names_are_not_looked_at(warehouse, event: Event) -> None:
    for name in (
        "events/.a.jsonl",
        "events/_a.jsonl",
        "events/a.jsonl.tmp",
        "events/.hidden/a.jsonl",
        "events/_temporary/0/a.jsonl",
        "events/writing.tmp/a.jsonl",
        "_logs/a.jsonl",
    ):
        warehouse.write(name, event(1))
    warehouse.write("events/2026/03/a.jsonl", event(2))
    report = warehouse.load()
    assert (report.files_seen, report.rejected) == (1, 0)
    assert warehouse.event_ids() == ["e2"]


def test_extensions_count_in_any_letter_case(warehouse, event: Event) -> None:
    warehouse.write("events/a.JSONL", event(1))
    warehouse.write("events/b.JSONL.GZ", gzip.compress(event(2).encode()))
    warehouse.write("events/c.Json.Gz", gzip.compress(f"[{event(3)}]".encode()))
    warehouse.write("events/d.CSV.GZ", gzip.compress(ROW.encode()))
    warehouse.write("events/e.Csv", ROW)
    parquet = "select 'e5' as id, 't' as event_type, 5 as object_id, '2026-03-01' as occurred_at"
    warehouse.write_parquet("events/f.PARQUET", parquet)
    warehouse.load()
    assert warehouse.rejected() == []
    assert warehouse.event_ids() == ["e1", "e2", "e3", "e9", "e9", "e5"]


@pytest.mark.parametrize("extension", ["jsonl", "json", "csv", "parquet"])
def test_a_name_that_looks_like_a_pattern_or_like_sql_is_just_a_name(extension: str, warehouse) -> None:
    names = [
        "a[1]",
        "a1",
        "a*",
        "ab",
        "a?",
        "[b]/c",
        "it's",
        "é 𝄞 (1)",
        "back\\slash",
        "b\\[1]",
        "x=1/y",
        "%20",
    ]
    record = {"eventType": "t", "objectId": "5", "occurredAt": "2026-03-01"}
    for place, name in enumerate(names):
        path = f"events/{name}.{extension}"
        if extension == "csv":
            warehouse.write(path, ROW.replace("e9", f"e{place}"))
        elif extension == "parquet":
            plain = warehouse.write_parquet(
                "events/plain.parquet",
                f"select 'e{place}' as id, 't' as event_type, 5 as object_id, '2026-03-01' as occurred_at",
            )
            plain.rename(warehouse.write(path, b""))
        else:
            warehouse.write(path, json.dumps({"id": f"e{place}"} | record))
    report = warehouse.load()
    assert (report.events, report.rejected) == (len(names), 0)
    assert {row["source_file"]: row["event_id"] for row in warehouse.good()} == {
        f"portal=1001/events/{name}.{extension}": f"e{place}" for place, name in enumerate(names)
    }


def test_a_name_that_is_not_utf_8_is_a_rejected_row_and_not_the_end(warehouse, event: Event) -> None:
    warehouse.write("events/a.jsonl", event(1))
    for letter in (b"\xe9", b"\xff"):
        warehouse.write(os.fsdecode(b"events/caf" + letter + b".jsonl"), event(2))
    warehouse.load()
    assert warehouse.event_ids() == ["e1"]
    assert [(row["source_file"], row["reason"], row["message"]) for row in warehouse.rejected()] == [
        (
            f"portal=1001/events/caf\\x{letter}.jsonl",
            "unsupported_file",
            "The file's path is not UTF-8: rename it.",
        )
        for letter in ("e9", "ff")
    ]
    assert warehouse.load().load_id is None


def test_every_portal_is_loaded_under_its_own_id(warehouse, event: Event) -> None:
    for portal in ("1001", "1002", "007", "acme eu"):
        path = warehouse.settings.landing / f"portal={portal}" / "events" / "a.jsonl"
        path.parent.mkdir(parents=True)
        path.write_text(event(1))
    report = warehouse.load()
    assert report.portals == ["007", "1001", "1002", "acme eu"]
    assert sorted(row["portal_id"] for row in warehouse.good()) == report.portals


def test_only_regular_files_inside_of_the_landing_folder_are_read_and_all_else_is_told_once(
    warehouse, event: Event, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = tmp_path / "outside" / "a.jsonl"
    outside.parent.mkdir()
    outside.write_text(event(1))
    warehouse.write("events/good.jsonl", event(2))
    warehouse.write("events/named.jsonl/good.jsonl", event(3))  # a folder
    one, other = (warehouse.write(f"events/{name}/good.jsonl", event(4)).parent for name in ("one", "other"))
    events = one.parent
    os.mkfifo(events / "pipe.jsonl")
    with socket.socket(socket.AF_UNIX) as server:
        monkeypatch.chdir(events)  # a socket's path is short
        server.bind("socket.jsonl")
    links = {
        "inside.jsonl": Path("good.jsonl"),
        "out.jsonl": outside,
        "out": outside.parent,
        "zero.jsonl": Path("/dev/zero"),
        "gone.jsonl": Path("nowhere"),
        "self.jsonl": Path("self.jsonl"),
        "ping.jsonl": Path("pong.jsonl"),
        "pong.jsonl": Path("ping.jsonl"),
        "circle": warehouse.settings.landing,
        "one/other": other,
        "other/one": one,
    }
    for name, target in links.items():
        (events / name).symlink_to(target)
    report = warehouse.load()
    assert [row["source_file"].removeprefix("portal=1001/events/") for row in warehouse.good()] == [
        *("good.jsonl", "inside.jsonl", "named.jsonl/good.jsonl", "one/good.jsonl", "other/good.jsonl")
    ]
    told = {
        row["source_file"].removeprefix("portal=1001/events/"): (row["reason"], row["message"].split(":")[0])
        for row in warehouse.rejected()
        if row["line_number"] is None
    }
    out = ("unsupported_file", "The link leads out of the landing folder")
    folder = ("unsupported_file", "The link leads to a folder")
    loop = ("unreadable_file", "The file cannot be read (Too many levels of symbolic links).")
    assert told == {
        "pipe.jsonl": ("unsupported_file", "It is no file but a named pipe"),
        "socket.jsonl": ("unsupported_file", "It is no file but a socket"),
        "gone.jsonl": ("unreadable_file", "The link leads to nothing"),
        **dict.fromkeys(["out.jsonl", "out", "zero.jsonl"], out),
        **dict.fromkeys(["circle", "one/other", "other/one"], folder),
        **dict.fromkeys(["self.jsonl", "ping.jsonl", "pong.jsonl"], loop),
    }
    assert report.rejected == len(told)
    assert warehouse.load().load_id is None
    (events / "gone.jsonl").unlink()
    (events / "gone.jsonl").write_text(event(5))
    assert warehouse.load().events == 1


def test_what_the_system_does_not_give_out_is_told_and_the_rest_loads(
    warehouse, event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("closed/a.jsonl", "open/a.jsonl", "unreadable.jsonl"):
        warehouse.write(f"events/{name}", event(1))
    deep = os.open(warehouse.settings.landing / "portal=1001", os.O_RDONLY)
    try:
        for _ in range(20):  # a path of more than 4,096 bytes
            os.mkdir("d" * 250, dir_fd=deep)
            deep, before = os.open("d" * 250, os.O_RDONLY, dir_fd=deep), deep
            os.close(before)
    finally:
        os.close(deep)
    # root may read everything: refused by name
    for module, name in ((os, "scandir"), (Path, "open")):
        real = getattr(module, name)

        def refusing(path, *arguments, real=real, **named):
            if str(path).endswith(("closed", "unreadable.jsonl")):
                raise PermissionError(errno.EACCES, "Permission denied", str(path))
            return real(path, *arguments, **named)

        monkeypatch.setattr(module, name, refusing)
    report = warehouse.load()
    assert (report.events, report.rejected) == (1, 3)
    rejected = sorted((len(row["source_file"]) > 3000, row["message"]) for row in warehouse.rejected())
    assert rejected == [
        (False, "The file cannot be read (Permission denied)."),
        (False, "The folder cannot be read (Permission denied)."),
        (True, "The folder cannot be read (File name too long)."),
    ]
    assert warehouse.load().load_id is None
    monkeypatch.undo()
    report = warehouse.load()
    assert (report.events, report.rejected) == (2, 0)


def test_a_file_in_no_account_s_folder_is_told_without_account(warehouse, event: Event) -> None:
    warehouse.write("events/a.jsonl", event(1))
    strays = ["README.txt", "x/events/a.jsonl", "portal=/events/a.jsonl", "portal=a\nb/events/a.jsonl"]
    strays += ["portal=a\x7f/events/a.jsonl", os.fsdecode(b"portal=\xe9/events/a.jsonl")]
    for name in strays:
        path = warehouse.settings.landing / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(event(2))
    quoted = warehouse.settings.landing / 'portal=it\'s "one"' / "events" / "a.jsonl"
    quoted.parent.mkdir(parents=True)
    quoted.write_text(event(3))
    report = warehouse.load()
    assert (report.events, report.rejected) == (2, len(strays))
    assert {row["portal_id"] for row in warehouse.rejected()} == {None}
    assert {row["reason"] for row in warehouse.rejected()} == {"unsupported_file"}
    assert [row["portal_id"] for row in warehouse.good()] == ["1001", 'it\'s "one"']
    assert warehouse.load().load_id is None


def test_many_small_files_are_numbered_each_from_its_own_first_line(warehouse, event: Event) -> None:
    for place in range(300):
        lines = [event(place * 10 + line) for line in range(place % 4)]
        warehouse.write(f"events/{place % 7}/{place:03d}.jsonl", "\n\n".join(lines))
    report = warehouse.load()
    assert (report.files_loaded, report.events, report.rejected) == (300, 450, 0)
    for row in warehouse.good():
        place = int(row["source_file"][-9:-6])
        assert row["event_id"] == f"e{place * 10 + (row['line_number'] - 1) // 2}"


def test_one_unreadable_file_of_a_batch_leaves_the_others_whole(warehouse, event: Event) -> None:
    for place in range(6):
        text = json.dumps([json.loads(event(place))])
        warehouse.write(f"events/{place}.json", text[:-3] if place == 3 else text)
    warehouse.load()
    assert warehouse.event_ids() == ["e0", "e1", "e2", "e4", "e5"]
    assert {row["source_file"] for row in warehouse.rejected()} == {"portal=1001/events/3.json"}


def test_no_landing_folder_is_said_in_one_sentence(tmp_path: Path) -> None:
    settings = Settings(landing=tmp_path / "landing", warehouse=tmp_path / "warehouse")
    with pytest.raises(UserError, match=r"There is no landing folder at .*/landing: create it"):
        load(settings)
    assert not settings.warehouse.exists()
