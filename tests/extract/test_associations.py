"""Contacts by batch read: partial answers are completed, no contacts is no failure."""

from __future__ import annotations

import pytest

from sequence_warehouse.extract.associations import complete, in_order, with_contacts
from sequence_warehouse.extract.errors import HubspotError
from sequence_warehouse.extract.paging import Guard


class Batches:
    """Answers to batch reads, one after the other."""

    def __init__(self, *answers: dict) -> None:
        self.answers = list(answers)
        self.inputs: list[list[str]] = []
        self.waits = 0

    def post(self, path: str, body: dict) -> dict:
        self.inputs.append([one["id"] for one in body["inputs"]])
        return self.answers.pop(0)

    guard = Guard

    def back_off(self, attempt: int, reason: str) -> None:
        self.waits += 1
        if attempt >= 3:
            raise HubspotError(reason)


def result(record_id: str, *contacts: str, after: str | None = None) -> dict:
    links = [{"id": contact, "type": "deal_to_contact"} for contact in contacts]
    return {"from": {"id": record_id}, "to": links} | (
        {"paging": {"next": {"after": after}}} if after else {}
    )


def none_found(record_id: str) -> dict:
    return {
        "category": "OBJECT_NOT_FOUND",
        "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND",
        "context": {"fromObjectId": [record_id]},
    }


def contacts(record: dict) -> list[str]:
    return [link["id"] for link in record.get("associations", {}).get("contacts", {}).get("results", [])]


def test_a_part_that_failed_is_asked_for_again():
    failed = {"results": [result("1", "a")], "errors": [{"category": "INTERNAL", "message": "try again"}]}
    batches = Batches(failed, {"results": [result("2", "b"), result("3", "c")]})
    records = with_contacts(batches, "deals", [{"id": "1"}, {"id": "2"}, {"id": "3"}])
    assert [contacts(record) for record in records] == [["a"], ["b"], ["c"]]
    assert batches.inputs == [["1", "2", "3"], ["2", "3"]] and batches.waits == 1


def test_a_partial_answer_that_does_not_say_what_failed_is_completed():
    failed = {"results": [result("1", "a")], "numErrors": 1}
    batches = Batches(failed, {"results": [result("2", "b")]})
    records = with_contacts(batches, "deals", [{"id": "1"}, {"id": "2"}])
    assert [contacts(record) for record in records] == [["a"], ["b"]]


def test_records_without_contacts_are_not_asked_for_again():
    batches = Batches({"results": [result("1", "a")], "errors": [none_found("2")]})
    records = with_contacts(batches, "deals", [{"id": "1"}, {"id": "2"}])
    assert [contacts(record) for record in records] == [["a"], []]
    assert "associations" not in records[1] and batches.waits == 0


def test_no_contacts_beside_a_failure_are_told_apart():
    failed = {"results": [], "errors": [none_found("2"), {"category": "INTERNAL"}]}
    batches = Batches(failed, {"results": [result("1", "a")]})
    assert [contacts(r) for r in with_contacts(batches, "deals", [{"id": "1"}, {"id": "2"}])] == [["a"], []]
    assert batches.inputs[1] == ["1"]


def test_a_batch_that_fails_each_time_gives_up():
    failed = {"results": [], "errors": [{"category": "INTERNAL", "message": "never"}]}
    with pytest.raises(HubspotError, match="never"):
        with_contacts(Batches(*[failed] * 5), "deals", [{"id": "1"}])


def test_more_contacts_than_a_page_are_read_to_the_end():
    def page(*contacts: int, after: str | None = None) -> dict:
        links = [{"toObjectId": contact, "associationTypes": [{"typeId": 3}]} for contact in contacts]
        return result("1", after=after) | {"to": links}

    batches = Batches({"results": [result("1", "7", after="t")]}, {"results": [page(7, after="u")]})
    batches.answers.append({"results": [page(8)]})
    listed = {"id": "1", "associations": {"contacts": {"results": [], "paging": {"next": {"after": "t"}}}}}
    (record,) = complete(batches, "deals", [listed])
    assert contacts(record) == ["7", "8"]
    assert complete(batches, "deals", [record]) == [record]


def test_the_order_of_contacts_makes_no_other_record():
    one, other = ({"id": "1", "associations": {"contacts": result("1", *ids)}} for ids in ("ab", "ba"))
    for record in (one, other):
        record["associations"]["contacts"]["results"] = record["associations"]["contacts"].pop("to")
    assert one != other and in_order(one) == in_order(other) == one
    assert contacts(other) == ["b", "a"], "landed as it came"


def test_large_pages_are_asked_for_in_batches():
    ids = [str(number) for number in range(250)]
    batches = Batches(*({"results": [result(one, "a") for one in ids[s : s + 100]]} for s in (0, 100, 200)))
    assert all(contacts(r) == ["a"] for r in with_contacts(batches, "deals", [{"id": one} for one in ids]))
    assert [len(inputs) for inputs in batches.inputs] == [100, 100, 50]
