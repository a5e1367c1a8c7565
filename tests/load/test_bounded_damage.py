"""Damage costs what it touches: every row outside of it loads once, and it is told."""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
from collections.abc import Callable

import pytest

Event = Callable[..., str]
HEADER = "id,eventType,objectId,occurredAt,note"


def ids_of(rows: list[dict]) -> dict[str, list[str]]:
    """Ids of the good events by file, without folder."""
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row["source_file"].rsplit("/", 1)[1], []).append(row["event_id"])
    return found


def elements(pick: random.Random, event: Event, count: int) -> list[str]:
    nested = [{"id": "x"}, {"id": "y", "text": 'a, {"b": [1]}'}, {"id": "z"}]
    return [
        event(n, properties={"note": pick.choice(["a", "é{", "],[", '"'])}, extra={"list": nested})
        for n in range(count)
    ]


def wrapped(pick: random.Random, lines: list[str]) -> str:
    between = pick.choice([",", ", ", ",\n", " ,\n  "])
    before, after = pick.choice(
        [("[", "]"), ("[\n", "\n]\n"), ('{"results": [', '], "paging": {"next": {"a": "1"}}}')]
    )
    return before + between.join(lines) + after


@pytest.mark.parametrize("seed", range(4))
def test_a_json_file_that_was_cut_anywhere_loads_up_to_there_and_tells(
    seed: int, warehouse, event: Event
) -> None:
    pick = random.Random(seed)
    expected = {}
    for number in range(12):
        lines = elements(pick, event, 6)
        text = wrapped(pick, lines)
        cut = text[: pick.randrange(text.index(lines[0]) + len(lines[0]), len(text.rstrip()) - 1)]
        name = f"{number:02d}.json" + pick.choice(["", ".gz"])
        warehouse.write(f"events/{name}", gzip.compress(cut.encode()) if name.endswith("gz") else cut)
        expected[name] = [f"e{n}" for n, line in enumerate(lines) if cut.find(line) >= 0]
    warehouse.load()
    assert ids_of(warehouse.good()) == expected, f"seed {seed}"
    assert {row["source_file"][-10:] for row in warehouse.rejected()} == {
        f"portal=1001/events/{name}"[-10:] for name in expected
    }


@pytest.mark.parametrize("seed", range(4))
def test_one_damaged_element_of_an_array_or_page_costs_itself_only(
    seed: int, warehouse, event: Event
) -> None:
    pick = random.Random(seed)
    damages: list[Callable[[str], str]] = [
        lambda line: "word",
        lambda line: "'single'",
        lambda line: line[:-1],
        lambda line: line[1:],
        lambda line: line + "}",
        lambda line: line.replace('"id"', "id", 1),
        lambda line: line.replace(': "', ": ", 1),
        lambda line: line.replace('", ', ", ", 1),
        lambda line: line.replace(": ", " ", 1),
        lambda line: "".join(line.rsplit("]", 1)),
        lambda line: line.replace("e_v2", "e\nv2", 1),
        lambda line: line[: len(line) // 2],
    ]
    expected = {}
    for number, damage in enumerate(damages):
        lines = elements(pick, event, 7)
        bad = pick.randrange(1, 6)
        lines[bad] = damage(lines[bad])
        name = f"{number:02d}.json"
        warehouse.write(f"events/{name}", wrapped(pick, lines))
        expected[name] = {f"e{n}" for n in range(7) if n != bad}
    warehouse.load()
    found = ids_of(warehouse.good())
    for name, ids in expected.items():
        assert len(found[name]) == len(set(found[name])), f"seed {seed}, {name}"
        assert ids <= set(found[name]), f"seed {seed}, {name}"
    assert len({row["source_file"] for row in warehouse.rejected()}) == len(damages), f"seed {seed}"


@pytest.mark.parametrize("seed", range(4))
def test_one_damaged_quote_of_a_csv_file_costs_its_own_row_only(seed: int, warehouse) -> None:
    pick = random.Random(seed)
    expected = {}
    for number in range(8):
        rows = []
        for n in range(30):
            stream = io.StringIO()
            note = pick.choice(["a", "two\nlines, one\n\ncell", 'say "hi"', '{"a": 1}', ""])
            csv.writer(
                stream, lineterminator="\n", quoting=pick.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
            ).writerow([f"e{n}", "t", "5", "2026-03-01", note])
            rows.append(stream.getvalue())
        bad = pick.randrange(30)
        rows[bad] = pick.choice(
            [f'e{bad},t,5,2026-03-01,"open\n', f'e{bad},"t,5,2026-03-01,a\n', f'"e{bad}"x,t,5,2026-03-01,a\n']
        )
        name = f"{number}.csv"
        warehouse.write(f"events/{name}", HEADER + "\n" + "".join(rows))
        expected[name] = [f"e{n}" for n in range(30) if n != bad]
    warehouse.load()
    assert ids_of(warehouse.good()) == expected, f"seed {seed}"
    told = [(row["source_file"], row["reason"]) for row in warehouse.rejected()]
    assert sorted(told) == [(f"portal=1001/events/{name}", "malformed_row") for name in sorted(expected)]
    notes = {json.loads(row["record"])["properties"]["note"] for row in warehouse.good()}
    assert "two\nlines, one\n\ncell" in notes
