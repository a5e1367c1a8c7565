"""Random good and bad lines over random files and formats, against a slow and plain reading of them."""

import csv
import gzip
import io
import json
import random
from collections import Counter

import pytest

TIMES = ["2026-03-01T10:00:00Z", "2026-03-01", 1772359200000, "1772359200000", "2026-03-01T10:00:00+02:00"]
BAD_TIMES = ["yesterday", "", None, [], 10**20, 20260105, "45000", "2026-13-01T00:00:00Z"]
BLANKS = ["", " ", "\t", "\r", "  \t "]
JUNK = ["{", "[1]", "5", '"text"', "null", "true", "no JSON", "{'a': 1}", "\x00", "}{", '{"id": "e1"', "{}{}"]


def record(pick: random.Random) -> dict[str, object]:
    """An event, often good, with a small space of ids so that there are duplicates."""
    event: dict[str, object] = {
        "id": pick.choice([f"e{pick.randrange(40)}", pick.randrange(40)]),
        "eventType": pick.choice(["e_a", "e_b"]),
        "objectId": pick.choice(["501", 502]),
        "occurredAt": pick.choice(TIMES),
    }
    if pick.random() < 0.7:
        event["properties"] = {"n": pick.randrange(9), "text": pick.choice(["é𝄞", 'a"b', "a\nb", "\x1f", ""])}
    if pick.random() < 0.25:
        field = pick.choice(list(event))
        bad = {"occurredAt": BAD_TIMES, "properties": [[], "x", 5], "eventType": [None, "", 5, {}]}
        event[field] = pick.choice(bad.get(field, [None, "", "  ", {}, [], True]))
    if pick.random() < 0.05:
        del event[pick.choice(list(event))]
    return event


def is_good(event: object) -> bool:
    """Whether the contract lets an event in."""
    if not isinstance(event, dict):
        return False

    def text(name: str) -> str:
        value = event.get(name)
        if isinstance(value, str):
            return value.strip(" ")
        return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""

    return (
        all(text(name) for name in ("id", "eventType", "objectId"))
        and isinstance(event["eventType"], str)
        and event.get("occurredAt") in TIMES
        and isinstance(event.get("properties") or {}, dict)
        and not isinstance(event.get("properties"), list)
    )


def plain_reading(line: str) -> object:
    """The line as ``json`` reads it; None when it does not."""
    try:
        return json.loads(line)
    except ValueError:
        return None


def as_lines(pick: random.Random) -> tuple[bytes, list[object]]:
    """A file of JSON lines, some of them blank or junk, and its non-blank lines read plainly."""
    lines = []
    for _ in range(pick.randrange(60)):
        line = json.dumps(record(pick), ensure_ascii=pick.random() < 0.5)
        chance = pick.random()
        if chance < 0.1:
            line = pick.choice(BLANKS)
        elif chance < 0.2:
            line = pick.choice(JUNK)
        elif chance < 0.25:
            line = line[: pick.randrange(1, len(line))]
        lines.append(line)
    end = pick.choice(["\n", "\r\n"])
    content = end.join(lines) + pick.choice(["", end, end * 3])
    records = [plain_reading(line) for line in lines if line.strip(" \t\r")]
    return content.encode(), records


def as_csv(pick: random.Random) -> tuple[bytes, list[object]]:
    """A CSV file, some of its rows too short or too long, and its rows read plainly."""
    header = ["id", "eventType", "objectId", "occurredAt", "properties"]
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator=pick.choice(["\n", "\r\n"]))
    writer.writerow(pick.choice([header, [name.upper() for name in header]]))
    records: list[object] = []
    for _ in range(pick.randrange(40)):
        event = {
            name: value for name, value in record(pick).items() if not isinstance(value, dict | list | bool)
        }
        event = {name: value for name, value in event.items() if name != "properties"}
        properties = pick.choice(["", '{"n": 1}', "[1]", "text", "5"])
        row = [event.get(name, "") for name in header[:4]] + [properties]
        chance = pick.random()
        if chance < 0.1:
            row = row[: pick.randrange(2, 5)]
        elif chance < 0.2:
            row = [*row, "one", "more"]
        writer.writerow(row)
        texts = {
            name: str(value) if value is not None else "" for name, value in zip(header, row, strict=False)
        }
        texts["occurredAt"] = next(
            (time for time in TIMES if str(time) == texts.get("occurredAt")), texts.get("occurredAt")
        )
        is_whole = len(row) == 5 and properties in ("", '{"n": 1}')
        records.append(texts | {"properties": {}} if is_whole else None)
    return stream.getvalue().encode(), records


def as_document(pick: random.Random) -> tuple[bytes, list[object]]:
    """An API page or an array, in one line or indented, with some elements that are no events."""
    elements = [
        record(pick) if pick.random() < 0.9 else pick.choice([5, "x", None, [], True])
        for _ in range(pick.randrange(30))
    ]
    document = pick.choice([elements, {"results": elements, "paging": None}])
    return json.dumps(document, indent=pick.choice([None, 2])).encode(), elements


@pytest.mark.parametrize("seed", range(12))
def test_what_is_accepted_and_rejected_is_what_a_plain_reading_says(seed: int, warehouse) -> None:
    pick = random.Random(seed)
    files: dict[str, list[object]] = {}
    for number in range(12):
        extension, write = pick.choice(
            [("jsonl", as_lines), ("json", as_lines), ("csv", as_csv), ("json", as_document)]
        )
        content, records = write(pick)
        if extension == "json" and write is as_lines and not any(isinstance(r, dict) for r in records):
            continue  # nothing in it tells JSON lines from a damaged document
        if extension == "json" and write is as_lines and content.lstrip().startswith(b"["):
            extension = "jsonl"  # a .json file that starts like an array is one
        name = f"events/{pick.choice(['', 'a/', 'b/c/'])}{number}.{extension}"
        if pick.random() < 0.4:
            content, name = gzip.compress(content), f"{name}.gz"
        warehouse.write(name, content)
        files[f"portal=1001/{name}"] = records
    report = warehouse.load()

    expected = {
        name: Counter(
            (event["eventType"].strip(" "), str(event["id"]).strip(" "))
            for event in records
            if is_good(event)
        )
        for name, records in files.items()
    }
    accepted: dict[str, Counter] = {name: Counter() for name in files}
    for row in warehouse.good():
        accepted[row["source_file"]][row["event_type"], row["event_id"]] += 1
    assert accepted == expected
    rejected = Counter(row["source_file"] for row in warehouse.rejected())
    assert rejected == Counter(
        {name: len(records) - expected[name].total() for name, records in files.items()}
    )
    # nothing is lost: every record that is not blank is one row
    assert report.events + report.rejected == sum(len(records) for records in files.values())
    in_ledger = {row["source_file"]: row["records"] + row["rejected"] for row in warehouse.rows("files")}
    assert in_ledger == {name: len(records) for name, records in files.items()}
