"""JSON as some programs write it: halves of emoji, NaN, large numbers, words for "missing"."""

# ruff: noqa: E501
from __future__ import annotations

import gzip
import json

import pytest

EVENT = {
    "id": "e1",
    "eventType": "t",
    "objectId": "501",
    "occurredAt": "2026-03-01T10:00:00Z",
    "properties": {"a": "x", "hs_sequence_id": "7"},
}


def line(**more: str) -> str:
    """An event as JSON; a field given here is JSON text of its own."""
    texts = {name: json.dumps(value) for name, value in EVENT.items()} | more
    return "{" + ", ".join(f'"{name}": {text}' for name, text in texts.items()) + "}"


def properties(warehouse) -> list[dict]:
    return [json.loads(row["record"])["properties"] for row in warehouse.good()]


HALVES = {
    r'{"a": "cut \ud83d"}': "cut \ufffd",
    r'{"a": "\ude00 cut"}': "\ufffd cut",
    r'{"a": "\ud83d\ud83d\ude00"}': "\ufffd😀",
    r'{"a": "\ude00\ud83d"}': "\ufffd\ufffd",
    r'{"a": "\\ud83d"}': r"\ud83d",
    r'{"a": "\\\ud83d"}': "\\\ufffd",
    r'{"a": "\ud83d\ude00"}': "😀",
    r'{"a": "\"\uD83D\""}': '"\ufffd"',
}


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "array.json", "page.json", "indented.json", "a.csv"])
def test_half_an_emoji_costs_no_record(name: str, warehouse) -> None:
    lines = [line(id=f'"e{number}"', properties=text) for number, text in enumerate(HALVES)]
    if name == "array.json":
        content = "[" + ",\n".join(lines) + "]"
    elif name == "page.json":
        content = '{"results": [' + ", ".join(lines) + "]}"
    elif name == "indented.json":
        content = "\n".join(one.replace("{", "{\n", 1) for one in lines)
    elif name == "a.csv":
        rows = [
            f'e{n},t,501,2026-03-01,"{text.replace(chr(34), chr(34) * 2)}"' for n, text in enumerate(HALVES)
        ]
        content = "\n".join(["id,eventType,objectId,occurredAt,properties", *rows])
    else:
        content = "\n".join(lines)
    warehouse.write(f"events/{name}", content)
    assert warehouse.load().rejected == 0
    assert sorted(one["a"] for one in properties(warehouse)) == sorted(HALVES.values())


def test_half_an_emoji_costs_no_record_in_parquet(warehouse) -> None:
    texts = ", ".join(f"('{text}')" for text in HALVES)
    warehouse.write_parquet(
        "events/a.parquet",
        "select row_number() over () as id, 't' as event_type, '5' as object_id, '2026-03-01' as occurred_at, "
        f"properties from (values {texts}) as given (properties)",
    )
    assert warehouse.load().rejected == 0
    assert [one["a"] for one in properties(warehouse)] == list(HALVES.values())


def test_an_emoji_cut_in_its_bytes_costs_no_record_and_other_bad_bytes_do(warehouse) -> None:
    whole = line(properties='{"a": "X"}').encode()
    halves = [b"\xf0\x9f", b"\xf0\x9f\x98", b"\xed\xa0\xbd", b"\xed\xb8\x80"]
    bad = [b"\xff", b"\xe9", b"\x80", b"\xc3"]
    warehouse.write("events/a.jsonl", b"\n".join(whole.replace(b"X", some) for some in halves + bad))
    warehouse.load()
    assert [one["a"] for one in properties(warehouse)] == ["\ufffd"] * len(halves)
    assert [row["reason"] for row in warehouse.rejected()] == ["not_json"] * len(bad)


