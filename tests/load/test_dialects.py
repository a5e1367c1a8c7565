"""CSV files in the dialect of whoever wrote them: read where it is certain, else one sentence."""

# ruff: noqa: RUF001
from __future__ import annotations

import csv
import gzip
import io
import json
import random

import pytest

HEADER = ["id", "eventType", "objectType", "objectId", "occurredAt", "properties"]
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}
QUOTES = {
    "minimal": {"quoting": csv.QUOTE_MINIMAL},
    "all": {"quoting": csv.QUOTE_ALL},
    "single": {"quoting": csv.QUOTE_ALL, "quotechar": "'"},
    "escapes": {"doublequote": False, "escapechar": "\\"},
    "escapes-all": {"quoting": csv.QUOTE_ALL, "doublequote": False, "escapechar": "\\"},
}
# name -> codec, what stands before the text
ENCODINGS = {
    "utf-8": ("utf-8", ""),
    "utf-8-mark": ("utf-8", "\ufeff"),
    "utf-16-le": ("utf-16-le", ""),
    "utf-16-le-mark": ("utf-16-le", "\ufeff"),
    "utf-16-be": ("utf-16-be", ""),
    "utf-16-be-mark": ("utf-16-be", "\ufeff"),
    "cp1252": ("cp1252", ""),
}
WORDS = [
    " Müller ",
    " Renée ",
    " Ångström ",
    "O'Brien",
    " naïve ",
    "100 €",
    '12" pipe',
    "C:\\",
    "a\\nb",
    "\\",
    '"',
]
SIGNS = ['"', "\n", ";", ",", "\t", "|", "\\", "'", " ", "{", "}", "x", "7"]


def some_text(pick: random.Random) -> str:
    """Text with what a dialect must quote; not blank, and not led by what makes a cell JSON."""
    parts = [pick.choice(WORDS + SIGNS * 2) for _ in range(pick.randrange(1, 9))]
    return "t" + "".join(parts) + "."


def events(pick: random.Random, count: int = 30) -> list[dict[str, str]]:
    """Events whose properties, as JSON text, hold quotes within quotes."""
    rows = [
        {
            "id": f"e{number}",
            "eventType": "e_call_started",
            "objectType": "CONTACT",
            "objectId": str(500 + number),
            "occurredAt": "2026-03-01T10:00:00Z",
            "properties": json.dumps({"note": some_text(pick), "n": str(number)}, ensure_ascii=False),
        }
        for number in range(count)
    ]
    # so that a file of any seed has an accent within a word
    rows[0]["properties"] = json.dumps({"note": 'Zoë said "hé; ho, hi|ha\tho"'}, ensure_ascii=False)
    return rows


def written(rows: list[list[str]], delimiter: str, end: str = "\n", **quotes) -> str:
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=delimiter, lineterminator=end, **quotes).writerows(rows)
    return stream.getvalue()


def read_back(warehouse) -> list[dict]:
    """Id, line and properties of each good event; there is no other."""
    assert [(row["line_number"], row["reason"], row["message"]) for row in warehouse.rejected()] == []
    return [
        {
            "id": row["event_id"],
            "line": row["line_number"],
            "properties": json.loads(row["record"])["properties"],
        }
        for row in warehouse.good()
    ]


def expected(rows: list[dict], first_line: int) -> list[dict]:
    return [
        {"id": row["id"], "line": line, "properties": json.loads(row["properties"])}
        for line, row in enumerate(rows, start=first_line)
    ]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("quotes", QUOTES)
@pytest.mark.parametrize("delimiter", DELIMITERS)
def test_every_dialect_is_read_back_as_it_was_written(
    delimiter: str, quotes: str, encoding: str, warehouse
) -> None:
    pick = random.Random(f"{delimiter} {quotes} {encoding}")
    rows = events(pick)
    sign = DELIMITERS[delimiter]
    end = pick.choice(["\n", "\r\n", "\r"])
    codec, mark = ENCODINGS[encoding]
    cells = [list(row.values()) for row in rows]
    table = written([HEADER, *cells], sign, end, **QUOTES[quotes])
    said = pick.choice(["sep={}", '"sep={}"']).format(sign) + end + table
    bare = written(cells, sign, end, **QUOTES[quotes])
    for name, text in {"table": table, "said": said, "bare": bare}.items():
        content = (mark + text).encode(codec)
        warehouse.write(f"events/{name}.csv", content)
        warehouse.write(f"events/{name}.csv.gz", gzip.compress(content))
    warehouse.load()
    assert read_back(warehouse) == [*expected(rows, 1) * 2, *expected(rows, 3) * 2, *expected(rows, 2) * 2]


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("quotes", QUOTES)
def test_columns_of_text_are_read_back_in_every_dialect(quotes: str, seed: int, warehouse) -> None:
    """Each property in a column of its own: no JSON tells which reading is right."""
    pick = random.Random(f"{quotes} {seed}")
    notes = {}
    for delimiter, sign in DELIMITERS.items():
        rows = [[f"{n}", some_text(pick), some_text(pick)] for n in range(40)]
        rows[0][1] = f'a "quoted{sign} text"'
        notes[f"portal=1001/objects/deals/{delimiter}.csv"] = [(row[0], row[1], row[2]) for row in rows]
        table = written([["id", "dealname", "Next Step"], *rows], sign, **QUOTES[quotes])
        warehouse.write(f"objects/deals/{delimiter}.csv", table)
    warehouse.load()
    assert warehouse.rejected("objects") == []
    read: dict[str, list] = {name: [] for name in notes}
    for row in warehouse.good("objects"):
        texts = json.loads(row["record"])["properties"]
        read[row["source_file"]].append((row["object_id"], *list(texts.values())[:2]))
    assert read == notes


