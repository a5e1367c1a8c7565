"""All that a window of HubSpot's search holds, whatever order it answers in and however it pages.

Search gives at most 10,000 results to one question and refuses more with a 400. So every page is a
question of its own: changed in the window, id greater than the last one seen, in the order of ids. No page
ever lies beyond the cap, no token can expire, and a killed run goes on after the last id.

That holds only while ids come sorted, which HubSpot does not promise. So order and count are checked: a
question counts as many results (``total``) as the one before it left. Where ids jump, all is read in boxes;
where fewer are counted, what comes after the last page that agreed. A box is a range of ids: one whose
results all lie on one page is read, another is divided at an id of its page, which makes both parts smaller,
in any order, and needs no second page. Fewer may also be counted because objects changed meanwhile and left
the window: boxes, asked anew, tell.

Where the bounds of ids are not kept to, pages are walked by ``after``, again and again until as many ids were
seen as were counted; what lies beyond the cap is divided by time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from sequence_warehouse.extract.errors import BadRequest
from sequence_warehouse.extract.paging import Guard, next_after


@dataclass(frozen=True)
class Question:
    """What is asked for: changed in [start, end) milliseconds, low < id < high, the page named by after."""

    start: int
    end: int
    low: int = 0
    high: int | None = None
    after: str | None = None


class _NotBounded(Exception):
    """Ids came that were not asked for."""


@dataclass(frozen=True)
class _Page:
    """records as they came; total: as HubSpot counts; has_more: whether it names another page."""

    records: list[dict[str, Any]]
    total: int | None
    has_more: bool

    @property
    def ids(self) -> list[int]:
        return [int(record["id"]) for record in self.records]

    def is_all(self) -> bool:
        """Whether as many came as were counted, and no more are to come."""
        return not self.has_more and (self.total is None or len(set(self.ids)) >= self.total)


class Search:
    """Reads one window. stream: its name, for errors.

    ask: answers a question. back_off: waits before the n-th repetition, for a reason, and raises HubspotError
    when that is too many. land: takes records and the window that is left, None when it was read whole; what
    it is given twice it leaves out. guard: over the pages of one question.
    """

    def __init__(
        self,
        stream: str,
        ask: Callable[[Question], dict[str, Any]],
        back_off: Callable[[int, str], None],
        land: Callable[[list[dict[str, Any]], dict[str, Any] | None], None],
        guard: Callable[[], Guard] = Guard,
    ) -> None:
        self._stream = stream
        self._ask = ask
        self._back_off = back_off
        self._land = land
        self._guard = guard

    def read(self, window: dict[str, Any]) -> None:
        """window: from, to (milliseconds) and what ``land`` was told of it before. Raises HubspotError,
        with the counts, when HubSpot keeps giving fewer records than it counts."""
        try:
            rest = window if "boxes" in window else self._in_order(window)
            if rest is not None:
                window = rest
                self._in_boxes(window)
        except _NotBounded:
            self._by_token(window)

    def _in_order(self, window: dict[str, Any]) -> dict[str, Any] | None:
        """Page by page in the order of ids. What is left when order or count is broken, else None."""
        while True:
            low = window.get("last", 0)
            page = self._page(window, low)
            ids, total, expected = page.ids, page.total, window.get("expected")
            if ids and min(ids) <= low:
                raise _NotBounded
            if any(one >= other for one, other in pairwise(ids)):
                return {**window, "boxes": [[0, None]]}  # earlier pages were in order by chance
            if expected is not None and total is not None and total < expected:
                return {**window, "boxes": [[window["before"], None]]}
            window = _counted(window, total)
            read = window.get("read", 0) + len(ids)
            if not page.has_more:
                is_counted = low > 0 and read >= window["total"] > 0
                if not page.is_all() and not is_counted:
                    return {**window, "boxes": [[low, None]]}
                self._land(page.records, None)
                return None
            left = None if total is None else total - len(ids)
            window |= {"before": low, "last": max(ids), "expected": left, "read": read}
            self._land(page.records, window)

    def _in_boxes(self, window: dict[str, Any]) -> None:
        """Boxes of ids, the lowest first; those that are left are part of the window. One of which records
        are counted and none given waits for the others: as many as were counted may come by then."""
        boxes, failures = window["boxes"], 0
        seen: set[int] = set()
        doubtful: list[list[Any]] = []
        while boxes:
            *rest, (low, high) = boxes
            page = self._page(window, low, high)
            ids = page.ids
            if any(one <= low or (high is not None and one >= high) for one in ids):
                raise _NotBounded
            window = _counted(window, page.total)
            seen.update(ids)
            if page.is_all():
                boxes = rest
            elif ids:
                failures = 0
                unique = sorted(set(ids))
                divider = unique[-1] if unique == ids else unique[len(unique) // 2]
                parts = [(divider, high), (low, divider)]
                boxes = rest + [[a, b] for a, b in parts if b is None or b - a > 1]
            else:
                boxes, doubtful = rest, [*doubtful, [low, high]]
            if not boxes and doubtful and len(seen) < window["total"]:
                failures += 1
                self._back_off(failures, self._fewer(page.total or 0, 0, low, high))
                boxes, doubtful = doubtful, []
            window = {**window, "boxes": doubtful + boxes}
            self._land(page.records, window if boxes else None)

    def _by_token(self, window: dict[str, Any]) -> None:
        """Pages by ``after``; ranges of time that hold more than search pages through are divided."""
        ranges, failures = [(window["from"], window["to"])], 0
        seen: set[int] = set()
        while ranges:
            start, end = ranges[-1]
            totals: set[int] = set()
            walked: set[str | None] = set()
            after, guard = None, self._guard()
            try:
                while True:
                    answer = self._ask(Question(start, end, after=after))
                    page = _page_of(answer)
                    self._land(page.records, window)
                    seen.update(page.ids)
                    totals.add(page.total or 0)
                    walked.add(after)
                    after = next_after(answer)
                    if after is None or after in walked:
                        break
                    guard.page(page.ids, None, after)
            except BadRequest:
                if after is None or end - start <= 1:
                    raise
                middle = (start + end) // 2
                ranges[-1:] = [(middle, end), (start, middle)]
                seen.clear()
                continue
            if after is None and len(totals) == 1 and len(seen) >= max(totals):
                ranges.pop()
                seen.clear()
                failures = 0
            else:
                failures += 1
                self._back_off(failures, self._fewer(max(totals), len(seen)))
        self._land([], None)

    def _page(self, window: dict[str, Any], low: int, high: int | None = None) -> _Page:
        """The first page of a question that is not empty: one may be, and yet name a next one."""
        after, guard = None, self._guard()
        while True:
            answer = self._ask(Question(window["from"], window["to"], low, high, after))
            following = next_after(answer)
            if answer["results"] or following is None:
                return _page_of(answer)
            guard.page((), after, following)
            after = following

    def _fewer(self, total: int, came: int, low: int = 0, high: int | None = None) -> str:
        above = f" with ids above {low}" if low else ""
        below = f"{' and' if low else ' with ids'} below {high}" if high is not None else ""
        return f"HubSpot's search counts {total} changed {self._stream}{above}{below}, but gives {came}"


def _page_of(answer: dict[str, Any]) -> _Page:
    total = answer.get("total")
    return _Page(answer["results"], total if isinstance(total, int) else None, next_after(answer) is not None)


def _counted(window: dict[str, Any], total: int | None) -> dict[str, Any]:
    """The window with the count of its first question, which was asked for all of it."""
    return window if "total" in window else {**window, "total": total or 0}
