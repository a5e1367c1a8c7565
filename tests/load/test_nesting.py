"""JSON that nests deep: up to 1,000 levels it loads, deeper it is one rejected record, in every format."""

import csv
import io
import json
import random
from collections.abc import Callable

import duckdb
import pytest

from sequence_warehouse.load.nesting import MAX_DEPTH, is_json
from sequence_warehouse.load.parsing import macros
from sequence_warehouse.seeds import Seeds

TOO_DEEP = "The record nests more than 1,000 levels deep."


def nest(depth: int) -> str:
    return '{"a":' * depth + "1" + "}" * depth


def record(depth: int, number: int = 1) -> str:
    """An event of so many levels."""
    fields = {"id": f"e{number}", "eventType": "t", "objectId": "5", "occurredAt": "2026-03-01"}
    return json.dumps(fields)[:-1] + f', "properties": {nest(depth - 1)}}}'


def as_csv(depth: int) -> str:
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["id", "eventType", "objectId", "occurredAt", "properties", "other"])
    rows.writerow(["e1", "t", "5", "2026-03-01", nest(depth - 1), "x"])
    rows.writerow(["e2", "t", "5", "2026-03-01", "{}", "x"])
    return text.getvalue()


FORMATS: dict[str, Callable[[int], str]] = {
    "a.jsonl": lambda depth: f"{record(depth)}\n{record(3, 2)}\n",
    "lines.json": lambda depth: f"{record(depth)}\n{record(3, 2)}\n",
    "array.json": lambda depth: f"[{record(depth)},\n{record(3, 2)}]",
    "page.json": lambda depth: f'{{"results": [{record(depth)},\n{record(3, 2)}]}}',
    "a.csv": as_csv,
}


@pytest.mark.parametrize("name", FORMATS)
def test_a_record_of_a_thousand_levels_loads_and_a_deeper_one_costs_itself(name: str, warehouse) -> None:
    for depth in (MAX_DEPTH, MAX_DEPTH + 1, 100_000):
        warehouse.write(f"events/{depth}/{name}", FORMATS[name](depth))
    warehouse.load()
    loaded = [row["source_file"].split("/")[2] + " " + row["event_id"] for row in warehouse.good()]
    assert loaded == ["1000 e1", "1000 e2", "100000 e2", "1001 e2"]
    assert [(row["reason"], row["message"]) for row in warehouse.rejected()] == [
        ("nested_too_deeply", TOO_DEEP)
    ] * 2


@pytest.mark.parametrize("kind", ["varchar", "json", "blob"])
def test_a_cell_of_parquet_that_nests_too_deep_costs_its_row(kind: str, warehouse) -> None:
    cell = {"varchar": "cell", "json": "cell::json", "blob": "encode(cell)"}[kind]
    texts = ("'{}'", "repeat('{\"a\":', 100000) || '1' || repeat('}', 100000)")
    query = " union all ".join(
        f"select 'e{place}' as id, 't' as event_type, 5 as object_id, '2026-03-01' as occurred_at, "
        f"'x' as other, {cell} as properties from (select {text} as cell)"
        for place, text in enumerate(texts)
    )
    warehouse.write_parquet("events/a.parquet", query)
    warehouse.load()
    assert warehouse.event_ids() == ["e0"]
    assert [row["reason"] for row in warehouse.rejected()] == ["nested_too_deeply"]


def test_a_cell_of_links_that_nests_too_deep_costs_its_row(warehouse) -> None:
    # links are taken apart by their names, which loses what is too deep
    links = nest(2000).replace('"', '""')
    warehouse.write("objects/contacts/a.csv", f'id,associations\n1,"{links}"\n')
    warehouse.load()
    assert [row["reason"] for row in warehouse.rejected("objects")] == ["nested_too_deeply"]


def test_text_of_json_inside_of_json_that_nests_too_deep_costs_its_record(warehouse) -> None:
    lines = [
        {"vid": 1, "properties": nest(100_000)},
        {"_airbyte_data": json.dumps({"id": 2, "properties": nest(100_000)})},
        {"vid": 3, "properties": nest(3)},
    ]
    warehouse.write("objects/contacts/a.jsonl", "\n".join(map(json.dumps, lines)))
    warehouse.load()
    assert [row["object_id"] for row in warehouse.good("objects")] == ["3"]
    assert [row["reason"] for row in warehouse.rejected("objects")] == ["nested_too_deeply"] * 2


def test_columns_of_parquet_that_nest_too_deep_are_one_rejected_file(warehouse, event) -> None:
    warehouse.write("events/good.jsonl", event(1))
    for depth in (150, 20_000):  # where DuckDB loses count, and where it ends the process
        warehouse.write(f"events/{depth}.parquet", _parquet_of_groups(depth))
    warehouse.load()
    assert warehouse.event_ids() == ["e1"]
    assert [(row["reason"], row["line_number"], row["message"]) for row in warehouse.rejected()] == [
        (
            "unreadable_file",
            None,
            "The file's columns nest more than 100 levels deep: write them as JSON text.",
        )
    ] * 2


def test_depth_is_that_of_brackets_outside_of_text() -> None:
    seed = random.randrange(1_000_000)
    print("seed", seed)
    chance = random.Random(seed)
    with duckdb.connect() as connection:
        connection.execute(macros(Seeds()))
        for _ in range(30):
            depth = chance.randint(MAX_DEPTH - 6, MAX_DEPTH + 6)
            text, levels = "[[[1]]]", 3
            while levels < depth:
                others = ["[]", "{}", r'"]\\\"["', r'"\\"', "[[1]]"]
                beside = chance.choices(others, k=chance.randint(0, 3))
                inner = ", ".join([*beside[:1], text, *beside[1:]])
                text = chance.choice([f"[{inner}]", f'{{"}}[": {text}, "a": 1}}'])
                levels += 1
            found = connection.execute("select is_deep($1), json_valid($1)", [text]).fetchone()
            assert found == (levels > MAX_DEPTH, True), text[:200]
            assert is_json(text) and not is_json(text[:-1])


def _parquet_of_groups(depth: int) -> bytes:
    """A Parquet file of no rows whose one column lies in so many groups, by Thrift's compact protocol."""

    def number(value: int) -> bytes:
        head = b""
        while value > 127:
            head, value = head + bytes([value & 127 | 128]), value >> 7
        return head + bytes([value])

    root = b"\x48" + number(4) + b"root" + b"\x15" + number(2) + b"\0"
    group = b"\x35" + number(2) + b"\x18" + number(1) + b"a" + b"\x15" + number(2) + b"\0"
    leaf = b"\x15" + number(12) + b"\x25" + number(2) + b"\x18" + number(1) + b"a" + b"\0"
    schema = b"\xfc" + number(depth + 2) + root + group * depth + leaf
    footer = b"\x15" + number(2) + b"\x19" + schema + b"\x16" + number(0) + b"\x19\x0c" + b"\0"
    return b"PAR1" + footer + len(footer).to_bytes(4, "little") + b"PAR1"
