"""More properties than an address holds come in parts, and each object is whole."""

from __future__ import annotations

import pytest

from sequence_warehouse.extract.errors import HubspotError, TooLong
from sequence_warehouse.extract.properties import ListedInParts
from tests.extract.conftest import Extractor, assert_same

NAMES = tuple(f"property_{number}" for number in range(40))


class Listing:
    """A list of objects that refuses more properties than ``most`` to a question."""

    def __init__(self, most: int, ids: tuple[str, ...] = ("1", "2", "3")) -> None:
        self.most, self.ids = most, ids
        self.asked: list[dict] = []
        self.refused = self.waits = 0
        self.meanwhile = lambda number: None

    def page(self, path: str, **parameters) -> dict:
        if len(parameters["properties"]) > self.most:
            self.refused += 1
            raise TooLong("414")
        self.asked.append(parameters)
        self.meanwhile(len(self.asked))
        moment = f"2026-01-01T00:00:{len(self.asked):02}Z"
        results = [
            {
                "id": one,
                "updatedAt": moment,
                "properties": {"modified": moment, **dict.fromkeys(parameters["properties"], one)},
                **({"associations": {"contacts": {}}} if parameters.get("associations") else {}),
            }
            for one in self.ids
        ]
        return {"results": results, "paging": {"next": {"after": "x"}}}

    def back_off(self, attempt: int, reason: str) -> None:
        self.waits += 1
        if attempt >= 3:
            raise HubspotError(reason)


@pytest.mark.parametrize("most", [1, 3, 20, 39, 40])
def test_every_property_of_every_object_comes_whatever_fits(most):
    listing = Listing(most)
    pages = ListedInParts(listing, "/x", NAMES)
    for _ in range(2):
        page = pages.page(limit=3, after=None, associations="contacts")
        assert [record["id"] for record in page["results"]] == ["1", "2", "3"] and "paging" in page
        for record in page["results"]:
            assert {name: record["id"] for name in NAMES}.items() <= record["properties"].items()
            assert record["associations"] and record["updatedAt"] == record["properties"]["modified"]
    assert {len(part["properties"]) for part in listing.asked} <= set(range(1, most + 1))
    assert sum(part["associations"] is not None for part in listing.asked) == 2
    refused = listing.refused
    pages.page(limit=3)
    assert listing.refused == refused, "what does not fit is asked for once"


def test_one_property_that_does_not_fit_is_an_error():
    with pytest.raises(TooLong):
        ListedInParts(Listing(0), "/x", NAMES).page(limit=3)


def test_an_object_that_is_deleted_between_two_parts_is_in_no_page():
    listing = Listing(20)

    def delete(number: int) -> None:
        if number == 2:
            listing.ids = ("1", "3", "4")

    listing.meanwhile = delete
    page = ListedInParts(listing, "/x", NAMES).page(limit=3)
    assert [record["id"] for record in page["results"]] == ["1", "3", "4"] and listing.waits == 1
    assert all(len(record["properties"]) == len(NAMES) + 1 for record in page["results"])


def test_parts_that_never_agree_are_a_failure():
    listing = Listing(20)

    def change(number: int) -> None:
        listing.ids = (str(number),)

    listing.meanwhile = change
    with pytest.raises(HubspotError, match="without all properties"):
        ListedInParts(listing, "/x", NAMES).page(limit=3)


@pytest.mark.parametrize("length", [240, 300])
def test_what_is_landed_is_what_is_served_however_short_addresses_are(hubspot, tmp_path, length):
    hubspot.faults = f"414:{length}/objects"
    extractor = Extractor(hubspot, tmp_path / "landing", object_page=40)
    extractor.run()
    assert_same(extractor.landing, hubspot.landing)
    assert any(one.status == 414 for one in hubspot.requests)
