"""Seeds of the user's own go over the shipped ones row by row, and are checked with their file and line."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from sequence_warehouse.build.dbt_build import build
from sequence_warehouse.build.fingerprint import fingerprint
from sequence_warehouse.config.errors import UserError
from sequence_warehouse.config.project import PROJECT
from sequence_warehouse.config.settings import Settings
from sequence_warehouse.load import load
from sequence_warehouse.seeds import Seeds
from sequence_warehouse.storage.database import connect
from tests.support.projects import small_project

BANDS_REMOVED = "metric,lower_bound\nscore,80\n"
BANDS = "metric,lower_bound,is_lower_included,upper_bound,is_upper_included,band\n"
HIGHER = BANDS + "score,60,true,90,true,good\nscore,90,false,100,true,excellent\n"


def own(folder: Path, **files: str) -> Seeds:
    """Seeds with a folder of the user's own, in which these files lie."""
    (folder / "seeds").mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / "seeds" / f"{name.replace('__', '.')}.csv").write_text(text)
    return Seeds(PROJECT, folder)


def test_a_new_key_is_a_new_row_with_empty_cells_where_the_file_has_no_column(tmp_path):
    seeds = own(tmp_path, accounts="portal_id,time_zone\n77,Europe/Paris\n")
    *shipped, row = seeds.rows("accounts")
    assert shipped == Seeds().rows("accounts")
    assert row == {
        "portal_id": "77",
        "account_name": "",
        "time_zone": "Europe/Paris",
        "plan": "",
        "created_on": "",
        "currency": "",
    }


def test_a_shipped_key_keeps_its_place_and_the_columns_that_the_file_does_not_have(tmp_path):
    seeds = own(tmp_path, accounts="portal_id;currency;plan\n1001;EUR;\n")
    first, second = seeds.rows("accounts")
    before, other = Seeds().rows("accounts")
    assert first == before | {"currency": "EUR", "plan": ""}, "an empty cell says that it is empty"
    assert second == other


def test_a_key_that_is_removed_does_not_count(tmp_path):
    seeds = own(tmp_path, sender_score_bands=HIGHER, sender_score_bands__removed=BANDS_REMOVED)
    scores = [row for row in seeds.rows("sender_score_bands") if row["metric"] == "score"]
    assert [(row["lower_bound"], row["upper_bound"], row["band"]) for row in scores] == [
        ("0", "35", "low"),
        ("35", "60", "fair"),
        ("60", "90", "good"),
        ("90", "100", "excellent"),
    ]
    (sentence,) = seeds.check()
    assert "sender_score_bands.csv, sender_score_bands.removed.csv" in sentence


def test_a_file_may_lie_in_the_folder_itself_but_not_twice(tmp_path):
    (tmp_path / "accounts.csv").write_text("portal_id\n77\n")
    assert len(Seeds(PROJECT, tmp_path).rows("accounts")) == 3
    with pytest.raises(UserError, match=r"two files accounts\.csv"):
        own(tmp_path, accounts="portal_id\n78\n").rows("accounts")


WRONG = {
    "no key": ({"accounts": "plan\nx\n"}, "accounts.csv, line 1, has no column portal_id"),
    "another column": (
        {"accounts": "portal_id,zone\n7,x\n"},
        "accounts.csv, line 1, has an unknown column zone",
    ),
    "key twice": (
        {"accounts": "portal_id\n7\n8\n7\n"},
        "accounts.csv, line 4, says again what line 2 says of 7: remove one",
    ),
    "a value": (
        {"accounts": "portal_id,created_on\n7,2021-13-01\n"},
        "accounts.csv, line 2, holds '2021-13-01' as created_on",
    ),
    "empty": ({"event_types": "event_type,kind\ne_mine,\n"}, "event_types.csv, line 2, has no kind"),
    "a kind": (
        {"event_types": "event_type,kind,event_name,is_sequence_event,expected\ne_a,reply,A,true,false\n"},
        "event_types.csv, line 2, does not meet the condition kind in (",
    ),
    "a second key": (
        {"end_reasons": "end_reason,priority,status\nmine,1,finished\n"},
        "end_reasons.csv, line 2, says again what line 2 of The seed end_reasons",
    ),
    "bands that overlap": (
        {"sender_score_bands": HIGHER},
        "sender_score_bands.csv, line 2, does not go with line 13 of The seed sender_score_bands",
    ),
    "removes nothing": (
        {"accounts__removed": "portal_id\n9\n"},
        "accounts.removed.csv, line 2, removes 9: no shipped row has this key",
    ),
    "no seed": ({"account": "portal_id\n9\n"}, "account.csv is no seed: did you mean accounts.csv?"),
    "nothing": ({}, "holds neither settings.toml nor seeds such as seeds/accounts.csv"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_one_sentence_with_the_users_file_and_line(case, tmp_path):
    files, sentence = WRONG[case]
    with pytest.raises(UserError) as raised:
        own(tmp_path, **files).check()
    assert sentence in str(raised.value)
    assert str(tmp_path) in str(raised.value) and "\n" not in str(raised.value)


def test_no_part_of_the_product_reads_a_seed_past_the_users_own_rows():
    allowed = {"all_seeds.py", "description.py", "overlay.py", "reading.py"}
    for path in (PROJECT / "src" / "sequence_warehouse").rglob("*.py"):
        text = path.read_text()
        assert path.name in allowed or ('"seeds" /' not in text and '/ "seeds"' not in text), path


@pytest.mark.slow
def test_an_account_an_alias_and_a_property_of_the_users_own_are_in_the_tables(tmp_path):
    config = tmp_path / "config"
    config.mkdir()
    own(
        config,
        accounts="portal_id,account_name,time_zone,currency\n77,Mine,Europe/Paris,EUR\n",
        event_types=(
            "event_type,kind,event_name,is_sequence_event,share_table,expected\n"
            "e_mine,enrolled,Mine,true,MY_ENROLLMENTS,false\n"
        ),
        property_aliases="canonical_property,source_property,priority\nsequence_id,my_sequence,9\n",
    )
    settings = Settings(
        tmp_path / "landing", tmp_path / "warehouse", small_project(tmp_path / "project"), config
    )
    events = settings.landing / "portal=77" / "events" / "my_enrollments"
    events.mkdir(parents=True)
    properties = json.dumps({"my_sequence": "5", "hs_enrollment_id": "9"}).replace('"', '""')
    (events / "one.csv").write_text(
        f'id,objectType,objectId,occurredAt,properties\n1,CONTACT,501,2026-01-05T10:00:00Z,"{properties}"\n'
    )
    without = fingerprint(replace(settings, config=None))
    assert fingerprint(settings) != without
    load(settings)
    build(settings).raise_for_failures()
    with connect(settings.database, read_only=True) as connection:
        rows = connection.execute(
            "select account_name, time_zone, event_type, sequence_id, enrollment_id "
            "from core.fct_sequence_events join core.dim_accounts using (portal_id)"
        ).fetchall()
    assert rows == [("Mine", "Europe/Paris", "e_mine", "5", "9")]
