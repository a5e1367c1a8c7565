"""Pages, arrays and indented documents among JSON lines, .ndjson, and JSON in other encodings."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable

import pytest

from sequence_warehouse.load import reading

Event = Callable[..., str]


def page(*lines: str) -> str:
    return '{"results": [' + ", ".join(lines) + '], "paging": {"next": {"after": "4"}}}'


def outcome(warehouse) -> list[tuple[int, str]]:
    return [(row["line_number"], row["event_id"] or row["reason"]) for row in warehouse.rows()]


@pytest.fixture
def shapes(event: Event) -> dict[str, str]:
    """Four events in every shape."""
    lines = [event(number, properties={"note": "Renée, 日本 😀"}) for number in range(4)]
    records = [json.loads(line) for line in lines]
    plain = [json.dumps(record, ensure_ascii=False) for record in records]
    whole = {"results": records, "paging": {}}
    return {
        "lines": "\n".join(plain),
        "page-a-line": "\n".join([page(*plain[:2]), page(*plain[2:])]),
        "one-page": page(*plain),
        "page-of-a-batch": '{"status": "COMPLETE", ' + page(*plain)[1:],
        "array-a-line": f"[{plain[0]}]\n[{plain[1]}, {plain[2]}]\n  [ {plain[3]} ]\n",
        "page-after-records": "\n".join([*plain[:3], page(plain[3])]),
        "records-after-array": "\n".join([f"[{plain[0]}]", *plain[1:]]),
        "page-indented": json.dumps(whole, indent=2, ensure_ascii=False),
        "page-by-tabs": json.dumps(whole, indent="\t"),
        "array-indented": json.dumps(records, indent=4),
        "array-of-lines": "[\n" + ",\n".join(plain) + "\n]\n",
        "records-indented": "\n".join(json.dumps(record, indent=2) for record in records),
        "pages-indented": "\n".join(json.dumps({"results": records[n : n + 2]}, indent=2) for n in (0, 2)),
    }


@pytest.mark.parametrize("extension", ["jsonl", "ndjson", "json"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_every_shape_is_read_under_every_name(extension: str, end: str, shapes: dict, warehouse) -> None:
    for shape, text in shapes.items():
        text = text.replace("\n", end)
        warehouse.write(f"events/{shape}.{extension}", text)
        warehouse.write(f"events/{shape}-marked.{extension}", "\ufeff" + text)
        warehouse.write(f"events/{shape}.{extension}.gz", gzip.compress(text.encode()))
    report = warehouse.load()
    assert (report.rejected, report.events) == (0, 4 * 3 * len(shapes))
    for row in warehouse.good():
        number = int(row["event_id"][1:])
        assert row["line_number"] == number + 1, row["source_file"]
        assert json.loads(row["record"])["properties"] == {"note": "Renée, 日本 😀"}


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_every_shape_is_read_in_utf_16(codec: str, shapes: dict, warehouse) -> None:
    for shape, text in shapes.items():
        for extension in ("jsonl", "json"):
            warehouse.write(f"events/{shape}.{extension}", text.encode(codec))
            warehouse.write(f"events/{shape}.{extension}.gz", gzip.compress(text.encode(codec)))
    report = warehouse.load()
    assert (report.rejected, report.events) == (0, 4 * 4 * len(shapes))
    assert {json.loads(row["record"])["properties"]["note"] for row in warehouse.good()} == {"Renée, 日本 😀"}


def test_a_line_of_utf_16_that_is_damaged_costs_itself_only(warehouse, event: Event) -> None:
    lines = [event(1), "{", event(3), event(4)[:40], event(5)]
    warehouse.write("events/a.jsonl", "\n".join(lines).encode("utf-16"))
    warehouse.write("events/b.jsonl", "\n".join(lines[2:]).encode("utf-16-le") + b"x")
    warehouse.load()
    assert outcome(warehouse)[:5] == [(1, "e1"), (2, "not_json"), (3, "e3"), (4, "not_json"), (5, "e5")]
    assert outcome(warehouse)[5:7] == [(1, "e3"), (2, "not_json")]


@pytest.mark.parametrize("extension", ["jsonl", "jsonl.gz", "ndjson", "json"])
def test_pages_and_bad_lines_in_one_file_have_their_places(extension: str, warehouse, event: Event) -> None:
    lines = [
        event(1),
        page(event(2), "5", event(4)),
        "[]",
        "no JSON",
        '{"results": []}',
        '{"total": 0, "results": [], "paging": null}',
        f"[{event(7)}, [], null]",
        "[1]",
        '[["a"]]',
        event(12),
    ]
    text = "\n".join(lines)
    warehouse.write(f"events/a.{extension}", gzip.compress(text.encode()) if extension[-2:] == "gz" else text)
    warehouse.load()
    other = "not_an_object"
    expected = ["e1", "e2", other, "e4", other, "not_json", "e7", other, other, other, other, "e12"]
    assert outcome(warehouse) == list(enumerate(expected, start=1))


def test_a_record_with_lists_of_results_is_no_page(warehouse) -> None:
    deal = {"id": "7", "associations": {"contacts": {"results": [{"id": "1"}]}}, "results": [{"id": "8"}]}
    warehouse.write("objects/deals/a.jsonl", json.dumps(deal) + "\n" + json.dumps({"results": [deal]}))
    warehouse.load()
    rows = warehouse.good("objects")
    assert [(row["line_number"], row["object_id"]) for row in rows] == [(1, "7"), (2, "7")]
    assert [json.loads(row["record"])["associations"] for row in rows] == [deal["associations"]] * 2


def test_large_files_of_pages_are_numbered_through(
    warehouse, event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "BATCH_BYTES", 2_000)
    lines = [page(event(2 * number), event(2 * number + 1)) for number in range(200)]
    warehouse.write("events/a.jsonl", "\n".join(lines))
    warehouse.load()
    assert outcome(warehouse) == [(number + 1, f"e{number}") for number in range(400)]


@pytest.mark.parametrize("shape", ["page", "array", "pages"])
def test_a_page_in_a_line_of_json_lines_may_be_longer_than_a_record(
    shape: str, warehouse, event: Event
) -> None:
    count = 27_000
    lines = [event(number) for number in range(count)]
    text = {
        "page": page(*lines),
        "array": "[" + ",".join(lines) + "]",
        "pages": page(*lines[:26_000]) + "\n" + page(*lines[26_000:]),
    }[shape]
    assert len(text) > 5_000_000
    warehouse.write("events/a.jsonl", text)
    report = warehouse.load()
    assert (report.events, report.rejected) == (count, 0)
    assert outcome(warehouse)[-1] == (count, f"e{count - 1}")


@pytest.mark.parametrize("extension", ["jsonl", "ndjson"])
def test_lines_behind_one_that_only_looks_like_a_document_s_first_are_lines(
    extension: str, warehouse, event: Event
) -> None:
    for place, first in enumerate(("{", "[", '{"results": [', "[{", '{"id": "e1",')):
        warehouse.write(f"events/{place}.{extension}", "\n".join([first, event(2), " " + event(3), "{"]))
        warehouse.write(f"events/{place}-gap.{extension}", "\n".join([first, "  no JSON", event(3), "{"]))
    warehouse.load()
    whole = [(1, "not_json"), (2, "e2"), (3, "e3"), (4, "not_json")]
    gap = [(1, "not_json"), (2, "not_json"), (3, "e3"), (4, "not_json")]
    assert outcome(warehouse) == (gap + whole) * 5


@pytest.mark.parametrize("shape", ["page-indented", "array-indented", "records-indented"])
def test_an_indented_document_that_was_cut_loads_up_to_there_and_tells(
    shape: str, shapes: dict, warehouse
) -> None:
    text = shapes[shape]
    for length in (100, text.index('"e2"')):
        warehouse.write(f"events/{length}.jsonl", text[:length])
    warehouse.load()
    assert warehouse.event_ids() == ["e0", "e1"]
    told = [(row["line_number"], row["reason"]) for row in warehouse.rejected()]
    assert told.count((None, "unreadable_file")) == (1 if shape == "records-indented" else 2)
    assert (3, "not_json") in told
