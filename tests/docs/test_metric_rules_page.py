"""The page that shows how the rule versions differ must show what they do."""

from __future__ import annotations

import json
import re

import pytest

from sequence_warehouse.config.project import PROJECT
from tests.reference import model
from tests.reference.landed import LandedRecord

PAGE = (PROJECT / "docs" / "metric-rules.md").read_text()
VERSIONS = ("current", "2022", "before_2022")


def _cells(line: str) -> list[str]:
    return [cell.strip(" *") for cell in line.strip("|").split("|")]


def _table() -> dict[str, list[str]]:
    """First column -> what the columns of the versions say."""
    lines = PAGE.split("| contact | what happened |")[1].split("\n")[2:]
    rows = [_cells(line) for line in lines if line.startswith("|")]
    return {row[0]: row[2:] for row in rows}


def _records() -> list[LandedRecord]:
    lines = re.search(r"```json\n(.*?)```", PAGE, re.DOTALL).group(1).strip().split("\n")
    return [
        LandedRecord(1, "events.jsonl", number, "1", "event", json.loads(line))
        for number, line in enumerate(lines, start=1)
    ]


@pytest.mark.parametrize("version", VERSIONS)
def test_the_page_shows_what_each_version_counts(version):
    enrollments = model.build(_records(), {}, version)["fct_enrollments"]
    column = VERSIONS.index(version)
    shown = {name: cells[column] for name, cells in _table().items()}
    for row in enrollments:
        counted = ("R" if row["is_replied"] else "") + ("M" if row["is_meeting_booked"] else "")
        assert shown[row["enrollment_id"]] == (counted or "-"), row["enrollment_id"]
    for name, flag in (("reply rate", "is_replied"), ("meeting rate", "is_meeting_booked")):
        share = sum(row[flag] for row in enrollments) / len(enrollments)
        assert shown[name] == f"{share * 100:.0f} %"
    assert len(enrollments) == 5
