"""The same records through every format and shape give the same raw events."""

import csv
import gzip
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable

import pytest

EVENTS = [
    {
        "id": f"e{number}",
        "eventType": "e_v2_sequence_step_executed",
        "objectType": "CONTACT",
        "objectId": str(500 + number % 2),
        "occurredAt": f"2026-03-0{number}T10:00:00.250Z",
        "properties": {"hs_sequence_id": "77", "note": 'ümlaut, "quote"\nand 𝄞 line', "step": str(number)},
    }
    for number in range(1, 5)
]
LINES = [json.dumps(event) for event in EVENTS]


def csv_text(rows: list[dict], header: list[str] | None = None) -> str:
    """Rows as CSV, under another header if one is given."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(header or list(rows[0]))
    writer.writerows(row.values() for row in rows)
    return stream.getvalue()


def as_table(properties: Callable[[dict], object] = json.dumps) -> list[dict]:
    return [event | {"properties": properties(event["properties"])} for event in EVENTS]


TEXTS = {
    "lines.jsonl": "\n".join(LINES),
    "lines-with-last-break.jsonl": "\n".join(LINES) + "\n",
    "lines-crlf.jsonl": "\r\n".join(LINES),
    "lines-with-bom.jsonl": "\ufeff" + "\n".join(LINES),
    "lines.json": "\n".join(LINES),
    "page-in-one-line.json": json.dumps({"results": EVENTS, "paging": {"next": {"after": "4"}}}),
    "page-with-bom.json": "\ufeff" + json.dumps({"results": EVENTS}),
    "page-indented.json": json.dumps({"results": EVENTS}, indent=2),
    "page-indented-crlf.json": json.dumps({"results": EVENTS}, indent=2).replace("\n", "\r\n"),
    "page-a-line.json": "\n".join(json.dumps({"results": EVENTS[n : n + 2]}) for n in (0, 2)),
    "array.json": json.dumps(EVENTS),
    "array-indented.json": json.dumps(EVENTS, indent=2),
    "array-after-blank-lines.json": "\n \n" + json.dumps(EVENTS),
    "objects-indented.json": "\n".join(json.dumps(event, indent=2) for event in EVENTS),
    "rows.csv": csv_text(as_table()),
    "rows-with-bom.csv": "\ufeff" + csv_text(as_table()),
    "rows-upper-case.csv": csv_text(
        as_table(), ["ID", "EVENT_TYPE", "OBJECT_TYPE", "OBJECT_ID", "OCCURRED_AT", "PROPERTIES"]
    ),
    "rows-snake-case.csv": csv_text(
        as_table(), ["event_id", "event_type", "object_type_id", "object_id", "occurred_at", "properties"]
    ),
}

PARQUET = {
    "text.parquet": "properties",
    "json.parquet": "properties::json",
    "map.parquet": "properties::json::map(varchar, varchar)",
    "struct.parquet": 'from_json(properties, \'{"hs_sequence_id": "VARCHAR", '
    '"note": "VARCHAR", "step": "VARCHAR"}\')',
    "bytes.parquet": "encode(properties)",
}
TIMES = {
    "text": "{0}",
    "timestamptz": "{0}::timestamptz",
    "timestamp": "{0}::timestamptz::timestamp",
    "nanoseconds": "{0}::timestamptz::timestamp::timestamp_ns",
    "milliseconds": "{0}::timestamptz::timestamp::timestamp_ms",
    "epoch": "epoch_ms({0}::timestamptz)",
    "epoch-text": "epoch_ms({0}::timestamptz)::varchar",
    "epoch-double": "epoch_ms({0}::timestamptz)::double",
}


def content(row: dict) -> tuple:
    """What every format must agree on."""
    fields = ("portal_id", "event_type", "event_id", "object_type", "object_id", "occurred_at")
    properties = json.loads(row["record"])["properties"]
    return (*(row[field] for field in fields), json.dumps(properties, sort_keys=True))


EXPECTED = [
    (
        "1001",
        event["eventType"],
        event["id"],
        "CONTACT",
        event["objectId"],
        event["occurredAt"].replace("250Z", "250000+00:00"),
        json.dumps(event["properties"], sort_keys=True),
    )
    for event in EVENTS
]


def landed_table(warehouse) -> str:
    """A relation of the events with text columns, to write Parquet from."""
    path = warehouse.settings.landing.parent / "events.csv"
    path.write_text(csv_text(as_table()))
    return f"read_csv('{path}', all_varchar = true)"


def by_file(rows: list[dict]) -> dict[str, list[tuple]]:
    """Contents by the file's name."""
    files: dict[str, list[tuple]] = {}
    for row in rows:
        files.setdefault(row["source_file"].split("/")[-1], []).append(content(row))
    return files


