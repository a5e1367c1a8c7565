"""HubSpot's pages by ``paging.next.after``, and what to do when such a token expires."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator

from sequence_warehouse.hubspot.errors import BadRequest, HubspotError

log = logging.getLogger(__name__)

# An expired token costs the pages read so far once more; more of them in one run is no accident.
MOST_RESTARTS = 20


def next_after(answer: dict) -> str | None:
    """The token of the page after this one; None: it was the last."""
    return ((answer.get("paging") or {}).get("next") or {}).get("after") or None


def walk(ask: Callable[[str | None], dict], after: str | None = None) -> Iterator[tuple[dict, str | None]]:
    """Every page from ``after`` on: (answer, token of the next page or None at the end).

    A token that HubSpot no longer takes starts the walk again from the beginning: who lands the pages
    leaves out what came before. Raises HubspotError when a page names one that came before: that has no end.
    """
    restarts = 0
    walked: set[str | None] = set()
    while True:
        try:
            answer = ask(after)
        except BadRequest as error:
            if after is None or restarts == MOST_RESTARTS:
                raise
            restarts += 1
            log.warning("the paging token is refused, reading the window again from its start: %s", error)
            after = None
            walked.clear()
            continue
        walked.add(after)
        after = next_after(answer)
        if after is not None and after in walked:
            raise HubspotError(f"HubSpot's pages go round in circles: {after!r} came before.")
        yield answer, after
        if after is None:
            return