@pytest.mark.parametrize("quotes", ["minimal", "escapes"])
@pytest.mark.parametrize("delimiter", DELIMITERS)
def test_bad_rows_are_rejected_one_by_one_in_every_dialect(delimiter: str, quotes: str, warehouse) -> None:
    sign = DELIMITERS[delimiter]
    rows = [list(row.values()) for row in events(random.Random(delimiter), 6)]
    rows[2] = rows[2][:3]
    rows[3] = [*rows[3], "one", "more"]
    rows[4] = ["", *rows[4][1:]]
    table = written([HEADER, *rows], sign, **QUOTES[quotes])
    open_quote = f'e9{sign}e_call_started{sign}CONTACT{sign}5{sign}2026-03-01{sign}"never closed\n'
    for name, before, first in (("a", "", 2), ("b", f"sep={sign}\n", 3)):
        warehouse.write(f"events/{name}.csv", before + table + open_quote)
        warehouse.load()
        outcome = {
            row["line_number"]: row["event_id"] or row["reason"]
            for row in warehouse.rows(where=f"source_file like '%{name}.csv'")
        }
        told = ["e0", "e1", "malformed_row", "malformed_row", "missing_field", "e5", "malformed_row"]
        assert outcome == dict(enumerate(told, start=first))


def test_bytes_that_are_no_text_cost_their_own_row_in_every_dialect(warehouse) -> None:
    for name, sign in DELIMITERS.items():
        row = sign.join(["e{}", "t", "CONTACT", "501", "2026-03-01"])
        lines = [sign.join(HEADER[:5]), row.format(1), row.format(2), row.format(3)]
        for place, bad in enumerate(
            (b"\xff", b"\xc3\x28", b"\x81", b"x\xe2\x82", b"\xf0\x9f\x98", b"M\x9fller")
        ):
            content = "\n".join(lines).encode().replace(b"e2", b"e2" + bad)
            warehouse.write(f"events/{name}-{place}.csv", content)
    warehouse.load()
    assert warehouse.event_ids() == ["e1", "e3"] * 6 * len(DELIMITERS)
    assert {(row["line_number"], row["reason"]) for row in warehouse.rejected()} == {(3, "malformed_row")}


PLAUSIBLE = [
    "Müller",
    "Éric",
    "GÜNTHER",
    "café",
    "O’Brien",
    "don’t",
    "Größe – 5 €",
    "“naïve”",
    "cœur",
    "Þórður",
]
DAMAGE = [
    b"\xff",
    b"\x80",
    b"x\xff",
    b"caf\x8e",
    b"M\x81ller",
    b"\xc8\xe2\xe0\xed",
    "Dvořák".encode("cp1250"),
    b"x\xe2\x82 5",
    b"ma\xb3y",
]


@pytest.mark.parametrize("text", PLAUSIBLE)
def test_words_of_cp1252_are_read_and_beside_utf_8_they_are_damage(text: str, warehouse) -> None:
    header, row = "id,eventType,objectId,occurredAt,note\n", "e1,t,501,2026-03-01,{}\n"
    word = text.encode("cp1252")
    warehouse.write("events/a.csv", header.encode() + row.encode().replace(b"{}", word))
    warehouse.write(
        "events/b.jsonl",
        b'{"id": "e1", "eventType": "t", "objectId": 5, "occurredAt": '
        b'"2026-03-01", "properties": {"note": "%s"}}' % word,
    )
    warehouse.write(
        "events/mixed.csv",
        header.encode() + (row.format("żółw") * 2).encode() + row.encode().replace(b"{}", word),
    )
    warehouse.load()
    notes = [json.loads(row["record"])["properties"]["note"] for row in warehouse.good()]
    assert notes == [text, text, "żółw", "żółw"]
    assert [row["reason"] for row in warehouse.rejected()] == ["malformed_row"]


