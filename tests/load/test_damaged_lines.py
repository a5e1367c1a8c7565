"""Line ends, bytes and zip files that readers stumble over: numbers stay right, no good record is lost."""

import gzip
import json
from collections.abc import Callable

import pytest

from sequence_warehouse.config.errors import UsageError

Event = Callable[..., str]


def outcome(warehouse) -> dict[int, str]:
    """Id of a good record, or reason of a rejected one, by line."""
    return {row["line_number"]: row["event_id"] or row["reason"] for row in warehouse.rows()}


def with_byte(line: str, byte: bytes) -> bytes:
    """The line with a byte inside its first text."""
    return line.encode().replace(b'"id": "', b'"id": "' + byte, 1)


@pytest.mark.parametrize("extension", ["jsonl", "json", "jsonl.gz", "json.gz"])
def test_every_kind_of_damage_in_one_file_costs_its_own_line_only(
    extension: str, warehouse, event: Event
) -> None:
    lines: list[tuple[bytes, str | None]] = [
        (b"\xef\xbb\xbf" + event(1).encode(), "e1"),
        (b"", None),
        (event(3).encode() + b"\r", "e3"),
        (b"\r", None),
        (b" \t ", None),
        (with_byte(event(6), b"\xff"), "not_json"),
        (b"\xff\xfe\xfd" + event(7).encode(), "not_json"),
        (event(8).encode() + b"\xff\xff", "not_json"),
        (with_byte(event(9), b"\x00"), "not_json"),
        (with_byte(event(10), b"\x1f"), "not_json"),
        (event(11).replace("{", "{\r", 1).encode(), "e11"),
        (event(12).encode() + b"\r" + event(13).encode(), "not_json"),
        (with_byte(event(13), b"\xe2\x82"), "not_json"),
        (with_byte(event(14), b"\t"), "not_json"),
        (b"\t " + event(15).encode() + b" \t", "e15"),
        (event(16, properties={"a": "\u2028\u2029\x85\x0b\x0c"}).encode(), "e16"),
        (json.dumps(json.loads(event(17, properties={"a": "𝄞é\u2028"})), ensure_ascii=False).encode(), "e17"),
        (event(18, properties={"a": "nul \x00 escaped"}).encode(), "e18"),
        (event(19)[:50].encode(), "not_json"),
        (event(20).encode(), "e20"),
        (b"{", "not_json"),
        (event(22).encode(), "e22"),
    ]
    content = b"\n".join(line for line, _ in lines)
    warehouse.write(f"events/a.{extension}", gzip.compress(content) if extension.endswith("gz") else content)
    report = warehouse.load()
    expected = {number: outcome for number, (_, outcome) in enumerate(lines, start=1) if outcome}
    assert outcome(warehouse) == expected
    assert report.events + report.rejected == len(expected)


@pytest.mark.parametrize(
    "damage",
    [b"\xff", b"\x00", b"\x1f", b"\r", b"\xef\xbb\xbf", b"\xe2\x82"],
    ids=lambda damage: damage.hex(),
)
def test_one_damaged_line_at_either_end_of_a_file_costs_itself_only(
    damage: bytes, warehouse, event: Event
) -> None:
    middle = [event(number).encode() for number in range(2, 5)]
    warehouse.write("events/first.jsonl", b"\n".join([damage + b"x", *middle]))
    warehouse.write("events/last.jsonl", b"\n".join([*middle, damage + b"x"]))
    warehouse.load()
    assert warehouse.event_ids() == ["e2", "e3", "e4"] * 2
    assert [(row["source_file"][-12:], row["line_number"]) for row in warehouse.rejected()] == [
        ("/first.jsonl", 1),
        ("s/last.jsonl", 4),
    ]