@pytest.mark.parametrize("zipped", [False, True])
def test_an_escape_that_straddles_a_chunk_is_neither_broken_nor_missed(zipped: bool, warehouse) -> None:
    for shift in range(14):
        filler = "x" * ((1 << 20) - 140 + shift)
        text = rf'{{"a": "\ud83d\ude00\ud83d\\\ude00", "filler": "{filler}", "b": "\\\ud83d\ude00\ud83d"}}'
        content = ("[" + line(id=f'"e{shift}"', properties=text) + "]").encode()
        name = f"events/{shift:02d}.json" + ".gz" * zipped
        warehouse.write(name, gzip.compress(content, 1) if zipped else content)
    assert warehouse.load().rejected == 0
    assert [(one["a"], one["b"]) for one in properties(warehouse)] == [
        ("😀\ufffd\\\ufffd", "\\😀\ufffd")
    ] * 14


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity", "nan", "-inf"])
def test_a_bare_nan_is_missing_among_properties_and_no_json_elsewhere(word: str, warehouse) -> None:
    warehouse.write(
        "events/a.jsonl",
        "\n".join(
            [
                line(
                    properties=f'{{"a": {word}, "b": [1, {word}], "c": {{"value": {word}}}, "d": "x: {word},"}}'
                ),
                line(id=word),
                line(occurredAt=word),
                line(note=word),
                line(note=word, properties=f'{{"a": {word}}}'),
                line(note=f'"a: {word},"'),
            ]
        ),
    )
    warehouse.load()
    first = {"a": None, "b": [1, None], "c": {"value": None}, "d": f"x: {word},"}
    assert properties(warehouse) == [first, EVENT["properties"]]
    assert [(row["line_number"], row["reason"]) for row in warehouse.rejected()] == [
        (number, "not_json") for number in range(2, 6)
    ]
    assert warehouse.rejected()[0]["record"] == line(id=word), "kept as it landed"


IDS = [
    ("9007199254740993.0", "9007199254740993"),
    ("501.0", "501"),
    ('"501.0"', "501"),
    ("501", "501"),
    ('" 501 "', "501"),
    ('"84e27"', "84e27"),
]
NO_IDS = [
    ("5.12E+11", "wrong_type"),
    ('"5.12E+11"', "wrong_type"),
    ("5E+11", "wrong_type"),
    ("1.2e10", "wrong_type"),
]
NO_IDS += [('"NULL"', "missing_field"), ('"\\\\N"', "missing_field"), ('"N/A"', "missing_field")]


@pytest.mark.parametrize("field", ["id", "objectId"])
def test_an_id_written_as_a_number_is_the_id_and_one_that_lost_digits_is_rejected(
    field: str, warehouse
) -> None:
    warehouse.write("events/a.jsonl", "\n".join(line(**{field: text}) for text, _ in IDS + NO_IDS))
    warehouse.load()
    column = {"id": "event_id", "objectId": "object_id"}[field]
    assert [row[column] for row in warehouse.good()] == [value for _, value in IDS]
    assert [row["reason"] for row in warehouse.rejected()] == [reason for _, reason in NO_IDS]
    assert field in warehouse.rejected()[0]["message"]


def test_an_object_s_id_follows_the_same_rules_and_its_row_says_deleted_in_any_way(warehouse) -> None:
    words = ["true", "1", '"1.0"', '"yes"', "false", '"maybe"', "null", "0"]
    names = ["archived", "is_deleted", "isDeleted", "_fivetran_deleted"]
    lines = [f'{{"id": {n}.0, "{name}": {word}}}' for n, word in enumerate(words) for name in names]
    warehouse.write("objects/deals/a.jsonl", "\n".join([*lines, '{"id": 1e+20}']))
    rows = "\n".join(f"{20 + n},{word}" for n, word in enumerate(["TRUE", "1", "False", ""]))
    for name in (*names, "IS_DELETED", "_FIVETRAN_DELETED"):
        warehouse.write(f"objects/deals/{name}.csv", f"id,{name}\n{rows}\n")
    warehouse.load()
    archived = {(row["object_id"], row["archived"]) for row in warehouse.good("objects")}
    expected = dict.fromkeys(["0", "1", "2", "3", "20", "21"], True) | dict.fromkeys(
        ["4", "5", "6", "7", "22", "23"], False
    )
    assert archived == set(expected.items())
    assert [row["reason"] for row in warehouse.rejected("objects")] == ["wrong_type"]