@pytest.mark.parametrize("bad", DAMAGE)
def test_bytes_that_are_no_words_of_cp1252_stay_damage(bad: bytes, warehouse) -> None:
    header, row = b"id,eventType,objectId,occurredAt,note\n", b"e1,t,501,2026-03-01,Ren\xe9e\n"
    warehouse.write(
        "events/a.csv", header + row.replace(b"Ren\xe9e", b"plain") + row.replace(b"Ren\xe9e", bad)
    )
    warehouse.load()
    assert [(row["line_number"], row["reason"]) for row in warehouse.rejected()] == [(3, "malformed_row")]


HEADERLESS = "e1,e_call_started,CONTACT,501,2026-03-01T10:00:00Z"
BARE = [
    (HEADERLESS, "2026-03-01T10:00:00+00:00"),
    (HEADERLESS + ",", "2026-03-01T10:00:00+00:00"),
    (HEADERLESS + ',"{""a"": ""b""}"', "2026-03-01T10:00:00+00:00"),
    ("1,e_new_thing,0-1,501,1772359200250", "2026-03-01T10:00:00.250000+00:00"),
    ("a b,EVENTS_V2_SEQUENCE_ERRORED,,501.0,2026-3-1 10:00", "2026-03-01T10:00:00+00:00"),
]


@pytest.mark.parametrize(("row", "time"), BARE)
def test_events_without_a_header_lose_no_row(row: str, time: str, warehouse) -> None:
    warehouse.write("events/one.csv", row)
    warehouse.write("events/two.csv", f"{row}\n{row}\n")
    warehouse.write("events/worse.csv", f"{row}\ne2,short\n{row}\n")
    warehouse.load()
    assert [row["line_number"] for row in warehouse.good()] == [1, 1, 2, 1, 3]
    assert {(row["occurred_at"], row["object_id"]) for row in warehouse.good()} == {(time, "501")}
    assert [(row["line_number"], row["reason"]) for row in warehouse.rejected()] == [(2, "malformed_row")]


def test_a_first_row_that_is_bad_among_events_without_a_header_is_one_rejection(warehouse) -> None:
    bad = HEADERLESS.replace("2026-03-01T10:00:00Z", "")
    warehouse.write("events/a.csv", f"{bad}\n{HEADERLESS}\n{HEADERLESS}\n")
    warehouse.load()
    assert [(row["line_number"], row["event_id"] or row["reason"]) for row in warehouse.rows()] == [
        (1, "missing_field"),
        (2, "e1"),
        (3, "e1"),
    ]


NO_HEADER = "has no header: its first line holds values such as {}; write the names of its columns ({}) into"
EVENT_NAMES, OBJECT_NAMES = ",".join(HEADER), "id,updatedAt and the properties'"
UNCLEAR = {
    "four columns": (
        "events/a.csv",
        "e1,t,501,2026-03-01\n" * 3,
        NO_HEADER.format("2026-03-01", EVENT_NAMES),
    ),
    "another order": (
        "events/a.csv",
        "2026-03-01,e1,t,CONTACT,501\n",
        NO_HEADER.format("2026-03-01", EVENT_NAMES),
    ),
    "objects": (
        "objects/deals/a.csv",
        "501,Deal,true\n502,Deal,true\n",
        NO_HEADER.format("501", OBJECT_NAMES),
    ),
    "words that are columns elsewhere": (
        "objects/tasks/a.csv",
        "901,EMAIL,COMPLETED\n902,EMAIL,DEFERRED\n",
        NO_HEADER.format("901", OBJECT_NAMES),
    ),
    "addresses": ("objects/contacts/a.csv", "ann,ann@x.io\n", NO_HEADER.format("ann@x.io", OBJECT_NAMES)),
    "objects by semicolons": (
        "objects/deals/a.csv",
        "501;Deal;3,5\n502;Deal;4,5\n",
        "The file is separated by semicolons and " + NO_HEADER.format("501", OBJECT_NAMES),
    ),
    "two separators": (
        "objects/deals/a.csv",
        "a;b,c\n1;2,3\n",
        "The file may be separated by commas or by semicolons: say which",
    ),
    "rows by another": (
        "events/a.csv",
        "id,eventType,objectId,occurredAt\n1;t;5;2026-03-01\n2;t;5;2026-03-01\n",
        "The header is separated by commas, but the rows are separated by semicolons: write both alike.",
    ),
    "header against sep": (
        "events/a.csv",
        "sep=;\nid,eventType,objectId,occurredAt\n1,t,5,2026-03-01\n",
        "The first line says sep=;, but the header is separated by commas: correct or remove that line.",
    ),
}


