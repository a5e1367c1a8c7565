"""What exports call and type things, beyond HubSpot's own API."""

import json


def test_a_share_table_s_name_in_the_event_type_column_is_the_event_type(warehouse) -> None:
    warehouse.write(
        "events/share.csv",
        "ID,EVENT_TYPE,OBJECT_ID,OCCURRED_AT\n"
        "1,EVENTS_V2_CONTACT_ENROLLED_IN_SEQUENCE,5,2026-01-01\n"
        "2,e_v2_sequence_step_executed,5,2026-01-01\n"
        "3,events_of_another_name,5,2026-01-01\n",
    )
    warehouse.load()
    assert [row["event_type"] for row in warehouse.good()] == [
        "e_v2_contact_enrolled_in_sequence",
        "e_v2_sequence_step_executed",
        "events_of_another_name",
    ]


def test_whole_numbers_that_a_data_frame_made_fractions_stay_ids(warehouse) -> None:
    warehouse.write_parquet(
        "events/frame.parquet",
        "select '1' as id, 't' as eventType, '5' as objectId, '2026-01-01' as occurredAt, "
        "7.0::double as hs_sequence_id, 1.5::double as hs_share, null::double as hs_template_id",
    )
    warehouse.load()
    (row,) = warehouse.good()
    assert json.loads(row["record"])["properties"] == {
        "hs_sequence_id": "7",
        "hs_share": "1.5",
        "hs_template_id": None,
    }


def test_objects_keep_the_letter_case_of_their_own_fields(warehouse) -> None:
    warehouse.write("objects/owners/o.csv", "id,userId,firstName,email\n1,77,Ada,a@b.c\n")
    warehouse.load()
    (row,) = warehouse.good("objects")
    record = json.loads(row["record"])
    assert {name: record[name] for name in ("userId", "firstName", "email")} == {
        "userId": "77",
        "firstName": "Ada",
        "email": "a@b.c",
    }