@pytest.mark.parametrize("name", TEXTS)
def test_every_text_format_gives_the_same_events(name: str, warehouse) -> None:
    warehouse.write(f"events/{name}", TEXTS[name])
    warehouse.load()
    assert warehouse.rejected() == []
    assert [content(row) for row in warehouse.good()] == EXPECTED


def test_every_text_format_gives_the_same_events_zipped_and_beside_others(warehouse) -> None:
    for name, text in TEXTS.items():
        warehouse.write(f"events/{name}.gz", gzip.compress(text.encode()))
        warehouse.write(f"events/{name}", text)
    warehouse.load()
    assert warehouse.rejected() == []
    assert by_file(warehouse.good()) == dict.fromkeys([*TEXTS, *(f"{name}.gz" for name in TEXTS)], EXPECTED)


@pytest.mark.parametrize("name", PARQUET)
def test_every_type_of_parquet_properties_gives_the_same_events(name: str, warehouse) -> None:
    table = landed_table(warehouse)
    warehouse.write_parquet(
        f"events/{name}", f"select * replace ({PARQUET[name]} as properties) from {table}"
    )
    warehouse.load()
    assert warehouse.rejected() == []
    assert [content(row) for row in warehouse.good()] == EXPECTED


def test_every_type_of_parquet_time_gives_the_same_events(warehouse) -> None:
    table = landed_table(warehouse)
    for kind, time in TIMES.items():
        time = time.format('"occurredAt"')
        query = f'select * replace ({time} as "occurredAt") from {table}'
        warehouse.write_parquet(f"events/{kind}.parquet", query)
    warehouse.load()
    assert warehouse.rejected() == []
    assert by_file(warehouse.good()) == {f"{kind}.parquet": EXPECTED for kind in TIMES}


def test_whole_numbers_are_the_same_ids_in_every_type(warehouse) -> None:
    kinds = ["bigint", "integer", "double", "float", "decimal(18, 2)", "hugeint", "varchar"]
    table = landed_table(warehouse)
    for place, kind in enumerate(kinds):
        ids = f'"objectId"::{kind} as "objectId", 7::{kind} as id'
        warehouse.write_parquet(f"events/{place}.parquet", f"select * replace ({ids}) from {table}")
    report = warehouse.load()
    assert (report.events, report.rejected) == (4 * len(kinds), 0)
    assert {(row["event_id"], row["object_id"]) for row in warehouse.good()} == {("7", "500"), ("7", "501")}


HEADERS = [
    "id,eventType,objectType,objectId,occurredAt,properties",
    "ID,EVENTTYPE,OBJECTTYPE,OBJECTID,OCCURREDAT,PROPERTIES",
    "Id,Event_Type,Object_Type,Object_Id,Occurred_At,Properties",
    "_id,event__type,OBJECT_type,object_ID,occurred_at_,pro_per_ties",
    "Event ID,Event type,Object type,Object ID,Occurred at,properties",
]


