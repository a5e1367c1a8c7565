"""What a handler gets and gives: the request, read, and the answer; paging tokens and links."""

from __future__ import annotations

import base64
import itertools
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from hubspot_simulator.api.account import Account
from hubspot_simulator.api.clean import HALF_EMOJI, HALF_EMOJI_ESCAPE
from hubspot_simulator.api.errors import expired_token, invalid

# No two tokens are equal, so that one can expire and the same walk, started again, goes on.
_ISSUED = itertools.count()


@dataclass(frozen=True)
class Settings:
    """What of HubSpot is a plan's, unknown or impractical, and so can be set.

    page_limit: no page is longer, whatever is asked for (None: HubSpot's own limits). search_cap: search
    answers 400 beyond so many results. event_bounds: which of occurredAfter and occurredBefore are
    inclusive, as an interval: ``[)``, ``[]``, ``(]`` or ``()``; HubSpot's is not documented.
    sequences_of: ``user``, the list holds the sequences of the user asked for, or ``account``, all.
    associations_page: links to one object in one answer of batch read, the rest by paging.
    """

    page_limit: int | None = None
    search_cap: int = 10_000
    event_bounds: str = "[)"
    sequences_of: str = "user"
    associations_page: int = 100


@dataclass
class Ask:
    """One request: names taken from the path, parameters (repeated ones joined by commas), JSON body; what of
    the plan of faults is about it. one_fails: one object of a batch does."""

    account: Account
    settings: Settings
    base_url: str
    path: str
    names: dict[str, str]
    query: dict[str, str]
    body: Any = None
    now_ms: int | None = None
    late_events: tuple[float, float] | None = None
    vanished: float = 0.0
    late_links: tuple[float, float] | None = None
    behaviours: dict[str, float | None] = field(default_factory=dict)
    one_fails: bool = False
    headers: dict[str, str] = field(default_factory=dict)

    def limit(self, most: int, default: int | None = None) -> int:
        """Rows of a page; raises the 400 for more than ``most`` or what is no number."""
        given = self.body.get("limit") if isinstance(self.body, dict) else self.query.get("limit")
        wanted = _whole("limit", given) if given not in (None, "") else (default or most)
        if not 0 < wanted <= most:
            raise invalid(f"Invalid value for limit: {wanted} is not between 1 and {most}.")
        return min(wanted, self.settings.page_limit or most)

    def flag(self, name: str) -> bool:
        """A parameter that is true or false; absent is false."""
        value = self.query.get(name, "false").lower()
        if value not in ("true", "false"):
            raise invalid(f"{name} must be true or false, not {value!r}.")
        return value == "true"

    def listed(self, name: str) -> list[str]:
        """A parameter with commas, as a list."""
        return [part for part in (part.strip() for part in self.query.get(name, "").split(",")) if part]

    def after(self) -> str | None:
        """The key that the paging token holds; None on the first page; raises the 400 of a bad one."""
        token = self.query.get("after")
        return None if not token else opened(token)

    def paging(self, key: object) -> dict[str, Any]:
        """``{"paging": …}`` for the page after ``key``, with a token and a link."""
        token = sealed(key)
        link = f"{self.base_url}{self.path}?{urlencode(self.query | {'after': token})}"
        return {"paging": {"next": {"after": token, "link": link}}}

    def inputs(self, most: int) -> list[dict[str, Any]]:
        """The inputs of a batch: objects that have an id."""
        inputs = self.body.get("inputs") if isinstance(self.body, dict) else None
        if not isinstance(inputs, list) or not all(
            isinstance(item, dict) and "id" in item for item in inputs
        ):
            raise invalid("Invalid input JSON: inputs must be a list of objects with an id.")
        if len(inputs) > most:
            raise invalid(f"There are {len(inputs)} inputs; a batch takes at most {most}.")
        return inputs


@dataclass(frozen=True)
class Answer:
    """A body as it goes on the wire, its status and its type."""

    body: bytes
    status: int = 200
    content_type: str = "application/json;charset=utf-8"


def answer(content: object, status: int = 200) -> Answer:
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return Answer(text.replace(HALF_EMOJI, HALF_EMOJI_ESCAPE).encode(), status)


def page(documents: list[str], paging: dict[str, Any] | None) -> Answer:
    """A page of documents that are JSON already: nothing is parsed and written again."""
    more = "" if paging is None else "," + json.dumps(paging)[1:-1]
    return Answer(f'{{"results":[{",".join(documents)}]{more}}}'.encode())


def sealed(key: object) -> str:
    """A paging token, opaque to clients, that no server has to remember."""
    return base64.urlsafe_b64encode(f"{key}|{next(_ISSUED)}".encode()).decode().rstrip("=")


def opened(token: str) -> str:
    """The key of a token; raises the 400 that HubSpot answers to one it does not know."""
    try:
        text = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True).decode()
        key, _, issued = text.rpartition("|")
        int(issued)
    except ValueError as error:
        raise expired_token() from error
    return key


def whole_key(key: str | None) -> int | None:
    """A key that is a number; None stays None."""
    try:
        return None if key is None else int(key)
    except ValueError as error:
        raise expired_token() from error


def _whole(name: str, value: object) -> int:
    try:
        return int(str(value))
    except ValueError as error:
        raise invalid(f"{name} must be a whole number, not {value!r}.") from error
