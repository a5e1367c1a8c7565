"""HubSpot's pages by ``paging.next.after``, and what to do when such a token expires, or leads nowhere."""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Any

from sequence_warehouse.extract.errors import BadRequest, HubspotError, NoProgress

log = logging.getLogger(__name__)

# An expired token costs the pages read so far once more; more of them in one run is no accident.
MOST_RESTARTS = 20
# A search may give an empty page, a list that is changing may repeat one: never so many in a row.
MOST_WITHOUT_NEWS = 100
# HubSpot's own have less than a hundred
_LONGEST_TOKEN = 4096
# 4 MiB tell ten million records apart, page by page: a whole page of new ones is not taken for old
_BITS = 2**25
_PARTS = (0, 17, 34)


def next_after(answer: dict[str, Any]) -> str | None:
    """The token of the page after this one; None: it was the last. Raises HubspotError when it is no text."""
    paging = answer.get("paging") or {}
    following = paging.get("next") or {} if isinstance(paging, dict) else paging
    after = (following.get("after") or None) if isinstance(following, dict) else following
    if isinstance(after, int) and not isinstance(after, bool):
        after = str(after)
    if after is None or (isinstance(after, str) and len(after) <= _LONGEST_TOKEN):
        return after
    raise HubspotError(f"HubSpot names a next page by what is no paging token: {str(after)[:40]!r}.")


class Guard:
    """Tells pages that lead nowhere from those that go on, in memory that does not grow with the records.

    most: pages in a row without a record that had not come before, each naming a next one.
    """

    def __init__(self, most: int = MOST_WITHOUT_NEWS) -> None:
        self._most = most
        self._tokens: set[int] = set()
        self._records = bytearray(_BITS // 8)
        self._count = 0
        self._without_news = 0

    def page(self, keys: Iterable[Hashable], after: str | None, following: str | None) -> None:
        """One more page: keys of its records, the token that asked for it and the next one's. Raises
        NoProgress when that came before, or when there was no news for too long."""
        # one after the other, as all have to be noted
        news = sum([self._is_new(key) for key in keys])
        self._count += news
        if self._count > _BITS // 4:  # too full to tell much
            self._records, self._count = bytearray(_BITS // 8), 0
        self._tokens.add(hash(after))
        if following is None:
            return
        if hash(following) in self._tokens:
            raise NoProgress(
                f"HubSpot's pages go round in circles: the next one, {following[:80]!r}, came before. Try "
                "again later; if it lasts, ask HubSpot's support."
            )
        self._without_news = 0 if news else self._without_news + 1
        if self._without_news >= self._most:
            raise NoProgress(
                f"HubSpot gave {self._most} pages in a row without a record that had not come before, each "
                "naming a next one. Try again later; if it lasts, ask HubSpot's support."
            )

    def _is_new(self, key: Hashable) -> bool:
        bits, is_new = hash(key), False
        for shift in _PARTS:
            place = (bits >> shift) % _BITS
            if not self._records[place >> 3] >> (place & 7) & 1:
                self._records[place >> 3] |= 1 << (place & 7)
                is_new = True
        return is_new


def walk(
    ask: Callable[[str | None], dict[str, Any]], after: str | None = None, most: int = MOST_WITHOUT_NEWS
) -> Iterator[tuple[dict[str, Any], str | None]]:
    """Every page from ``after`` on: (answer, token of the next page or None at the end).

    A token that HubSpot no longer takes starts the walk again from the beginning: who lands the pages
    leaves out what came before. Raises NoProgress when pages have no end, see ``Guard``; a walk that is gone
    on with had better begin anew then.
    """
    restarts = 0
    guard = Guard(most)
    while True:
        try:
            answer = ask(after)
        except BadRequest as error:
            if after is None or restarts == MOST_RESTARTS:
                raise
            restarts += 1
            log.warning("the paging token is refused, reading the window again from its start: %s", error)
            after = None
            guard = Guard(most)
            continue
        following = next_after(answer)
        guard.page(map(_key, answer.get("results") or []), after, following)
        yield answer, following
        if following is None:
            return
        after = following


def _key(record: object) -> str:
    """What a record is by itself: its id, else all of it."""
    return str((record.get("id") if isinstance(record, dict) else None) or record)