def test_column_names_count_in_any_letter_case_and_with_or_without_underscores(warehouse) -> None:
    for place, names in enumerate(HEADERS):
        path = warehouse.write(f"events/{place}.csv", csv_text(as_table(), names.split(",")))
        table = f"read_csv('{path}', all_varchar = true, hive_partitioning = false)"
        warehouse.write_parquet(f"events/{place}.parquet", f"from {table}")
    warehouse.load()
    assert by_file(warehouse.good()) == {
        f"{place}.{extension}": EXPECTED for place in range(len(HEADERS)) for extension in ("csv", "parquet")
    }


@pytest.mark.parametrize("file_format", ["csv", "parquet"])
def test_any_other_column_is_a_property_in_lower_case(file_format: str, warehouse) -> None:
    columns = {
        "id": "e1",
        "EVENT_TYPE": "e_call_started",
        "OBJECT_ID": "501",
        "OCCURRED_AT": "2026-03-01",
        "HS_Sequence_Id": "77",
        "filename": "f",
        "line_number": "3",
        "text": "t",
        "portal_id": "8",
        "file_row_number": "5",
        'it\'s "odd"': "o",
    }
    if file_format == "csv":
        warehouse.write("events/rows.csv", csv_text([columns]))
    else:
        path = warehouse.settings.landing.parent / "rows.csv"
        path.write_text(csv_text([columns]))
        warehouse.write_parquet("events/rows.parquet", f"from read_csv('{path}', all_varchar = true)")
    warehouse.load()
    (row,) = warehouse.good()
    assert json.loads(row["record"])["properties"] == {
        name.lower(): value for name, value in list(columns.items())[4:]
    }
    assert row["portal_id"] == "1001"


def test_a_property_in_the_properties_column_beats_a_column_of_the_same_name(warehouse) -> None:
    warehouse.write(
        "events/rows.csv",
        'id,eventType,objectId,occurredAt,properties,A,b\n1,t,5,2026-03-01,"{""a"": ""own""}",other,b\n',
    )
    warehouse.load()
    (row,) = warehouse.good()
    assert json.loads(row["record"])["properties"] == {"a": "own", "b": "b"}


def test_columns_without_a_name_or_twice_are_properties_too(warehouse) -> None:
    warehouse.write("events/rows.csv", "id,id,eventType,objectId,occurredAt,,a,A\n1,7,t,5,2026-03-01,x,y,z\n")
    warehouse.load()
    (row,) = warehouse.good()
    assert row["event_id"] == "1"
    assert sorted(json.loads(row["record"])["properties"].values()) == ["7", "x", "y", "z"]


NAMED = {
    "events/EVENTS_V2_SEQUENCE_STEP_EXECUTED.csv": "e_v2_sequence_step_executed",
    "events/events_v2_sequence_step_executed_2026_03.csv": "e_v2_sequence_step_executed",
    "events/e_v2_sequence_step_executed.csv": "e_v2_sequence_step_executed",
    "events/EVENTS_V2_SEQUENCE_STEP_EXECUTED/part-1.csv": "e_v2_sequence_step_executed",
    "events/EVENTS_V2_SEQUENCE_STEP_EXECUTED/2026/03/part-1.csv": "e_v2_sequence_step_executed",
    "events/EVENTS_V2_SEQUENCE_ERRORED/e_deal_closed.csv": "e_deal_closed",
    "events/EVENTS_OPENED_TRACKED_INBOX_EMAIL_V8.csv": "e_opened_tracked_inbox_email_v8",
    "events/events_something_new_20260301.csv": "e_something_new",
    "events/part-1.csv": None,
}


def test_without_a_column_the_event_type_comes_from_the_file_s_or_folder_s_name(warehouse) -> None:
    for name in NAMED:
        warehouse.write(name, "id,objectId,occurredAt\n1,5,2026-03-01\n")
    warehouse.load()
    given = {row["source_file"].removeprefix("portal=1001/"): row["event_type"] for row in warehouse.rows()}
    assert given == NAMED
    (row,) = warehouse.rejected()
    assert row["message"] == "The required field eventType is missing or empty."


