"""An odd file beside a good one: what is good of it loads, the rest is told, and in time."""

import json
import os
from pathlib import Path

import pytest

from sequence_warehouse.load import reading
from sequence_warehouse.load.emoji import EscapeMend

STAGES = [{"id": f"s{n}", "label": "x"} for n in range(2)]
PIPELINES = [json.dumps({"id": f"p{n}", "label": "x", "stages": STAGES}) for n in range(3)]
CONTACTS = {"contacts": {"results": [{"id": "52", "type": "a"}, {"id": "62", "type": "a"}]}}
DEALS = [json.dumps({"id": f"d{n}", "associations": CONTACTS}) for n in range(3)]
PAGE = [{"id": str(n), "properties": {"note": "x" * 990}} for n in range(4400)]

# file -> (content, ids of its good objects, rejected rows)
ODD = {
    "an integer of thousands of digits": (
        "objects/contacts/a.json",
        '[{"id":"1","n":' + "1" * 5000 + '},{"id":"2"},{"id":3 4}]',
        ["1", "2"],
        1,
    ),
    "Python's own text of a list": (
        "objects/contacts/a.json",
        str([{"id": str(n), "properties": {"email": "a@b.c"}} for n in range(2000)]),
        [],
        1,
    ),
    "words without quotes in most": (
        "objects/contacts/a.json",
        "[" + ",\n".join(f'{{"id": "{n}", "email": a}}' for n in range(3000)) + ', {"id": "7"}]',
        ["7"],
        3000,
    ),
    "objects in a damaged one that look like its neighbours": (
        "objects/pipelines/a.json",
        "[" + ", ".join([PIPELINES[0], PIPELINES[1].replace('{"id"', '{"a" "id"', 1), PIPELINES[2]]) + "]",
        ["p0", "p2"],
        1,
    ),
    "links in a damaged deal": (
        "objects/deals/a.json",
        "[" + ", ".join([DEALS[0], DEALS[1].replace(",", "", 1), DEALS[2]]) + "]",
        ["d0", "d2"],
        1,
    ),
    "an object of objects by their ids": (
        "objects/contacts/a.json",
        json.dumps({str(n): {"email": "a"} for n in range(12_000)}),
        [],
        1,
    ),
    "a large page behind a small one": (
        "objects/contacts/a.jsonl",
        '{"results": [{"id": "a"}]}\n' + json.dumps({"results": PAGE}) + '\n{"results": [{"id": "b"}]}\n',
        sorted(["a", "b", *(one["id"] for one in PAGE)]),
        0,
    ),
}


@pytest.mark.parametrize("odd", ODD)
def test_what_is_good_of_an_odd_file_loads_beside_a_good_one(odd: str, warehouse) -> None:
    name, content, ids, rejected = ODD[odd]
    warehouse.write(name, content)
    warehouse.write("objects/companies/good.jsonl", '{"id": "good"}\n')
    warehouse.load()
    good = warehouse.good("objects")
    assert sorted(row["object_id"] for row in good if "good" not in row["source_file"]) == ids
    assert [row["object_id"] for row in good if "good" in row["source_file"]] == ["good"]
    assert len(warehouse.rejected("objects")) == rejected


def test_a_column_whose_name_is_no_text_is_that_files_damage(warehouse) -> None:
    path = warehouse.write_parquet("objects/contacts/a.parquet", "select '1' as id, 'x' as abcdefgh")
    path.write_bytes(path.read_bytes().replace(b"abcdefgh", b"abcd\xff\xfegh"))
    warehouse.write("objects/contacts/b.jsonl", '{"id": "2"}\n')
    warehouse.load()
    assert [row["object_id"] for row in warehouse.good("objects")] == ["2"]
    assert [row["reason"] for row in warehouse.rejected("objects")] == ["unreadable_file"]


def test_parquet_without_a_column_of_text_loads_however_long_its_texts_are(warehouse) -> None:
    note = "md5(i::varchar) || repeat('x', 900)"
    query = f"select i as id, {{'note': {note}}} as properties from range(80_000) as t (i)"
    warehouse.write_parquet("objects/contacts/a.parquet", query)
    report = warehouse.load()
    assert (report.objects, report.rejected) == (80_000, 0)


def test_a_cell_longer_than_pythons_own_limit_in_a_file_without_a_header(warehouse) -> None:
    long = json.dumps({"a": "x" * 140_000}).replace('"', '""')
    warehouse.write(
        "events/a.csv",
        f'1,e_a,CONTACT,5,2024-01-01T00:00:00Z,"{long}"\n2,e_a,CONTACT,5,2024-01-01T00:00:00Z,\n',
    )
    warehouse.load()
    assert warehouse.event_ids() == ["1", "2"]


def test_a_file_that_goes_while_it_is_read_takes_no_other_with_it(warehouse, monkeypatch) -> None:
    gone = warehouse.write("objects/contacts/a.json", '{"results": [\n{"id": "1"}\n]}')
    warehouse.write("objects/contacts/b.json", '{"results": [\n{"id": "2"}\n]}')
    read_batch = reading.FileReader._read_batch

    def remove(self, family: str, reader: str, batch: list) -> None:
        if Path(gone).exists():
            os.unlink(gone)
        read_batch(self, family, reader, batch)

    monkeypatch.setattr(reading.FileReader, "_read_batch", remove)
    warehouse.load()
    assert [row["object_id"] for row in warehouse.good("objects")] == ["2"]
    assert warehouse.rejected("objects") == []


def test_an_escape_that_is_none_holds_nothing_back() -> None:
    mend, chunks = EscapeMend(), ['{"a":"\\u{1F600}"}\n', *["x" * 1000] * 20]
    fed = [mend.feed(chunk) for chunk in chunks]
    assert sum(map(len, fed)) >= sum(map(len, chunks)) - 12
    assert "".join(fed) + mend.feed("", final=True) == "".join(chunks)