def test_bytes_that_straddle_a_chunk_are_neither_lost_nor_taken_for_damage(warehouse, event: Event) -> None:
    """A character, a line end and a record over every border of 1 MiB, clean and mended."""
    text = event(1, properties={"note": "é" * 200}).replace("\\u00e9", "é")
    lines = [text.replace('"e1"', f'"e{number}"') for number in range(6_000)]
    for name, first in (("clean", ""), ("mended", "\ufeff")):
        for pad in range(2):
            warehouse.write(f"events/{name}-{pad}.jsonl", first + " " * pad + "\r\n"[pad % 2 :].join(lines))
    report = warehouse.load()
    assert (report.events, report.rejected) == (4 * 6_000, 0)


def test_files_of_nothing_but_blank_lines_or_nothing_at_all_are_nothing(warehouse) -> None:
    for extension in ("jsonl", "json", "csv"):
        for name, content in (("empty", b""), ("blank", b"\n \n\r\n")):
            warehouse.write(f"events/{name}.{extension}", content)
            warehouse.write(f"events/{name}.{extension}.gz", gzip.compress(content))
    warehouse.write("events/header.csv", "id,eventType,objectId,occurredAt\n")
    warehouse.write("events/page.json", '{"results": []}')
    warehouse.write("events/array.json", "[]")
    warehouse.write_parquet("events/empty.parquet", "select '1' as id where false")
    report = warehouse.load()
    assert (report.files_loaded, report.events, report.rejected) == (16, 0, 0)


@pytest.mark.parametrize(
    ("files", "found"),
    [
        pytest.param([], "it has no files", id="nothing"),
        pytest.param(
            ["_state/portal=1001/a.json", "portal=1001/events/.a.jsonl"], "it has no files", id="hidden"
        ),
        pytest.param(
            ["portal=1001/events/notes.txt", "a.csv"],
            r"none of its files \(2, first a.csv\) can be loaded",
            id="elsewhere-and-of-another-kind",
        ),
    ],
)
def test_nothing_to_load_is_an_error_at_first_and_later_nothing_new(warehouse, event, files, found) -> None:
    settings = warehouse.settings
    (settings.landing / "portal=1001" / "events" / "2026").mkdir(parents=True)
    (settings.landing / "portal=1002").mkdir()
    for name in files:
        path = settings.landing / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(event(1))
    with pytest.raises(UsageError, match=f"^Nothing was found in {settings.landing}: {found}"):
        warehouse.load()
    assert not settings.warehouse.exists()

    warehouse.write("events/some.jsonl", event(1))
    assert warehouse.load().events == 1
    (settings.landing / "portal=1001/events/some.jsonl").unlink()
    report = warehouse.load()
    assert (report.load_id, report.events) == (None, 0)
    assert len(warehouse.good()) == 1


HEADER = "id,eventType,objectId,occurredAt,note"


def row(number: int, note: str = "a") -> str:
    return f"e{number},e_call_started,501,2026-03-01,{note}"


@pytest.mark.parametrize(
    ("lines", "end"),
    [
        pytest.param([HEADER, row(1), row(2)], "\r\n", id="crlf"),
        pytest.param([HEADER, row(1), row(2)], "\r", id="cr"),
        pytest.param(["\ufeff" + HEADER, row(1), row(2)], "\n", id="byte-order-mark"),
        pytest.param([HEADER, row(1) + "\r", row(2)], "\n", id="one-crlf-among-lf"),
        pytest.param([HEADER + "\r", row(1), row(2)], "\n", id="crlf-after-the-header-only"),
        pytest.param([HEADER, row(1, "a\rb"), row(2)], "\n", id="lone-cr"),
        pytest.param([HEADER, row(1, '"a\rb"'), row(2) + "\r"], "\n", id="lone-cr-in-quotes"),
        pytest.param([HEADER, row(1, '"a\nb, ""c"""'), row(2)], "\n", id="line-end-in-quotes"),
        pytest.param([HEADER, row(1, "a\x00b"), row(2, "\x1f")], "\n", id="nul"),
        pytest.param([HEADER, row(1), row(2), ""], "\n", id="last-line-end"),
    ],
)
def test_csv_files_load_whole_whatever_ends_their_lines(lines: list[str], end: str, warehouse) -> None:
    content = end.join(lines)
    warehouse.write("events/a.csv", content)
    warehouse.write("events/b.csv.gz", gzip.compress(content.encode()))
    warehouse.load()
    assert warehouse.rejected() == []
    assert warehouse.event_ids() == ["e1", "e2"] * 2