def test_a_cell_that_says_missing_is_missing_and_one_that_only_looks_so_is_not(warehouse) -> None:
    words = ["\\N", "NULL", "null", "None", "nan", "NaN", "N/A", '"NULL"', "Null", "none", "NULL "]
    rows = "\n".join(f"{number},t,5,2026-03-01,{word}" for number, word in enumerate(words))
    warehouse.write("events/a.csv", f"id,eventType,objectId,occurredAt,a\n{rows}\n")
    warehouse.write("objects/deals/a.csv", "id,amount\nNULL,5\n7,\\N\n")
    warehouse.write("events/a.jsonl", line(properties='{"a": "NULL"}'))
    warehouse.load()
    assert [one.get("a") for one in properties(warehouse)] == [None] * 8 + ["Null", "none", "NULL ", "NULL"]
    assert [json.loads(row["record"])["properties"]["amount"] for row in warehouse.good("objects")] == [None]
    assert [row["reason"] for row in warehouse.rejected("objects")] == ["missing_field"]


def test_doubles_are_ids_up_to_what_they_can_count(warehouse) -> None:
    values = "501.0, 501.5, 9007199254740992.0, 9007199254740994.0, 1e18, 'nan', 'inf'"
    warehouse.write_parquet(
        "objects/deals/a.parquet",
        f"select row_number() over ()::double as id, a, a as amount from (select unnest([{values}]::double[]) as a)",
    )
    warehouse.write_parquet(
        "events/a.parquet",
        "select '1' as id, 't' as event_type, unnest([501.0, 1e16]::double[]) as object_id, '2026-03-01' as occurred_at",
    )
    warehouse.load()
    read = [json.loads(row["record"])["properties"]["a"] for row in warehouse.good("objects")]
    lost = ["9.00719925474099400e+15", "1.00000000000000000e+18"]
    assert read == ["501", "501.5", "9007199254740992", *lost, None, None]
    assert [row["object_id"] for row in warehouse.good("objects")] == [str(n) for n in range(1, 8)]
    assert [row["object_id"] for row in warehouse.good()] == ["501"]
    assert [row["reason"] for row in warehouse.rejected()] == ["wrong_type"]


def test_a_bare_nan_in_a_page_is_judged_record_by_record(warehouse) -> None:
    records = [
        line(properties='{"a": NaN}'),
        line(id='"e2"', objectId="NaN"),
        line(id='"e3"', note="Infinity"),
        line(id='"e4"'),
    ]
    for name, content in {
        "page.json": '{"results": [' + ",\n".join(records) + "]}",
        "line.json": '{"results": [' + ", ".join(records) + "]}",
        "array.json": "[" + ",\n".join(records) + "]",
    }.items():
        warehouse.write(f"events/{name}", content)
    warehouse.load()
    assert [row["event_id"] for row in warehouse.good()] == ["e1", "e4"] * 3
    assert [row["reason"] for row in warehouse.rejected()] == ["not_json"] * 6


def test_a_cell_of_a_property_with_its_history_is_opened_and_text_of_json_lines_is_not(warehouse) -> None:
    cell = '"{""value"": ""7"", ""timestamp"": 5}"'
    warehouse.write("events/a.csv", f"id,eventType,objectId,occurredAt,a,b\n1,t,5,2026-03-01,{cell},{{x}}\n")
    warehouse.write("events/b.jsonl", line(properties=json.dumps({"a": '{"value": "7"}'})))
    warehouse.load()
    assert properties(warehouse) == [
        {"a": {"value": "7", "timestamp": 5}, "b": "{x}"},
        {"a": '{"value": "7"}'},
    ]
