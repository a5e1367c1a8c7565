"""Walks end: at the last page, or with an error where pages go round."""

from __future__ import annotations

import pytest

from sequence_warehouse.extract.errors import BadRequest, HubspotError
from sequence_warehouse.extract.paging import walk


def page(*results: int, after: str | None = None) -> dict:
    return {"results": list(results)} | ({"paging": {"next": {"after": after}}} if after else {})


def test_an_empty_page_that_names_a_next_one_is_no_end():
    pages = {None: page(1, after="a"), "a": page(after="b"), "b": page(2)}
    assert [answer["results"] for answer, _ in walk(pages.__getitem__)] == [[1], [], [2]]


@pytest.mark.parametrize("circle", ["a", "b"])
def test_pages_that_go_round_are_an_error(circle):
    pages = {None: page(1, after="a"), "a": page(2, after="b"), "b": page(3, after=circle)}
    with pytest.raises(HubspotError, match="in circles"):
        list(walk(pages.__getitem__))


def test_a_walk_that_begins_again_may_pass_where_it_has_been():
    pages = {None: page(1, after="a"), "a": page(2, after="b"), "b": page(3)}
    refused = ["b"]

    def ask(after: str | None) -> dict:
        if after in refused:
            refused.remove(after)
            raise BadRequest("expired")
        return pages[after]

    assert [answer["results"] for answer, _ in walk(ask)] == [[1], [2], [1], [2], [3]]
