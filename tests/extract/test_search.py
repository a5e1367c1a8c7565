"""A window of a search is read whole, or not at all: any order, empty pages, counts that do not agree."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from itertools import count

import pytest

from sequence_warehouse.extract.errors import BadRequest, HubspotError
from sequence_warehouse.extract.search import Question, Search

WINDOW = {"from": 1000, "to": 9000, "moves": True}


class Searched:
    """A search over ids with their times of change.

    order: by which key results come; a function of id, or of id and number of the question. page, cap: as
    HubSpot has them. bounded: which bounds of ids it keeps to. phantoms: ids that it counts and never gives.
    empty: whether each page is empty at first. told: what it counts, whatever it finds.
    """

    def __init__(
        self,
        times: dict[int, int],
        order: Callable[[int, int], object] = lambda one, question: one,
        page: int = 20,
        cap: int = 10_000,
        bounded: str = "low high",
        phantoms: tuple[int, ...] = (),
        empty: bool = False,
        told: int | None = None,
    ) -> None:
        self.times = times
        self.order, self.page, self.cap, self.bounded = order, page, cap, bounded
        self.phantoms, self.empty, self.told = phantoms, empty, told
        self.asked: list[Question] = []
        self.meanwhile: Callable[[int], None] = lambda number: None

    def ask(self, question: Question) -> dict:
        self.asked.append(question)
        number = len(self.asked)
        self.meanwhile(number)
        offset, _, again = (question.after or "0").partition("/")
        start = int(offset)
        if start and start + self.page > self.cap:
            raise BadRequest("beyond the cap")
        found = [
            one
            for one, time in self.times.items()
            if question.start <= time < question.end
            and ("low" not in self.bounded or one > question.low)
            and ("high" not in self.bounded or question.high is None or one < question.high)
        ]
        answer = {"total": len(found) if self.told is None else self.told}
        if self.empty and not again and found:
            return {**answer, "results": [], "paging": {"next": {"after": f"{start}/again"}}}
        found.sort(key=lambda one: self.order(one, number))
        results = [{"id": str(one)} for one in found[start : start + self.page] if one not in self.phantoms]
        more = (
            {"paging": {"next": {"after": str(start + self.page)}}} if start + self.page < len(found) else {}
        )
        return {**answer, "results": results, **more}


class Landed:
    """What was landed, and the window that was left each time."""

    def __init__(self, searched: Searched, attempts: int = 4) -> None:
        self.ids: set[int] = set()
        self.windows: list[dict | None] = []
        self.waits: list[str] = []
        self._attempts = attempts
        self.search = Search("deals", searched.ask, self._back_off, self._land)

    def _land(self, records: list[dict], window: dict | None) -> None:
        assert not self.is_done
        self.ids |= {int(record["id"]) for record in records}
        self.windows.append(json.loads(json.dumps(window)))

    def _back_off(self, attempt: int, reason: str) -> None:
        self.waits.append(reason)
        if attempt >= self._attempts:
            raise HubspotError(reason)

    @property
    def is_done(self) -> bool:
        return self.windows[-1:] == [None]


def ids(number: int, seed: int = 1) -> dict[int, int]:
    generator = random.Random(seed)
    return {one: generator.randint(1000, 8999) for one in generator.sample(range(1, 20 * number), number)}


def shuffled(one: int, question: int) -> int:
    return one * 7919 % 10_007


ORDERS = {
    "sorted": lambda one, question: one,
    "shuffled": shuffled,
    "another each time": lambda one, question: random.Random(one * 1000 + question).random(),
    "as text": lambda one, question: str(one),
    "descending": lambda one, question: -one,
}


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("page", [1, 2, 20, 200])
@pytest.mark.parametrize("empty", [False, True])
def test_every_id_is_found_in_any_order_and_the_window_ends_once(order, page, empty):
    times = ids(150)
    searched = Searched(times, ORDERS[order], page=page, empty=empty)
    landed = Landed(searched)
    landed.search.read(WINDOW)
    assert landed.ids == set(times) and landed.is_done and not landed.waits
    assert len(searched.asked) <= (2 + 2 * 150 + 2 * 150 / page) * (1 + empty)


def test_ids_in_order_cost_no_question_more():
    searched = Searched(ids(1200), page=200)
    Landed(searched).search.read(WINDOW)
    assert [question.low for question in searched.asked] == [0, *sorted(searched.times)[199:1199:200]]


@pytest.mark.parametrize("order", ["shuffled", "as text"])
def test_more_than_search_pages_through_is_found_without_a_refusal(order):
    """All of one instant: no window of time could be smaller."""
    times = dict.fromkeys(range(1, 12_346), 5000)
    searched = Searched(times, ORDERS[order], page=200)
    landed = Landed(searched)
    landed.search.read(WINDOW)
    assert landed.ids == set(times) and landed.is_done
    assert not any(question.after for question in searched.asked)
    assert len(searched.asked) < 400


@pytest.mark.parametrize("bounded", ["low", "high", ""])
@pytest.mark.parametrize("order", ["shuffled", "sorted"])
@pytest.mark.parametrize("cap", [10_000, 40])
def test_where_bounds_of_ids_are_not_kept_pages_are_walked_and_time_is_divided(bounded, order, cap):
    times = ids(150)
    landed = Landed(Searched(times, ORDERS[order], bounded=bounded, cap=cap))
    landed.search.read(WINDOW)
    assert landed.ids == set(times) and landed.is_done


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("bounded", ["low high", ""])
def test_fewer_than_hubspot_counts_is_never_done(order, bounded):
    times = ids(60)
    missing = sorted(times)[30]
    searched = Searched(times, ORDERS[order], bounded=bounded, phantoms=(missing,))
    landed = Landed(searched)
    with pytest.raises(HubspotError, match=r"counts \d+ changed deals.*but gives \d+"):
        landed.search.read(WINDOW)
    assert not landed.is_done and len(landed.waits) == 4
    searched.phantoms = ()
    landed.search.read(landed.windows[-1])
    assert landed.ids == set(times) and landed.is_done, "the window that was left is gone on with"


def test_one_page_with_fewer_than_are_counted_is_not_done():
    landed = Landed(Searched({1: 5000, 2: 5000}, told=3))
    with pytest.raises(HubspotError, match="counts 3 changed deals"):
        landed.search.read(WINDOW)
    assert not landed.is_done


def test_a_count_of_the_whole_window_in_each_answer_is_no_shortage():
    times = ids(150)
    for order in (ORDERS["sorted"], shuffled):
        landed = Landed(Searched(times, order, told=150))
        landed.search.read(WINDOW)
        assert landed.ids == set(times) and landed.is_done


def test_an_answer_that_does_not_count_is_taken_at_its_word():
    def ask(question: Question) -> dict:
        return {"results": [{"id": "7"}]} if question.low < 7 else {"results": []}

    landed = Landed(Searched({}))
    Search("deals", ask, landed._back_off, landed._land).read(WINDOW)
    assert landed.ids == {7} and landed.is_done


@pytest.mark.parametrize("order", ["sorted", "shuffled"])
@pytest.mark.parametrize("grows", [False, True])
def test_objects_that_change_meanwhile_leave_the_window_and_nothing_else_does(order, grows):
    """A change moves an object behind the window's end, where the next one finds it; others appear late."""
    times = ids(150)
    stay = set(sorted(times)[::2])
    going = iter(sorted(set(times) - stay, key=lambda one: shuffled(one, 0)))
    more = iter(range(10_000, 10_020))
    searched = Searched(dict(times), ORDERS[order])

    def meanwhile(number: int) -> None:
        if number % 2 and (one := next(going, None)):
            searched.times[one] = 9_500
        if grows and (one := next(more, None)):
            searched.times[one] = 5_000

    searched.meanwhile = meanwhile
    landed = Landed(searched)
    landed.search.read(WINDOW)
    assert stay <= landed.ids and landed.is_done
    left = {one for one, time in searched.times.items() if time >= 9_000}
    assert set(times) - landed.ids <= left


@pytest.mark.parametrize("order", ["sorted", "shuffled"])
@pytest.mark.parametrize("after", range(0, 12, 2))
def test_a_window_is_gone_on_with_after_a_kill(order, after):
    times = ids(150)
    searched = Searched(times, ORDERS[order])
    landed = Landed(searched)

    def killed(number: int) -> None:
        if number == after:
            raise KeyboardInterrupt

    searched.meanwhile = killed
    try:
        landed.search.read(WINDOW)
    except KeyboardInterrupt:
        landed.search.read(landed.windows[-1] if landed.windows else WINDOW)
    assert landed.ids == set(times) and landed.is_done


def test_empty_pages_without_an_end_are_a_failure():
    numbers = count()

    def ask(question: Question) -> dict:
        return {"total": 5, "results": [], "paging": {"next": {"after": str(next(numbers))}}}

    landed = Landed(Searched({}))
    with pytest.raises(HubspotError, match="pages in a row without a record"):
        Search("deals", ask, landed._back_off, landed._land).read(WINDOW)
    assert not landed.windows
