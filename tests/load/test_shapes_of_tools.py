"""Records in the shapes of tools become HubSpot's, whatever the format they come in."""

import csv
import io
import json

import pytest

from sequence_warehouse.load.spellings import Spellings
from sequence_warehouse.seeds import Seeds

AT = "2026-01-02T09:00:00.000Z"

# (file, record) -> (object type, id, what its record holds at least)
OBJECTS = {
    "flat, as dlt": (
        "objects/deals/deals",
        {
            "id": "1",
            "dealname": "A",
            "hs_lastmodifieddate": AT,
            "contacts": [{"value": "1", "contacts_id": "5"}],
        },
        ("deals", "1", {"updatedAt": AT, "associations": {"contacts": [{"value": "1", "contacts_id": "5"}]}}),
    ),
    "prefixes, as dlt in Parquet": (
        "objects/deals/deals",
        {"id": "1", "updated_at": AT, "properties__dealname": "A"},
        ("deals", "1", {"updatedAt": AT, "properties": {"dealname": "A"}}),
    ),
    "prefixes, as Fivetran": (
        "objects/deals/deal",
        {"deal_id": "1", "deal_pipeline_id": "p", "deal_pipeline_stage_id": "s", "property_amount": "5"},
        ("deals", "1", {"properties": {"pipeline": "p", "dealstage": "s", "amount": "5"}}),
    ),
    "capitals, as the share": (
        "objects/deals/OBJECTS_DEALS/data_0_0_0",
        {"OBJECTTYPEID": "0-3", "OBJECTID": "1", "UPDATEDAT": AT, "PROPERTY_DEALNAME": "A"},
        ("deals", "1", {"updatedAt": AT, "properties": {"dealname": "A"}}),
    ),
    "what the share could not parse": (
        "objects/deals/OBJECTS_DEALS/data_0_0_0",
        {"OBJECTID": "1", "PROPERTY_AMOUNT": "", "PROPERTY_UNPARSED_AMOUNT": "1 000,5"},
        ("deals", "1", {"properties": {"amount": "1 000,5"}}),
    ),
    "the share's table of all types": (
        "objects/object_with_object_properties/data",
        {"OBJECTTYPEID": "0-1", "OBJECTID": "5", "UPDATEDAT": AT, "PROPERTIES": {"EMAIL": "a@x.test"}},
        ("contacts", "5", {"updatedAt": AT, "properties": {"email": "a@x.test"}}),
    ),
    "camel case, as Singer": (
        "objects/deals/deals",
        {
            "dealId": "1",
            "associations": {"associatedVids": ["5"]},
            "properties": {"dealname": {"value": "A"}},
        },
        ("deals", "1", {"associations": {"contacts": ["5"]}, "properties": {"dealname": {"value": "A"}}}),
    ),
    "a contact of Singer's": (
        "objects/contacts/contacts",
        {"vid": "5", "merged-vids": "6", "property_email": {"value": "a@x.test"}},
        ("contacts", "5", {"properties": {"hs_merged_object_ids": "6", "email": {"value": "a@x.test"}}}),
    ),
    "titles, as HubSpot's own exports": (
        "objects/deals/all-deals",
        {"Record ID": "1", "Deal Name": "A", "Deal Stage": "s", "Associated Contact IDs": "5;6"},
        (
            "deals",
            "1",
            {"associations": {"contacts": "5;6"}, "properties": {"dealname": "A", "dealstage": "s"}},
        ),
    ),
    "links at the top, as Airbyte": (
        "objects/deals/deals",
        {"id": "1", "properties": {"dealname": "A"}, "updatedAt": AT, "contacts": ["5", "5"]},
        ("deals", "1", {"updatedAt": AT, "associations": {"contacts": ["5", "5"]}}),
    ),
    "links in capitals": (
        "objects/deals/deals",
        {"id": "1", "properties": {}, "Contacts": ["5"]},
        ("deals", "1", {"associations": {"contacts": ["5"]}}),
    ),
    "an owner of Fivetran's": (
        "objects/owners/owner",
        {"owner_id": "9", "active_user_id": "77", "first_name": "Kari", "last_name": "Nes"},
        ("owners", "9", {"userId": "77", "firstName": "Kari", "lastName": "Nes"}),
    ),
    "an engagement by its type": (
        "objects/engagements/engagements",
        {"id": "3", "properties": {"hs_engagement_type": "MEETING"}, "updatedAt": AT},
        ("meetings", "3", {"updatedAt": AT}),
    ),
    "a link of Fivetran's": (
        "objects/deals/deal_contact",
        {"contact_id": "5", "deal_id": "1", "type_id": "3", "_fivetran_synced": AT},
        (
            "associations",
            "deals/1/contacts/5",
            {"fromObjectType": "deals", "fromObjectId": "1", "toObjectType": "contacts", "toObjectId": "5"},
        ),
    ),
    "a link of an engagement": (
        "objects/meetings/engagement_contact",
        {"engagement_id": "3", "contact_id": "5"},
        ("associations", "meetings/3/contacts/5", {"fromObjectType": "meetings", "toObjectId": "5"}),
    ),
    "a link of the share's": (
        "objects/associations/ASSOCIATIONS_DEALS_TO_CONTACTS/data_0",
        {"DEAL_OBJECTID": "1", "CONTACT_OBJECTID": "5"},
        ("associations", "deals/1/contacts/5", {"fromObjectId": "1", "toObjectId": "5"}),
    ),
    "a link the other way round": (
        "objects/associations/contact_deal",
        {"from_id": "5", "to_id": "1"},
        ("associations", "deals/1/contacts/5", {"fromObjectType": "deals", "toObjectType": "contacts"}),
    ),
    "a contact's company": (
        "objects/associations/companies_to_contacts",
        {"company_id": "8", "contact_id": "5"},
        ("associations", "contacts/5/companies/8", {"fromObjectType": "contacts"}),
    ),
    "an answer of the batch read": (
        "objects/associations/deals_contacts",
        {"from": {"id": "1"}, "to": [{"toObjectId": 5}]},
        ("associations", "deals/1/contacts", {"fromObjectId": "1", "results": [{"toObjectId": 5}]}),
    ),
    "a child table of dlt's": (
        "objects/deals/deals__contacts",
        {"value": "1", "contacts_id": "5", "_dlt_parent_id": "x", "_dlt_list_idx": "0"},
        ("associations", "deals/1/contacts/5", {"fromObjectId": "1", "toObjectId": "5"}),
    ),
    "a time of change with its history": (
        "objects/contacts/contacts",
        {"vid": "5", "property_lastmodifieddate": {"value": AT, "timestamp": 1}},
        ("contacts", "5", {"updatedAt": AT}),
    ),
    "values apart, as Stitch": (
        "objects/deals/deals",
        {"dealId": "1", "property_amount__value": "5", "property_amount__timestamp": AT},
        ("deals", "1", {"properties": {"amount": "5"}}),
    ),
    "a set of links that is gone": (
        "objects/associations/associations",
        {
            "id": "deals/1/contacts",
            "fromObjectType": "deals",
            "fromObjectId": "1",
            "toObjectType": "contacts",
            "results": [{"id": "5"}],
            "archived": False,
            "isDeleted": "1",
        },
        ("associations", "deals/1/contacts", {"results": [{"id": "5"}], "archived": "1"}),
    ),
    "a property of its own that is gone": (
        "objects/object_properties/object_properties",
        {
            "id": "deals/1/dealname",
            "objectType": "deals",
            "objectId": "1",
            "name": "dealname",
            "value": "A",
            "archived": False,
            "isDeleted": "1",
        },
        ("object_properties", "deals/1/dealname", {"value": "A", "objectType": "deals", "archived": "1"}),
    ),
    "a merged deal of Fivetran's": (
        "objects/deals/merged_deal",
        {"deal_id": "1", "merged_deal_id": "2"},
        ("merges", "deals/2", {"objectType": "deals", "objectId": "2", "survivorObjectId": "1"}),
    ),
    "a merged contact of Fivetran's": (
        "objects/contacts/contact_merge_audit",
        {"canonical_vid": "5", "contact_id": "5", "vid_to_merge": "6", "timestamp": AT},
        ("merges", "contacts/6", {"objectType": "contacts", "survivorObjectId": "5", "updatedAt": AT}),
    ),
    "a stage of Fivetran's": (
        "objects/pipelines/deal_pipeline_stage",
        {
            "stage_id": "won",
            "pipeline_id": "p",
            "closed_won": "true",
            "is_closed": "true",
            "probability": "1.0",
        },
        ("pipeline_stages", "p/won", {"stageId": "won", "pipelineId": "p", "closedWon": "true"}),
    ),
    "one property of one object": (
        "objects/deals/OBJECT_PROPERTIES/data_0",
        {"OBJECTTYPEID": "0-3", "OBJECTID": "1", "NAME": "DEALNAME", "VALUE": "A", "UPDATEDAT": AT},
        ("object_properties", "deals/1/dealname", {"name": "dealname", "value": "A", "objectType": "deals"}),
    ),
}


