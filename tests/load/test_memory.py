"""Files larger than DuckDB's memory load; large files are read in slices, side by side."""

import gzip
from collections.abc import Callable
from dataclasses import replace

import duckdb
import pytest

import sequence_warehouse.load as loading
from sequence_warehouse.config.errors import UserError
from sequence_warehouse.load import reading, tabular
from sequence_warehouse.load.readers import slices
from sequence_warehouse.storage.database import connect

Event = Callable[..., str]


def with_memory(limit: str, **options) -> duckdb.DuckDBPyConnection:
    """A connection of the load that may use less memory than it would."""
    connection = connect(**options)
    connection.execute(f"set memory_limit = '{limit}'")
    return connection


@pytest.mark.parametrize(("extension", "memory"), [("jsonl", "100MB"), ("csv", "170MB")])
def test_a_file_larger_than_the_memory_loads(
    extension: str, memory: str, warehouse, event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = 340_000
    note = "n" * (500 if extension == "csv" else 200)
    if extension == "csv":
        line, first = f"e0000000,t,501,2026-03-01,{note}", "id,eventType,objectId,occurredAt,note\n"
    else:
        line, first = event(0, properties={"note": note}).replace('"e0"', '"e0000000"'), ""
    before, after = line.split("e0000000")
    text = (first + "".join(f"{before}e{number:07d}{after}\n" for number in range(count))).encode()
    assert len(text) > 115_000_000
    warehouse.write(f"events/a.{extension}", text)
    monkeypatch.setattr(loading, "connect", lambda **options: with_memory(memory, **options))
    report = loading.load(replace(warehouse.settings, threads=1))
    assert (report.events, report.rejected) == (count, 0)
    where = "event_id in ('e0000000', 'e0160000', 'e0339999')"
    head = 2 if extension == "csv" else 1
    places = [row["line_number"] for row in warehouse.rows(where=where)]
    assert places == [head, 160_000 + head, 339_999 + head]


def test_slices_number_their_lines_on_and_lose_none(
    warehouse, event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "BATCH_BYTES", 2_000)
    lines = [[event(number), "", "bad", " "][number % 7 % 4] for number in range(300)]
    warehouse.write("events/clean.jsonl", "\n".join(lines))
    warehouse.write("events/mended.jsonl", "\ufeff" + "\r\n".join(lines) + "\r\n")
    warehouse.load()
    assert len(list(warehouse.settings.raw.glob("*/events/part-*.parquet"))) > 15
    expected = [
        (number, f"e{number - 1}" if line.startswith("{") else "not_json")
        for number, line in enumerate(lines, start=1)
        if line.strip()
    ]
    rows = [(row["line_number"], row["event_id"] or row["reason"]) for row in warehouse.rows()]
    assert rows == expected * 2


@pytest.mark.parametrize("content", [b"", b"a", b"a\n", b"a\nbb\nccc", b"\n\n\n", b"a" * 50 + b"\n\nb\n"])
@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_slices_are_whole_lines_and_make_up_the_file(content: bytes, size: int, tmp_path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(content)
    pieces = list(slices(path, size))
    assert b"".join(content[start:end] for _, start, end in pieces) == content
    for before, start, end in pieces:
        assert content[:start].count(b"\n") == before
        assert start == 0 or content[start - 1 : start] == b"\n"
        assert end > start


def test_a_file_for_which_there_is_not_enough_memory_fails_the_load_and_is_not_lost(
    warehouse, event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    warehouse.write("events/a.jsonl", event(1))
    with monkeypatch.context() as patched:
        patched.setattr(loading, "connect", lambda **options: with_memory("10MB", **options))
        with pytest.raises(UserError, match=r"events/a.jsonl could not be loaded for want of memory"):
            warehouse.load()
    assert list(warehouse.settings.raw.glob("load_id=*")) == []
    assert warehouse.load().events == 1


def test_files_of_giant_headers_cells_elements_and_values_are_told_and_stop_no_other(
    warehouse, event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    million = "z" * 1_000_000
    row = "e{},t,5,2026-03-01,{}\n"
    head = "id,eventType,objectId,occurredAt,note\n" + row.format(1, "a")
    cells = {"plain": million * 20, "quoted": f'"{million * 20}"', "lines": '"' + "z, \n" * 5_000_000 + '"'}
    for name, cell in cells.items():
        warehouse.write(f"events/{name}.csv.gz", gzip.compress((head + row.format(2, cell)).encode(), 1))
    warehouse.write("events/header.csv.gz", gzip.compress(("a," * 20_000_000).encode(), 1))
    warehouse.write("events/columns.csv", ",".join(f"c{n}" for n in range(20_000)))
    warehouse.write("events/element.json", f'[{event(1)}, {{"id": "{million * 20}"}}, {event(3)}]')
    values = "select 'e' || i as id, repeat(i::varchar, 3000000) as note from range(10, 40) as numbers (i)"
    warehouse.write_parquet("events/values.parquet", values)
    monkeypatch.setattr(tabular, "_MAX_BYTES_AT_ONCE", 100_000_000)
    report = warehouse.load()
    assert (report.events, report.rejected) == (3 + 2, 7)
    told = {
        row["source_file"].removeprefix("portal=1001/events/"): row["reason"] for row in warehouse.rejected()
    }
    large = ["element.json", *(f"{name}.csv.gz" for name in cells)]
    assert told == dict.fromkeys(large, "record_too_large") | dict.fromkeys(
        ["header.csv.gz", "columns.csv", "values.parquet"], "unreadable_file"
    )
