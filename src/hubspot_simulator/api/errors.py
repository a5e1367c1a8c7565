"""HubSpot's error answers: ``raise not_found("/x")`` in a handler becomes that answer on the wire.

A body: ``{"status": "error", "message", "correlationId", "category"}`` and, by kind, ``errorType``,
``policyName``, ``subCategory``, ``errors``, ``links``. The correlation id is new in each answer.
"""

from __future__ import annotations

import json
import uuid
from typing import Any

_OF_POLICY = {
    "TEN_SECONDLY_ROLLING": "You have reached your ten_secondly_rolling limit.",
    "SECONDLY": "You have reached your secondly limit.",
    "DAILY": "You have reached your daily limit.",
}
_REFUSALS = {
    "403-plan": "This account's subscription does not include what was asked for.",
    "403-access": "This endpoint can be called by apps with portal-level access only.",
}
_SCOPES_PAGE = "https://developers.hubspot.com/scopes"


class HubSpotError(Exception):
    """An answer that is not 200: status, body (a JSON object), headers."""

    content_type = "application/json;charset=utf-8"

    def __init__(
        self, status: int, message: str, category: str, headers: dict[str, Any] | None = None, **more: Any
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers or {}
        self.body = {
            "status": "error",
            "message": message,
            "correlationId": str(uuid.uuid4()),
            "category": category,
            **more,
        }

    def encoded(self) -> bytes:
        """The body as it goes on the wire."""
        return json.dumps(self.body).encode()


def invalid(message: str, **more: Any) -> HubSpotError:
    """400: the request itself is wrong; the same request will never be answered."""
    return HubSpotError(400, message, "VALIDATION_ERROR", **more)


def expired_token() -> HubSpotError:
    """400 for a paging token that is no longer, or never was, good: start again without it."""
    return invalid("The paging token is invalid or has expired.", subCategory="paging.INVALID_AFTER")


def not_found(what: str) -> HubSpotError:
    return HubSpotError(404, f"{what} was not found.", "OBJECT_NOT_FOUND")


def wrong_method(method: str) -> HubSpotError:
    return HubSpotError(405, f"{method} is not allowed here.", "VALIDATION_ERROR")


def unauthenticated() -> HubSpotError:
    """401: no token, or another one than this account's."""
    return HubSpotError(
        401,
        "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find "
        "more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview",
        "INVALID_AUTHENTICATION",
    )


def missing_scope(scope: str) -> HubSpotError:
    """403: the token is good, but this scope was not granted."""
    return HubSpotError(
        403,
        "This app hasn't been granted all required scopes to make this call. "
        f"Read more about required scopes here: {_SCOPES_PAGE}.",
        "MISSING_SCOPES",
        errors=[
            {
                "message": "One or more of the following scopes are required.",
                "context": {"requiredGranularScopes": [scope]},
            }
        ],
        links={"scopes": _SCOPES_PAGE},
    )


def forbidden(kind: str) -> HubSpotError:
    """403 of a token that has its scopes: ``403-plan`` or ``403-access``, in words; ``403-html``: no words of
    HubSpot's at all."""
    if kind == "403-html":
        return _Page()
    return HubSpotError(403, _REFUSALS[kind], "FORBIDDEN")


class _Page(HubSpotError):
    """What a firewall answers in HubSpot's place."""

    content_type = "text/html"

    def __init__(self) -> None:
        super().__init__(403, "Attention Required!", "")

    def encoded(self) -> bytes:
        return (
            b"<!DOCTYPE html><html><title>Attention Required!</title><h1>Sorry, you are blocked</h1></html>"
        )


def too_long(most: int) -> HubSpotError:
    """414: the address has more than so many characters."""
    return HubSpotError(414, f"The URI is longer than {most} characters.", "VALIDATION_ERROR")


def too_many(policy: str, retry_after: int | None) -> HubSpotError:
    """429: policy TEN_SECONDLY_ROLLING, SECONDLY or DAILY; retry_after in seconds, None: no such header."""
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return HubSpotError(
        429, _OF_POLICY[policy], "RATE_LIMITS", headers, errorType="RATE_LIMIT", policyName=policy
    )


def unavailable(status: int, retry_after: int | None = None) -> HubSpotError:
    """423, 477, 5xx: nothing is wrong with the request, and later it will be answered."""
    messages = {
        423: ("This resource is locked by another operation.", "LOCKED"),
        477: ("This account is being moved to another data center.", "MIGRATION_IN_PROGRESS"),
    }
    message, category = messages.get(status, ("The service is unavailable.", "SERVICE_UNAVAILABLE"))
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return HubSpotError(status, message, category, headers)