def test_bad_rows_of_csv_leave_the_numbers_of_the_rows_behind_them_right(warehouse) -> None:
    lines: list[tuple[bytes, str]] = [
        (row(2).encode(), "e2"),
        (b"e3,short", "malformed_row"),
        (b"e4,short", "malformed_row"),
        (row(5).encode(), "e5"),
        (row(6, "\udcff").encode(errors="surrogateescape"), "malformed_row"),
        (b",e_call_started,501,2026-03-01,a", "missing_field"),
        (row(8, "a,b").encode(), "malformed_row"),
        (row(9).encode(), "e9"),
    ]
    warehouse.write("events/a.csv", b"\n".join([HEADER.encode(), *(line for line, _ in lines)]))
    warehouse.load()
    assert outcome(warehouse) == {number: expected for number, (_, expected) in enumerate(lines, start=2)}


def test_all_members_of_a_gzip_file_are_read(warehouse, event: Event) -> None:
    members = [gzip.compress(f"{event(number)}\n".encode()) for number in range(1, 4)]
    warehouse.write("events/a.jsonl.gz", members[0] + gzip.compress(b"") + members[1] + members[2])
    warehouse.write("events/b.jsonl.gz", gzip.compress(b"") + gzip.compress(b"\xef\xbb\xbf") + members[0])
    warehouse.load()
    assert warehouse.event_ids() == ["e1", "e2", "e3", "e1"]


@pytest.mark.parametrize("zeros", [1, 7, 3_000_000])
def test_zeros_after_the_end_of_a_gzip_file_are_padding(zeros: int, warehouse, event: Event) -> None:
    padding = b"\x00" * zeros
    warehouse.write("events/a.jsonl.gz", gzip.compress(event(1).encode()) + padding)
    warehouse.write("events/b.json.gz", gzip.compress(f"[{event(2)}]".encode()) + padding)
    warehouse.write("events/c.csv.gz", gzip.compress(f"{HEADER}\n{row(3)}\n".encode()) + padding)
    warehouse.load()
    assert warehouse.rejected() == []
    assert warehouse.event_ids() == ["e1", "e2", "e3"]


def test_a_damaged_gzip_file_is_one_rejected_row_a_cut_one_loads_up_to_there_and_both_once_they_are_mended(
    warehouse, event: Event
) -> None:
    whole = gzip.compress("\n".join(event(number) for number in range(200)).encode())
    cut = {"cut": 100, "no-trailer": 200, "second-member-cut": 200}
    damaged = whole[:-6] + b"abcd" + whole[-2:]
    bad = {
        "cut": whole[: len(whole) // 2],
        "no-trailer": whole[:-4],
        "damaged": damaged,
        "second-member-cut": whole + whole[:100],
        "followed-by-text": whole + b"text",
        "empty": b"",
    }
    for name, content in bad.items():
        warehouse.write(f"events/{name}.jsonl.gz", content)
    warehouse.write("events/whole.jsonl.gz", whole)
    warehouse.load()
    rows: dict[str, list[dict]] = {name: [] for name in (*bad, "whole")}
    for row in warehouse.rows():
        rows[row["source_file"].removeprefix("portal=1001/events/").removesuffix(".jsonl.gz")].append(row)
    for name in bad:
        rejected = [row for row in rows[name] if row["line_number"] is None]
        assert [row["reason"] for row in rejected] == ["unreadable_file"]
        assert rejected[0]["message"].startswith(
            "The gzip file ends too early: " if name in cut else "The gzip file is damaged ("
        )
        good = [row["event_id"] for row in rows[name] if row["reason"] is None]
        assert good == [f"e{number}" for number in range(len(good))]
        assert len(good) >= cut[name] * 0.3 if name in cut else len(rows[name]) == 1
    for name in bad:
        warehouse.write(f"events/{name}.jsonl.gz", whole)
    assert warehouse.load().events == len(bad) * 200