def test_an_event_type_column_beats_the_file_s_name(warehouse) -> None:
    warehouse.write(
        "events/e_deal_closed.csv", "id,eventType,objectId,occurredAt\n1,e_call_ended,5,2026-03-01\n"
    )
    warehouse.load()
    assert [row["event_type"] for row in warehouse.good()] == ["e_call_ended"]


READABLE_TIMES = [
    ("2026-03-01", "2026-03-01T00:00:00+00:00"),
    ("2026-03-01T10:00:00", "2026-03-01T10:00:00+00:00"),
    ("2026-03-01 10:00:00.5", "2026-03-01T10:00:00.500000+00:00"),
    ("2026-03-01T10:00Z", "2026-03-01T10:00:00+00:00"),
    ("2026-03-01t10:00:00z", "2026-03-01T10:00:00+00:00"),
    ("2026-03-01T10:00:00,250Z", "2026-03-01T10:00:00.250000+00:00"),
    ("2026-03-01T10:00:00.123456789Z", "2026-03-01T10:00:00.123456+00:00"),
    ("2026-03-01T10:00:00+05:30", "2026-03-01T04:30:00+00:00"),
    ("2026-03-01T10:00:00-0800", "2026-03-01T18:00:00+00:00"),
    ("2026-03-01T10:00:00+01", "2026-03-01T09:00:00+00:00"),
    ("2026-03-01 10:00:00.000 +0000", "2026-03-01T10:00:00+00:00"),
    ("2026-03-01 10:00:00.000 -0800", "2026-03-01T18:00:00+00:00"),
    ("2026-03-01 10:00 +01:00", "2026-03-01T09:00:00+00:00"),
    ("2026-03-01 10:00:00 UTC", "2026-03-01T10:00:00+00:00"),
    ("  2026-03-01T10:00:00Z ", "2026-03-01T10:00:00+00:00"),
    (1772359200250, "2026-03-01T10:00:00.250000+00:00"),
    ("1772359200250", "2026-03-01T10:00:00.250000+00:00"),
    (1772359200250.0, "2026-03-01T10:00:00.250000+00:00"),
    (1.77235920025e12, "2026-03-01T10:00:00.250000+00:00"),
    (1772359200, "2026-03-01T10:00:00+00:00"),
    ("1772359200.25", "2026-03-01T10:00:00.250000+00:00"),
    (1772359200250000, "2026-03-01T10:00:00.250000+00:00"),
    ("1772359200250000999", "2026-03-01T10:00:00.250001+00:00"),
    (-100000000, "1966-10-31T14:13:20+00:00"),
    ("20260301T100000Z", "2026-03-01T10:00:00+00:00"),
    ("20260301T1000+0100", "2026-03-01T09:00:00+00:00"),
    ("2026-3-1 9:05", "2026-03-01T09:05:00+00:00"),
]


def test_times_are_read_as_iso_8601_or_as_an_epoch_by_its_magnitude(warehouse, event) -> None:
    lines = [event(number, occurredAt=given) for number, (given, _) in enumerate(READABLE_TIMES)]
    warehouse.write("events/a.jsonl", "\n".join(lines))
    warehouse.load()
    read = {row["line_number"]: row["occurred_at"] for row in warehouse.rows()}
    times = [(given, read[number]) for number, (given, _) in enumerate(READABLE_TIMES, start=1)]
    assert times == READABLE_TIMES


def test_a_time_without_offset_is_utc_wherever_the_computer_stands(warehouse, event) -> None:
    warehouse.write("events/a.jsonl", event(1, occurredAt="2026-03-01T10:00:00"))
    warehouse.write("events/a.csv", "id,eventType,objectId,occurredAt\n1,t,5,2026-03-01T10:00:00\n")
    warehouse.write_parquet(
        "events/a.parquet",
        "select '1' as id, 't' as event_type, '5' as object_id, "
        "timestamp '2026-03-01 10:00:00' as occurred_at",
    )
    settings = warehouse.settings
    program = (
        "from pathlib import Path\n"
        "from sequence_warehouse.load import load\n"
        "from sequence_warehouse.config.settings import Settings\n"
        f"load(Settings(Path({str(settings.landing)!r}), Path({str(settings.warehouse)!r})))"
    )
    # a process of its own: the time zone is asked for once
    environment = os.environ | {"TZ": "America/New_York"}
    subprocess.run([sys.executable, "-c", program], env=environment, cwd=settings.project, check=True)
    assert [row["occurred_at"] for row in warehouse.good()] == ["2026-03-01T10:00:00+00:00"] * 3


