"""The list of sequences, which HubSpot gives user by user: whole, or what is missing is told."""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from sequence_warehouse.extract.errors import BadRequest, Forbidden, HubspotError, NotFound

if TYPE_CHECKING:
    from sequence_warehouse.extract.running import Run

log = logging.getLogger(__name__)

PAGE = 100
# a list that is shorter than its count is walked so often in all
WALKS = 4


class Sequences:
    """(sequence as listed, id of a user who sees it), each sequence once.

    is_complete: whether, at the end, every user's list was answered. A user whom HubSpot refuses (400, 403)
    or knows no more (404) is told and passed over. Raises, after what could be read: the refusal, when no
    user was answered; HubspotError, when HubSpot counts more sequences of a user than it lists.
    """

    def __init__(self, run: Run, users: list[str]) -> None:
        self._run = run
        self._users = users
        self._seen: set[str] = set()
        self.is_complete = True

    def __iter__(self) -> Iterator[tuple[dict[str, Any], str]]:
        refused: list[BadRequest | Forbidden] = []
        short: list[str] = []
        answered = 0
        for user_id in self._users:
            try:
                lacking = yield from self._of(user_id)
                answered += 1
                short += [lacking] if lacking else []
            except NotFound:
                log.info("%s: HubSpot knows no user %s any more", self._run.stream, user_id)
                self.is_complete = False
            except (BadRequest, Forbidden) as error:
                refused.append(error)
                self.is_complete = False
                self._run.tell(f"The sequences of user {user_id} could not be read. {error}")
        if self._users and not answered:
            raise (
                refused[0] if refused else NotFound(f"HubSpot knows none of {len(self._users)} users (404).")
            )
        if short:
            raise HubspotError(" ".join(short))

    def _of(self, user_id: str) -> Generator[tuple[dict[str, Any], str], None, str]:
        """The sequences of one user; returns what is wrong with their count, if anything."""
        listed: set[str] = set()
        lacking = ""
        for attempt in range(1, WALKS + 1):
            total = 0
            for answer, _ in self._run.hubspot.walk(partial(self._ask, user_id)):
                total = answer.get("total") or 0
                for sequence in answer["results"]:
                    sequence_id = str(sequence["id"])
                    listed.add(sequence_id)
                    if sequence_id not in self._seen:
                        self._seen.add(sequence_id)
                        yield sequence, user_id
            if len(listed) >= total:
                return ""
            lacking = f"HubSpot counts {total} sequences of user {user_id}, but lists {len(listed)}."
            if attempt < WALKS:
                self._run.hubspot.back_off(attempt, lacking)
        return lacking

    def _ask(self, user_id: str, after: str | None) -> dict[str, Any]:
        return self._run.hubspot.page("/automation/v4/sequences", userId=user_id, limit=PAGE, after=after)
