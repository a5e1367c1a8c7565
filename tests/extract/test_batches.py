"""Links of a batch: whole in either version; none only where HubSpot says so, however it says it."""

from __future__ import annotations

import random

import pytest

from sequence_warehouse.extract.associations import with_contacts
from sequence_warehouse.extract.batches import links_of
from sequence_warehouse.extract.errors import HubspotError, NotFound
from sequence_warehouse.extract.paging import Guard
from tests.extract.test_associations import contacts

LINKS = {"1": ["a"], "2": ["b", "c"], "5": ["d"]}


class Answering:
    """Batch reads of associations of LINKS. failing: what becomes of ids that have no links, as (inputs) ->
    answer or exception; None: they are left out. versions: paths that there are."""

    def __init__(self, without=lambda ids: {}, versions: tuple[str, ...] = ("v3", "v4")) -> None:
        self.without, self.versions = without, versions
        self.asked: list[tuple[str, list[str]]] = []
        self.waits = 0

    def post(self, path: str, body: dict) -> dict:
        version, ids = path.split("/")[2], [one["id"] for one in body["inputs"]]
        self.asked.append((version, ids))
        if version not in self.versions:
            raise NotFound("404", {"message": "resource not found"})
        results = [
            {"from": {"id": one}, "to": [_link(version, to) for to in LINKS[one]]}
            for one in ids
            if one in LINKS
        ]
        answer = self.without([one for one in ids if one not in LINKS])
        if isinstance(answer, Exception):
            raise answer
        return {"results": results, **answer}

    guard = Guard

    def back_off(self, attempt: int, reason: str) -> None:
        self.waits += 1
        if attempt >= 3:
            raise HubspotError(reason)


def _link(version: str, to: str) -> dict:
    if version == "v3":
        return {"id": to, "type": "deal_to_contact"}
    return {"toObjectId": to, "associationTypes": [{"typeId": 3}]}


def read(answering: Answering, *ids: str, versions=("v4", "v3")) -> dict[str, list[str]]:
    found = links_of(answering, "deals", list(ids), versions)
    return {
        one: [str(link.get("toObjectId") or link["id"]) for link in links]
        for one, links in found.items()
        if links
    }


def errors(*errors: dict) -> dict:
    return {"errors": list(errors), "numErrors": len(errors)} if errors else {}


SAID = {
    "text": {"subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND"},
    "object": {"subCategory": {"name": "NO_ASSOCIATIONS_FOUND", "ordinal": 3}},
    "deep object": {"subCategory": {"kind": {"value": "noAssociationsFound"}}},
    "category": {"category": "NO_ASSOCIATIONS_FOUND"},
    "empty object and words": {"subCategory": {}, "message": "No contacts are associated with deals 3."},
}


def named(kind: str, **more):
    return lambda ids: errors(*({"context": {"fromObjectId": [one]}, **SAID[kind], **more} for one in ids))


@pytest.mark.parametrize("kind", SAID)
@pytest.mark.parametrize("versions", [("v4", "v3"), ("v3", "v4")])
def test_an_error_that_says_so_means_no_links_of_those_it_names(kind, versions):
    answering = Answering(named(kind))
    assert read(answering, "1", "2", "3", "4", versions=versions) == {"1": ["a"], "2": ["b", "c"]}
    assert len(answering.asked) == 1 and answering.asked[0][0] == versions[0]


@pytest.mark.parametrize("kind", SAID)
def test_an_error_that_names_nobody_is_about_those_without_an_answer(kind):
    answering = Answering(lambda ids: errors(*({**SAID[kind]} for _ in ids)))
    assert read(answering, "1", "3", "4") == {"1": ["a"]} and answering.waits == 0


@pytest.mark.parametrize(
    "error",
    [
        {"category": "INTERNAL_ERROR", "message": "try again"},
        {"subCategory": {"name": "SOMETHING_ELSE"}},
        {"subCategory": {}, "category": "OBJECT_NOT_FOUND"},
        {},
    ],
)
def test_any_other_error_is_a_failure_and_never_no_links(error):
    answering = Answering(lambda ids: errors(*({**error, "context": {"fromObjectId": [one]}} for one in ids)))
    with pytest.raises(HubspotError, match="no contacts of 1 deals"):
        read(answering, "1", "3")
    assert answering.waits == 3 and answering.asked[1] == ("v4", ["3"])


def test_beside_another_error_only_those_that_are_named_have_no_links():
    """One says that 3 has none; 4 fails; of 6 nothing is said."""

    def without(ids: list[str]) -> dict:
        said = {
            "3": {**SAID["object"], "context": {"fromObjectId": ["3"]}},
            "4": {"category": "INTERNAL_ERROR"},
        }
        return errors(*(said[one] for one in ids if one in said))

    answering = Answering(without)
    with pytest.raises(HubspotError):
        read(answering, "1", "3", "4", "6")
    assert answering.asked[1][1] == ["4", "6"]


def test_a_207_without_a_list_of_errors_is_asked_again():
    answers = iter([{"numErrors": 1}, {}])
    answering = Answering(lambda ids: next(answers))
    assert read(answering, "1", "3") == {"1": ["a"]} and answering.waits == 1


def test_those_left_out_of_a_good_answer_have_none():
    answering = Answering()
    assert read(answering, "1", "3", "4") == {"1": ["a"]} and len(answering.asked) == 1


@pytest.mark.parametrize("kind", ["text", "object", "category"])
def test_a_404_that_says_so_means_no_links_of_all(kind):
    answering = Answering(lambda ids: NotFound("404", SAID[kind]))
    assert read(answering, "3", "4") == {} and len(answering.asked) == 1


def test_a_404_that_names_some_is_about_those():
    def without(ids: list[str]):
        said = [{**SAID["text"], "context": {"fromObjectId": [one]}} for one in ids]
        return NotFound("404", {"category": "MULTIPLE", "errors": said}) if ids else {}

    answering = Answering(without)
    assert read(answering, "1", "3", "2", "4") == {"1": ["a"], "2": ["b", "c"]}
    assert [ids for _, ids in answering.asked] == [["1", "3", "2", "4"], ["1", "2"]]


@pytest.mark.parametrize("body", [{}, {"message": "resource not found"}, {"category": "OBJECT_NOT_FOUND"}])
def test_a_404_that_says_nothing_loses_no_link_of_the_others(body):
    answering = Answering(lambda ids: NotFound("404", body) if ids else {})
    ids = [str(number) for number in range(30)]
    random.Random(1).shuffle(ids)
    assert read(answering, *ids) == LINKS
    assert read(answering, "3", "4") == {}


@pytest.mark.parametrize("versions", [("v3",), ("v4",)])
def test_either_version_may_be_gone(versions):
    for order in (("v4", "v3"), ("v3", "v4")):
        answering = Answering(versions=versions)
        assert read(answering, "1", "2", "3", versions=order) == {"1": ["a"], "2": ["b", "c"]}
    records = with_contacts(Answering(versions=versions), "deals", [{"id": "2"}, {"id": "3"}])
    assert [contacts(record) for record in records] == [["b", "c"], []]
    assert records[0]["associations"]["contacts"]["results"][0]["type"] == "deal_to_contact"


def test_pages_of_links_without_an_end_are_a_failure():
    class Endless(Answering):
        def post(self, path: str, body: dict) -> dict:
            more = {"paging": {"next": {"after": "t"}}}
            return {"results": [{"from": {"id": "1"}, "to": [{"toObjectId": 7}], **more}]}

    with pytest.raises(HubspotError, match="without an end"):
        links_of(Endless(), "deals", ["1"])
