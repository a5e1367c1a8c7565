"""Examples worked out by hand: links, tables of merges and stages, single properties, snapshots."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

import pytest

from . import landed, links, random_logs, values
from .landed import LandedRecord
from .merges import merge_edges
from .stages import Stage, is_won, read_stages
from .test_reference_deals import credited, deal, only_deal, started
from .test_reference_examples import Log, at

SHAPES = (
    ({"results": [{"id": "501", "type": "x"}, {"id": 502}]}, ["501", "502"]),
    ({"results": [{"toObjectId": 501, "associationTypes": []}]}, ["501"]),
    (["502", "501", "502"], ["502", "501"]),
    ([501.0], ["501"]),
    ([{"value": "6001", "contacts_id": "501"}, {"value": "6001", "contacts_id": None}], ["501"]),
    ([{"value": "501"}], ["501"]),
    ([{"id": "501"}, {"id": "5.12E+11"}, {}], ["501"]),
    ({"contacts": {"results": [{"id": "501"}]}}, ["501"]),
    ({"from": {"id": "6001"}, "to": [{"toObjectId": 501}]}, ["501"]),
    ("8001;8002", ["8001", "8002"]),
    ("8001, 8002", ["8001", "8002"]),
    ('["501", 502]', ["501", "502"]),
    ("['501', '502']", ["501", "502"]),
    (501, ["501"]),
    ([], []),
    ("NULL", []),
)


@pytest.mark.parametrize(("shape", "ids"), SHAPES)
def test_links_are_read_in_every_shape(shape, ids):
    assert links.linked_ids(shape, "contacts") == ids


def row(contact: str, deal_id: str = "d", **more) -> dict:
    ends = {"fromObjectType": "deals", "fromObjectId": deal_id, "toObjectType": "contacts"}
    return {"id": f"deals/{deal_id}/contacts/{contact}", "toObjectId": contact} | ends | more


def landed_in(load: int, kind: str, record: dict, line: int = 1) -> LandedRecord:
    return LandedRecord(load, "a.jsonl", line, "77", kind, record)


def of_deal(records: list[LandedRecord], *snapshots: str) -> list[str] | None:
    objects = landed.objects(records, frozenset(("77", kind) for kind in snapshots))
    return links.read_links(objects).get(("deals", "d", "contacts"))


def inline(updated: float | None, *contacts: str, load: int = 1) -> LandedRecord:
    times = {} if updated is None else {"updatedAt": at(updated)}
    return landed_in(load, "deals", {"id": "d", "associations": {"contacts": list(contacts)}} | times)


def test_the_word_updated_last_counts_then_the_one_loaded_last():
    assert of_deal([inline(5, "1"), landed_in(1, "associations", row("2", updatedAt=at(6)))]) == ["2"]
    assert of_deal([inline(6, "1"), landed_in(2, "associations", row("2", updatedAt=at(5)))]) == ["1"]
    assert of_deal([inline(5, "1"), landed_in(2, "associations", row("2"))]) == ["1"]
    assert of_deal([inline(None, "1"), landed_in(2, "associations", row("2"))]) == ["2"]
    assert of_deal([inline(None, "1", load=3), landed_in(2, "associations", row("2"))]) == ["1"]


def test_an_empty_list_is_a_word_and_a_missing_one_is_none():
    table = landed_in(1, "associations", row("2"))
    assert of_deal([inline(5), table]) == []
    assert of_deal([landed_in(1, "deals", {"id": "d", "updatedAt": at(5)}), table]) == ["2"]


def test_a_table_says_what_its_newest_load_with_rows_of_the_object_has():
    first = [landed_in(1, "associations", row(contact)) for contact in ("1", "2")]
    of_another = landed_in(3, "associations", row("9", "other"))
    assert of_deal([*first, of_another]) == ["1", "2"]
    assert of_deal([*first, landed_in(2, "associations", row("1")), of_another]) == ["1"]
    assert of_deal([*first, landed_in(2, "associations", row("1", archived=True))]) == []


def test_in_a_stream_of_snapshots_a_link_that_is_missing_is_none():
    records = [inline(None, "9"), landed_in(2, "associations", row("1"))]
    records.append(landed_in(3, "associations", row("9", "other")))
    assert of_deal(records) == ["1"]
    assert of_deal(records, "associations") == []


def test_an_object_that_the_newest_snapshot_lacks_is_archived_until_it_is_told_again():
    records = [
        landed_in(load, "tasks", {"id": name, "updatedAt": at(9 - load)})
        for load, name in ((1, "a"), (2, "b"))
    ]

    def archived(*more: LandedRecord) -> list[str]:
        objects = landed.objects([*records, *more], frozenset({("*", "tasks")}))
        return [one.record["id"] for one in objects if one.record.get("archived")]

    assert archived() == ["a"]
    assert archived(landed_in(2, "tasks", {"id": "a", "updatedAt": at(0)})) == []
    assert archived(landed_in(3, "tasks", {"id": "c", "updatedAt": at(0)})) == ["a", "b"]


def told(name: str, value: str | None, load: int, updated: float | None = None) -> LandedRecord:
    times = {} if updated is None else {"updatedAt": at(updated)}
    record = {"id": name, "objectType": "deals", "objectId": "d", "name": name, "value": value}
    return landed_in(load, "object_properties", record | times)


def test_an_object_is_put_together_of_the_latest_value_of_each_property():
    records = [told("a", "new", 1, 7), told("a", "old", 3, 5), told("b", "x", 1), told("b", "y", 2)]
    (one,) = landed.objects(records)
    assert (one.kind, one.record["properties"], one.load) == ("deals", {"a": "new", "b": "y"}, 3)
    assert values.time(one.record["updatedAt"]) == values.time(at(7))
    whole = landed_in(1, "deals", {"id": "d", "updatedAt": at(8), "properties": {"a": "whole"}})
    (one,) = landed.objects([*records, whole])
    assert (one.record["properties"], one.told) == ({"a": "whole"}, 3)


def test_a_row_of_a_table_of_merges_claims_like_a_survivor_does():
    def claim(survivor: str, updated: float) -> dict:
        return {
            "objectType": "deals",
            "objectId": "1",
            "survivorObjectId": survivor,
            "updatedAt": at(updated),
        }

    survivor = {"id": "5", "updatedAt": at(5), "properties": {"hs_merged_object_ids": "1"}}
    assert merge_edges([survivor], "deals", [claim("6", 4)]) == {"1": "5"}
    assert merge_edges([survivor], "deals", [claim("6", 5)]) == {"1": "6"}
    assert merge_edges([survivor], "contacts", [claim("6", 9)]) == {"1": "5"}
    assert merge_edges([], "deals", [claim("1", 9)]) == {}


def stage(stage_id: str, label: str, won: bool, pipeline: str = "1", name: str = "Sales") -> Stage:
    return Stage(pipeline, stage_id, name, label, won, "pipelines", [])


STAGES = [
    *(stage("w1", "Closed Won", True), stage("s1", "Signed", True)),
    *(stage("w2", "Closed Won", False, "2", "Renewals"), stage("s2", "Signed", True, "2", "Renewals")),
]


@pytest.mark.parametrize(
    ("named", "pipeline", "won"),
    [
        *(("w1", "1", True), ("w1", None, True), ("w1", "sales", True), ("w1", "2", False)),
        *(("closed won ", "1", True), ("CLOSED WON", "Sales", True), ("Closed Won", "Renewals", False)),
        *(("Closed Won", None, False), ("Signed", None, True), ("Signed", "gone", True), (None, "1", False)),
    ],
)
def test_a_stage_is_named_by_id_or_by_label(named, pipeline, won):
    assert is_won(named, pipeline, STAGES) is won


def test_of_a_pipeline_and_a_table_that_tell_a_stage_the_later_counts_then_the_won():
    def won(table_updated: float, closed_won: object) -> bool:
        row = {"pipelineId": "1", "stageId": "s", "closedWon": closed_won, "updatedAt": at(table_updated)}
        told = [{"id": "s", "metadata": {"isClosed": "true", "probability": "1.0"}}]
        pipeline = {"id": "1", "updatedAt": at(5), "stages": told}
        (only,) = read_stages([landed_in(1, "pipelines", pipeline), landed_in(1, "pipeline_stages", row)])
        return only.is_won

    assert [won(4, "false"), won(5, "false"), won(6, "false"), won(6, "true")] == [True, True, False, True]


def test_a_table_s_links_give_the_deal_to_the_contact_s_enrollment():
    log = deal(started(Log(), "E", 0, 5), "d", "2", dealstage="Signed")
    log.object("associations", "deals/d/contacts/1", 9, **{**row("1"), "id": "deals/d/contacts/1"})
    log.object("pipeline_stages", "1/s", pipelineId="1", stageId="s", label="signed", closedWon=1)
    assert (credited(log), only_deal(log)["is_closed_won"]) == ("E", True)


def test_random_accounts_reach_every_word_on_links_and_every_table():
    seen: Counter = Counter()
    rng = random.Random(4)
    for number in range(150):
        delivered = random_logs.deliver(
            rng, random_logs.random_account(rng, str(number), depends_on_loads=True)
        )
        snapshots = frozenset(("*", kind) for kind in random_logs.random_snapshots(rng))
        objects = landed.objects(delivered, snapshots)
        now = links.read_links(objects)
        for key, ids in links.read_links([one for one in objects if one.kind != "associations"]).items():
            seen[("the object", now[key] == ids)] += 1
            seen["a table took all"] += bool(ids) and not now[key]
        lists = [one for one in objects if one.kind != "associations" or "results" in one.record]
        seen["rows count"] += links.read_links(lists) != now
        without = landed.objects(delivered)
        seen["snapshot"] += [replace(one, told=0) for one in without] != [
            replace(one, told=0) for one in objects
        ]
        seen["assembled"] += sum(one.kind == "deals" and "createdAt" not in one.record for one in objects)
        seen.update(stage.told_by for stage in read_stages(objects))
    wanted = [("the object", True), ("the object", False), "a table took all", "rows count", "snapshot"]
    wanted += ["assembled", "pipelines", "pipeline_stages"]
    assert {what: seen[what] for what in wanted if seen[what] < 5} == {}