def csv_of(record: dict) -> str:
    """A record as a CSV file of one row; what is no text is text of JSON."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(record)
    writer.writerow(value if isinstance(value, str) else json.dumps(value) for value in record.values())
    return stream.getvalue()


def holds(record: object, expected: object) -> bool:
    """Whether a record has at least what is expected of it."""
    if isinstance(expected, dict):
        return isinstance(record, dict) and all(
            holds(record.get(key), value) for key, value in expected.items()
        )
    if isinstance(expected, list) and isinstance(record, list) and len(record) == len(expected):
        return all(holds(one, other) for one, other in zip(record, expected, strict=True))
    if expected == AT:
        return str(record).startswith("2026-01-02")
    return record == expected or str(record) == str(expected)


@pytest.mark.parametrize("file_format", ["jsonl", "csv", "parquet", "airbyte", "airbyte.csv", "singer"])
def test_objects_of_tools_become_hubspots(file_format: str, warehouse) -> None:
    files = {}
    for place, (file, record, _) in enumerate(OBJECTS.values()):
        # a folder each: the names of their own folders and files stay
        *folders, stem = file.split("/")
        name = "/".join([*folders, stem])
        base = name.replace("objects/" + folders[1], f"objects/{folders[1]}/run{place}", 1)
        if file_format == "jsonl":
            files[base] = warehouse.write(f"{base}.jsonl", json.dumps(record) + "\n")
        elif file_format == "csv":
            warehouse.write(f"{base}.csv", csv_of(record))
        elif file_format == "parquet":
            source = warehouse.settings.landing.parent / f"{place}.json"
            source.write_text(json.dumps(record))
            warehouse.write_parquet(f"{base}.parquet", f"from read_json('{source}', format = 'auto')")
        elif file_format == "airbyte":
            warehouse.write(
                f"{base}.jsonl", json.dumps({"_airbyte_ab_id": "u", "_airbyte_data": record}) + "\n"
            )
        elif file_format == "airbyte.csv":
            warehouse.write(f"{base}.csv", csv_of({"_airbyte_ab_id": "u", "_airbyte_data": record}))
        else:
            lines = [{"type": "SCHEMA", "stream": "s", "schema": {}}, {"type": "STATE", "value": {}}]
            lines.insert(1, {"type": "RECORD", "stream": stem.split(".")[0], "record": record})
            if "/OBJECT" in base or "object_with" in base or "ASSOCIATIONS" in base:
                lines[1]["stream"] = folders[-1]
            warehouse.write(f"{base}.jsonl", "".join(json.dumps(line) + "\n" for line in lines))
    warehouse.load()
    assert warehouse.rejected("objects") == []
    rows = {int(row["source_file"].split("/run")[1].split("/")[0]): row for row in warehouse.good("objects")}
    wrong = {
        name: (rows[place]["object_type"], rows[place]["object_id"], rows[place]["record"])
        for place, (name, (_, _, (object_type, object_id, expected))) in enumerate(OBJECTS.items())
        if (rows[place]["object_type"], rows[place]["object_id"]) != (object_type, object_id)
        or not holds(json.loads(rows[place]["record"]), expected)
    }
    assert wrong == {}


EVENT = {"event_type": "e_v2_sequence_step_executed", "object_id": "5", "occurred_at": AT, "id": "1"}
EVENTS = {
    "snake case": EVENT | {"properties": {"hs_sequence_id": "7"}},
    "prefixes": EVENT | {"properties__hs_sequence_id": "7"},
    "one prefix": EVENT | {"property_hs_sequence_id": "7"},
    "flat": EVENT | {"hs_sequence_id": "7"},
    "capitals": {name.upper(): value for name, value in EVENT.items()} | {"PROPERTY_HS_SEQUENCE_ID": "7"},
    "capitals inside": {name.upper(): value for name, value in EVENT.items()}
    | {"PROPERTIES": {"HS_SEQUENCE_ID": "7"}},
    "the share's": {
        "EVENTTYPEID": "6-12031101",
        "ID": "1",
        "OBJECTTYPEID": "0-1",
        "OBJECTID": 5,
        "OCCURREDAT": AT,
        "PROPERTY_HS_SEQUENCE_ID": 7.0,
    },
    "a type in capitals": {
        "id": "1",
        "eventType": "E_V2_SEQUENCE_STEP_EXECUTED",
        "objectType": "contact",
        "objectId": "5",
        "occurredAt": AT,
        "properties": {"hs_sequence_id": "7"},
    },
}


@pytest.mark.parametrize("file_format", ["jsonl", "csv", "parquet", "airbyte", "singer"])
def test_events_of_tools_become_hubspots(file_format: str, warehouse) -> None:
    for place, record in enumerate(EVENTS.values()):
        base = f"events/EVENTS_V2_SEQUENCE_STEP_EXECUTED/{place}"
        if file_format == "csv":
            warehouse.write(f"{base}.csv", csv_of(record))
        elif file_format == "parquet":
            source = warehouse.settings.landing.parent / f"{place}.json"
            source.write_text(json.dumps(record))
            warehouse.write_parquet(f"{base}.parquet", f"from read_json('{source}', format = 'auto')")
        else:
            line = {
                "jsonl": record,
                "airbyte": {"type": "RECORD", "record": {"stream": "events", "data": record}},
                "singer": {"type": "RECORD", "stream": "events", "record": record},
            }[file_format]
            warehouse.write(f"{base}.jsonl", json.dumps(line) + "\n")
    warehouse.load()
    assert warehouse.rejected() == []
    found = [
        (row["event_type"], row["object_type"], row["object_id"], row["event_id"], row["occurred_at"])
        for row in warehouse.good()
    ]
    expected = ("e_v2_sequence_step_executed", "CONTACT", "5", "1", "2026-01-02T09:00:00+00:00")
    assert found == [expected] * len(EVENTS)
    ids = [json.loads(row["record"])["properties"]["hs_sequence_id"] for row in warehouse.good()]
    assert {str(one).removesuffix(".0") for one in ids} == {"7"}


def test_a_version_in_snake_case_is_as_new_as_it_says(warehouse) -> None:
    new, old = ({"id": "1", "properties": {}, "updated_at": f"2026-0{month}-01"} for month in (2, 1))
    warehouse.write("objects/deals/a.jsonl", f"{json.dumps(new)}\n{json.dumps(old)}\n")
    warehouse.load()
    assert [row["updated_at"][:7] for row in warehouse.good("objects")] == ["2026-02", "2026-01"]


@pytest.mark.parametrize("flag", ["archived", "is_deleted", "isDeleted", "_fivetran_deleted", "IS_DELETED"])
def test_every_flag_of_what_is_gone_counts_beside_one_that_says_it_is_not(flag: str, warehouse) -> None:
    other = "archived" if flag != "archived" else "is_deleted"
    record = {"id": "1", flag: True, other: False, "dealname": "A"}
    warehouse.write("objects/deals/a.jsonl", json.dumps(record) + "\n")
    warehouse.write("objects/deals/b.csv", csv_of(record))
    warehouse.load()
    assert [row["archived"] for row in warehouse.good("objects")] == [True, True]


def test_what_lies_in_an_envelope_of_another_stream_says_so_when_it_is_rejected(warehouse) -> None:
    message = {"type": "RECORD", "record": {"stream": "forms", "data": {"guid": "g"}}}
    singer = {"type": "RECORD", "stream": "forms", "record": {"guid": "g"}}
    warehouse.write("events/a.jsonl", f"{json.dumps(message)}\n{json.dumps(singer)}\n")
    warehouse.load()
    rows = warehouse.rejected()
    assert [row["message"].partition(":")[0] for row in rows] == [
        "In an Airbyte envelope of stream forms",
        "In a Singer message of stream forms",
    ]
    assert [json.loads(row["record"]) for row in rows] == [message, singer]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"deal_id": "1", "contact_id": ""}, "missing_field"),
        ({"deal_id": "5.12E+11", "contact_id": "5"}, "wrong_type"),
        ({"deal_id": "1", "merged_deal_id": ""}, "missing_field"),
        ({"stage_id": "", "pipeline_id": "p"}, "missing_field"),
    ],
)
def test_a_row_of_a_table_that_lacks_an_end_is_rejected(row: dict, reason: str, warehouse) -> None:
    warehouse.write("objects/deals/a.csv", csv_of(row))
    warehouse.write("objects/deals/b.jsonl", json.dumps(row) + "\n")
    warehouse.load()
    assert [one["reason"] for one in warehouse.rejected("objects")] == [reason, reason]


def test_a_records_own_members_and_properties_are_left_alone(warehouse) -> None:
    record = {
        "id": "1",
        "properties": {"dealname": "A", "Custom": "b", "hs_x": None},
        "createdAt": AT,
        "updatedAt": AT,
        "archived": False,
        "associations": {"contacts": {"results": [{"id": "5", "type": "deal_to_contact"}]}},
    }
    text = json.dumps(record)
    warehouse.write("objects/deals/a.jsonl", text + "\n")
    warehouse.load()
    assert [row["record"] for row in warehouse.good("objects")] == [text]


def test_every_spelling_of_the_seeds_is_found_in_every_case() -> None:
    names = Spellings.from_seeds(Seeds())
    checked = 0
    for record_type, fields in names.raw_fields.items():
        for field, spellings in fields.items():
            for spelling in spellings:
                for form in (spelling, spelling.upper(), spelling.replace("_", " ")):
                    assert names.field(record_type, form)[0] == field, (record_type, form)
                    checked += 1
    for object_type, properties in names.raw_properties.items():
        for property_name, spellings in properties.items():
            for spelling in spellings:
                for form in (spelling, spelling.upper(), f"property_{spelling}"):
                    assert names.own_property(object_type, form)[0] == property_name, (object_type, form)
                    checked += 1
    assert checked > 500
