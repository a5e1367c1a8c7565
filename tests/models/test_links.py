"""What tables beside the objects say changes without the objects changing: facts follow, load by load."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from sequence_warehouse.build.dbt_build import build
from sequence_warehouse.config.settings import Settings
from sequence_warehouse.load import load
from sequence_warehouse.storage.database import connect
from tests.support.projects import small_project

PORTAL = "3100"
ENROLLED, EXECUTED = "e_v2_contact_enrolled_in_sequence", "e_v2_sequence_step_executed"
BOOKED = "2026-01-06T09:00:00Z"


def event(event_id: str, kind: str, contact: str, at: str) -> dict:
    properties = {"hs_sequence_id": "7", "hs_enrollment_id": f"9{contact}", "hs_step_order": "0"}
    return {
        "id": event_id,
        "eventType": kind,
        "objectType": "CONTACT",
        "objectId": contact,
        "occurredAt": at,
        "properties": properties,
    }


def link(kind: str, object_id: str, contact: str, **more: object) -> dict:
    ends = {
        "fromObjectType": kind,
        "fromObjectId": object_id,
        "toObjectType": "contacts",
        "toObjectId": contact,
    }
    return {"id": f"{kind}/{object_id}/contacts/{contact}"} | ends | more


def told(deal: str, name: str, value: str, updated: str) -> dict:
    ends = {"objectType": "deals", "objectId": deal, "name": name, "value": value}
    return {"id": f"deals/{deal}/{name}"} | ends | {"updatedAt": updated}


FIRST = {
    "events": [
        record
        for contact in ("501", "502")
        for record in (
            event(f"{contact}-1", ENROLLED, contact, "2026-01-05T09:00:00Z"),
            event(f"{contact}-2", EXECUTED, contact, "2026-01-05T10:00:00Z"),
        )
    ],
    "objects/meetings": [
        {
            "id": "1",
            "createdAt": BOOKED,
            "updatedAt": BOOKED,
            "properties": {},
            "associations": {"contacts": ["501"]},
        }
    ],
    "objects/deals": [
        {
            "id": "1",
            "updatedAt": BOOKED,
            "properties": {"dealname": "whole", "createdate": BOOKED, "dealstage": "Signed"},
            "associations": {"contacts": "501;501"},
        }
    ],
    "objects/object_properties": [
        told("2", "dealname", "by property", BOOKED),
        told("2", "createdate", BOOKED, BOOKED),
        told("2", "amount", "5", BOOKED),
    ],
    "objects/associations": [link("deals", "2", "501")],
}
SECOND = {
    "objects/associations": [
        link("meetings", "1", "502", updatedAt="2026-01-07T09:00:00Z"),
        link("deals", "1", "502", updatedAt="2026-01-07T09:00:00Z"),
        link("deals", "2", "501"),
    ],
    "objects/pipeline_stages": [
        {"id": "default/s", "pipelineId": "default", "stageId": "s", "label": "signed", "closedWon": True}
    ],
    "objects/object_properties": [
        told("2", "amount", "7", "2026-01-07T09:00:00Z"),
        told("2", "dealname", "an older name", "2026-01-01T09:00:00Z"),
    ],
}
# the links of the meeting and of the first deal are in no file any more
THIRD = {
    "objects/associations": [link("deals", "2", "502")],
    "objects/merges": [
        {"id": "deals/1", "objectType": "deals", "objectId": "3", "survivorObjectId": "1"},
        {"id": "contacts/501", "objectType": "contacts", "objectId": "501", "survivorObjectId": "502"},
    ],
}


def land(settings: Settings, number: int, files: dict[str, list[dict]]) -> None:
    for folder, records in files.items():
        path = settings.landing / f"portal={PORTAL}" / folder / f"{number}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(json.dumps(record) + "\n" for record in records))
    assert load(settings).files_loaded == len(files)
    build(settings).raise_for_failures()


def served(settings: Settings) -> dict[str, list[tuple]]:
    with connect(settings.database, read_only=True) as connection:
        return {
            name: connection.execute(query).fetchall()
            for name, query in {
                "deals": "select deal_id, deal_name, cast(amount as integer), is_closed_won, "
                "credited_enrollment_id from core.fct_deals order by all",
                "booked": "select enrollment_id, contact_id, is_meeting_booked "
                "from core.fct_enrollments order by all",
            }.items()
        }


@pytest.mark.slow
def test_what_tables_say_of_objects_replaces_what_was_said_before(tmp_path):
    settings = Settings(tmp_path / "landing", tmp_path / "warehouse", small_project(tmp_path / "project"))
    with (settings.project / "seeds" / "snapshot_streams.csv").open("a") as seed:
        seed.write("*,associations\n")

    land(settings, 1, FIRST)
    assert served(settings) == {
        "deals": [("1", "whole", None, False, "9501"), ("2", "by property", 5, False, "9501")],
        "booked": [("9501", "501", True), ("9502", "502", False)],
    }
    land(settings, 2, SECOND)
    assert served(settings) == {
        "deals": [("1", "whole", None, True, "9502"), ("2", "by property", 7, False, "9501")],
        "booked": [("9501", "501", False), ("9502", "502", True)],
    }
    land(settings, 3, THIRD)
    last = {
        "deals": [("1", "whole", None, True, None), ("2", "by property", 7, False, "9502")],
        "booked": [("9501", "502", False), ("9502", "502", False)],
    }
    assert served(settings) == last
    build(replace(settings, full_refresh=True)).raise_for_failures()
    assert served(settings) == last