@pytest.mark.parametrize("case", UNCLEAR)
@pytest.mark.parametrize("zipped", [False, True])
def test_what_is_not_certain_is_one_rejection_that_says_what_was_seen(
    case: str, zipped: bool, warehouse
) -> None:
    name, text, message = UNCLEAR[case]
    warehouse.write(name + ".gz" * zipped, gzip.compress(text.encode()) if zipped else text)
    report = warehouse.load()
    (row,) = warehouse.rejected("objects" if name.startswith("objects") else "events")
    assert (report.events, report.objects) == (0, 0)
    assert (row["line_number"], row["reason"]) == (None, "unreadable_file")
    assert message in row["message"]
    assert row["message"].endswith(".")


HEADERS = [
    "foo,bar",
    "foo;bar",
    "Foo Bar (EUR)\tWhat is your budget?",
    "id,2024,2025",
    "foo",
    "Идентификатор|название",
    "unbekannt;größe, in cm",
]


@pytest.mark.parametrize("header", HEADERS)
def test_a_header_that_nobody_knows_is_a_header(header: str, warehouse) -> None:
    sign = next((sign for sign in ";\t|," if sign in header), ",")
    row = sign.join("x" * (header.count(sign) + 1))
    warehouse.write("objects/deals/a.csv", f"{header}\n{row}\n{row}\n")
    warehouse.load()
    rows = warehouse.rows("objects")
    assert [row["line_number"] for row in rows] == [2, 3]
    assert {row["reason"] for row in rows} == ({None} if header.startswith("id") else {"missing_field"})


ESCAPES = [
    (r'1,"{\"a\":1}",x', {"j": '{"a":1}', "t": "x"}),
    (r'1,"{\"a\":\"x\\ny\"}","C:\\"', {"j": r'{"a":"x\ny"}', "t": "C:\\"}),
    (r'1,"say \"hi\", ok",\N', {"j": 'say "hi", ok', "t": None}),
    (r'1,"{\"a\":\"x\ny\"}",it\'s', {"j": r'{"a":"x\ny"}', "t": "it's"}),
    (r'1,a\,b,"c\,d\"e"', {"j": "a,b", "t": 'c,d"e'}),
    ('1,"a\\\nb","\\"c"', {"j": "a\nb", "t": '"c'}),
]


@pytest.mark.parametrize(("row", "properties"), ESCAPES)
def test_escapes_of_an_unload_go_and_other_backslashes_stay(row: str, properties: dict, warehouse) -> None:
    certain = r'2,"{\"a\": \"b, c\"}",x'
    warehouse.write("objects/deals/a.csv", f"id,j,t\n{row}\n{certain}\n")
    warehouse.load()
    assert warehouse.rejected("objects") == []
    assert json.loads(warehouse.good("objects")[0]["record"])["properties"] == properties


DOUBLED = [
    (r'1,"{""a"":""say \""hi\""""}",x', {"j": r'{"a":"say \"hi\""}', "t": "x"}),
    (r'1,"C:\",x', {"j": "C:\\", "t": "x"}),
    (r"1,12\" pipe,x", {"j": r"12\" pipe", "t": "x"}),
    (r'1,"a\\b",x', {"j": r"a\\b", "t": "x"}),
]


@pytest.mark.parametrize(("row", "properties"), DOUBLED)
def test_backslashes_of_a_file_with_doubled_quotes_are_text(row: str, properties: dict, warehouse) -> None:
    warehouse.write("objects/deals/a.csv", f"id,j,t\n{row}\n")
    warehouse.load()
    assert warehouse.rejected("objects") == []
    assert json.loads(warehouse.good("objects")[0]["record"])["properties"] == properties


def test_escapes_far_behind_the_beginning_and_over_chunks_are_found(warehouse) -> None:
    plain = "".join(f"{number},{'x' * 90},y\n" for number in range(20_000))
    late = r'99,"{\"a\": \"b, c\"}","q\"' + "\\\\" * 300_001 + '"\n'
    warehouse.write("objects/deals/a.csv", "id,j,t\n" + plain + r'98,"say \"hi\", ok",' + "y\n" + late * 2)
    report = warehouse.load()
    assert (report.objects, report.rejected) == (20_003, 0)
    last = json.loads(warehouse.rows("objects", "object_id = '99'")[-1]["record"])["properties"]
    assert last == {"j": '{"a": "b, c"}', "t": 'q"' + "\\" * 300_001}


def test_a_plain_file_is_read_where_it_lies(warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    from sequence_warehouse.load import reading

    def refuse(*arguments: object) -> None:
        raise AssertionError("copied")

    monkeypatch.setattr(reading, "spool_csv", refuse)
    for name, sign in DELIMITERS.items():
        warehouse.write(f"events/{name}.csv", written([HEADER, [*HEADERLESS.split(","), "é"]], sign))
        warehouse.write(f"events/{name}-bare.csv", written([[*HEADERLESS.split(","), ""]], sign))
    warehouse.load()
    assert len(warehouse.rows()) == 2 * len(DELIMITERS)
