"""Every reason for a rejection, as reviewed cases: ``fixtures/<reason>/landing`` and ``expected.json``.

``expected.json`` lists the good records by file, line and id, and the rejected ones with their reason
and message.
"""

import json
import shutil
from pathlib import Path

import pytest

from sequence_warehouse.load.parsing import REASONS

CASES = sorted((Path(__file__).parent / "fixtures").iterdir())


def outcome(warehouse) -> dict[str, list]:
    """All that was loaded, in the shape of ``expected.json``."""
    families = {"events": "event_id", "objects": "object_id"}
    return {
        "good": [
            [row["source_file"], row["line_number"], row[identity]]
            for family, identity in families.items()
            for row in warehouse.good(family)
        ],
        "rejected": [
            [row["source_file"], row["line_number"], row["reason"], row["message"]]
            for family in families
            for row in warehouse.rejected(family)
        ],
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_bad_record_is_rejected_with_its_reason_and_all_others_load(case: Path, warehouse) -> None:
    shutil.copytree(case / "landing", warehouse.settings.landing, dirs_exist_ok=True)
    warehouse.load()
    assert outcome(warehouse) == json.loads((case / "expected.json").read_text())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_rejected_row_keeps_where_it_came_from_and_its_text_and_no_field(case: Path, warehouse) -> None:
    shutil.copytree(case / "landing", warehouse.settings.landing, dirs_exist_ok=True)
    warehouse.load()
    for family in ("events", "objects"):
        for row in warehouse.rejected(family):
            path = warehouse.settings.landing / row["source_file"]
            assert row["message"].endswith(".")
            assert row["load_id"] and row["loaded_at"]
            if row["line_number"] is not None and path.suffix == ".jsonl":
                assert row["record"] == path.read_text().split("\n")[row["line_number"] - 1]
            fields = {"event_type", "event_id", "object_id", "occurred_at", "updated_at"} & set(row)
            assert all(row[field] is None for field in fields)


def test_every_reason_of_the_closed_list_has_a_case_and_no_other_exists() -> None:
    generated = {"record_too_large", "nested_too_deeply"}  # below, and in test_nesting
    assert {case.name for case in CASES} | generated == set(REASONS)
    for case in CASES:
        rejected = json.loads((case / "expected.json").read_text())["rejected"]
        assert case.name in {reason for _, _, reason, _ in rejected}
        assert {reason for _, _, reason, _ in rejected} <= set(REASONS)


@pytest.mark.parametrize(
    ("file_format", "megabytes"),
    [("jsonl", 4.1), ("jsonl", 17), ("json", 4.1), ("csv", 4.1), ("csv", 17), ("parquet", 4.1)],
)
def test_a_record_of_more_than_4_million_characters_is_rejected(
    file_format: str, megabytes: float, warehouse, event
) -> None:
    long = "x" * int(megabytes * 1024 * 1024)
    name = f"events/long.{file_format}"
    if file_format == "csv":
        rows = [f"e{number},t,501,2026-03-01,{long if number == 2 else 'a'}\n" for number in (1, 2, 3)]
        warehouse.write(name, "id,eventType,objectId,occurredAt,note\n" + "".join(rows))
    elif file_format == "parquet":
        warehouse.write_parquet(
            name,
            "select 'e' || i as id, 't' as event_type, '501' as object_id, '2026-03-01' as occurred_at, "
            f"repeat('x', case i when 2 then {len(long)} else 1 end) as note from range(1, 4) as t (i)",
        )
    else:
        lines = [event(1), event(2, properties={"note": long}), event(3)]
        warehouse.write(name, "\n".join(lines))
    warehouse.load()
    first = {"csv": 2}.get(file_format, 1)
    assert [(row["line_number"], row["event_id"]) for row in warehouse.good()] == [
        (first, "e1"),
        (first + 2, "e3"),
    ]
    assert [(row["line_number"], row["reason"], row["message"]) for row in warehouse.rejected()] == [
        (first + 1, "record_too_large", "The record is longer than 4 million characters.")
    ]