OBJECT_TYPES = [
    ("CONTACT", "CONTACT"),
    ("contact", "CONTACT"),
    ("0-1", "CONTACT"),
    ("", "CONTACT"),
    (None, "CONTACT"),
    ("0-2", "COMPANY"),
    ("0-11", "0-11"),
    ("0-136", "0-136"),
    ("COMPANY", "COMPANY"),
]


def test_only_no_type_and_0_1_stand_for_contacts_and_known_ids_for_their_types(warehouse, event) -> None:
    lines = [event(number, objectType=given) for number, (given, _) in enumerate(OBJECT_TYPES)]
    warehouse.write("events/a.jsonl", "\n".join(lines))
    warehouse.load()
    assert [row["object_type"] for row in warehouse.good()] == [expected for _, expected in OBJECT_TYPES]


@pytest.mark.parametrize("shape", ["page", "array"])
@pytest.mark.parametrize("zipped", [False, True], ids=["plain", "gz"])
def test_a_page_or_array_in_one_line_may_be_longer_than_a_record(
    shape: str, zipped: bool, warehouse, event
) -> None:
    events = [json.loads(event(number)) for number in range(27_000)]
    text = json.dumps({"results": events} if shape == "page" else events).encode()
    assert len(text) > 5_000_000
    warehouse.write("events/a.json" + ".gz" * zipped, gzip.compress(text, 1) if zipped else text)
    report = warehouse.load()
    assert (report.events, report.rejected) == (27_000, 0)
    assert warehouse.rows(where="line_number in (1, 27000)")[1]["event_id"] == "e26999"


def test_objects_of_any_type_load_with_their_type_archived_mark_and_time(warehouse) -> None:
    warehouse.write(
        "objects/contacts/a.jsonl",
        '{"id": 1, "updatedAt": "2026-03-01T10:00:00Z", "archived": true}\n{"id": "2", "properties": {}}\n',
    )
    warehouse.write("objects/Deals/2026/a.csv", "ID,UPDATED_AT,ARCHIVED,AMOUNT\n3,2026-03-01,FALSE,10\n")
    warehouse.write("objects/widgets/a.json", '{"results": [{"id": "4", "archived": "true"}]}')
    warehouse.write_parquet(
        "objects/owners/a.parquet", "select 5 as id, timestamptz '2026-03-01' as updated_at, true as archived"
    )
    report = warehouse.load()
    assert (report.events, report.objects, report.rejected) == (0, 5, 0)
    fields = ("object_type", "object_id", "updated_at", "archived")
    assert sorted(tuple(row[field] for field in fields) for row in warehouse.good("objects")) == [
        ("contacts", "1", "2026-03-01T10:00:00+00:00", True),
        ("contacts", "2", None, False),
        ("deals", "3", "2026-03-01T00:00:00+00:00", False),
        ("owners", "5", "2026-03-01T00:00:00+00:00", True),
        ("widgets", "4", None, True),
    ]


def test_associations_of_objects_are_opened_in_csv(warehouse) -> None:
    warehouse.write(
        "objects/deals/a.csv", 'id,associations\n3,"{""contacts"": {""results"": [{""id"": ""1""}]}}"\n'
    )
    warehouse.load()
    (row,) = warehouse.good("objects")
    assert json.loads(row["record"])["associations"] == {"contacts": {"results": [{"id": "1"}]}}
