"""What can go wrong with HubSpot, each a readable sentence without any credential."""

from __future__ import annotations

from typing import Any

from sequence_warehouse.config.errors import UserError


class HubspotError(Exception):
    """HubSpot could not be asked now; another attempt later may succeed."""


class Busy(HubspotError):
    """Another process is extracting the same stream."""


class Refused(HubspotError, UserError):
    """HubSpot will refuse until a person or a new day changes something: no use in trying again."""


class Forbidden(Refused):
    """403: a scope, a seat, the plan or portal-level access is missing; the sentence has HubSpot's words."""


class Blocked(HubspotError):
    """403 with a page instead of JSON: what stands before HubSpot keeps this address out, for now."""


class BadRequest(HubspotError):
    """400: a parameter that HubSpot does not take, an expired paging token among them."""


class NotFound(HubspotError):
    """404: HubSpot has nothing there. body: what its answer said, without any credential."""

    def __init__(self, message: str, body: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.body = body or {}


class TooLong(HubspotError):
    """414: more was asked for than fits into an address."""


class Skipped(Exception):
    """A stream is left out, which is no failure: the reason, in a sentence."""


class NoProgress(HubspotError):
    """Pages without an end: what HubSpot names as the next one leads nowhere."""


class Transient(HubspotError):
    """Worth asking again. wait: seconds that HubSpot asked for, or None to back off by ourselves.
    attempts: so many at the most, where each may take long; None: as many as the settings say."""

    def __init__(self, message: str, wait: float | None = None, attempts: int | None = None) -> None:
        super().__init__(message)
        self.wait = wait
        self.attempts = attempts
