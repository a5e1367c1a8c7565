"""What an answer of HubSpot's means: its content, or the error that says what to do about it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import msgspec

from sequence_warehouse.extract.errors import (
    BadRequest,
    Blocked,
    Forbidden,
    HubspotError,
    NotFound,
    Refused,
    TooLong,
    Transient,
)
from sequence_warehouse.extract.wire import FEW_ATTEMPTS

LOCKED_SECONDS = 2.0
NO_RETRY_AFTER_SECONDS = 10.0
# 477 is an account on the move between data centers: HubSpot says how long, up to a day
MIGRATION_SECONDS = 60.0
LONGEST_RETRY_AFTER_SECONDS = 2 * 86_400.0


@dataclass(frozen=True)
class Asker:
    """Who asks, in words for errors."""

    portal: str
    stream: str
    source: str
    time_zone: str = "UTC"


def content_of(response: httpx.Response, asker: Asker, now: float) -> dict[str, Any]:
    """The parsed body of a good answer (a 207 included). Raises the HubspotError that fits any other."""
    status = response.status_code
    if status in {200, 201, 207}:
        content = _decoded(response)
        if not isinstance(content, dict):
            raise Transient(f"HubSpot's answer to {_request(response)} is JSON, but no object.")
        if status == 207 and not content.get("numErrors"):  # a part failed, whether it is listed or not
            content["numErrors"] = len(content.get("errors") or [None])
        return content
    if 300 <= status < 400:
        # to follow it would give the token to another address
        raise Transient(
            f"HubSpot at {response.request.url.host} answered {_request(response)} with a redirect to "
            f"{response.headers.get('Location', 'nowhere')[:200]} ({status}), which is not followed: correct "
            "the address of HubSpot, or what stands between.",
            attempts=FEW_ATTEMPTS,
        )
    body, is_json = _error_body(response)
    said = _said(response, body)
    if status == 401:
        raise Refused(
            f"HubSpot refused the token of portal {asker.portal} (401): put a valid one into {asker.source}. "
            f"{_sentence(body)}"
        )
    if status == 403:
        if not is_json and response.content.strip():
            raise Blocked(
                f"{asker.stream} of portal {asker.portal} is blocked (403, with a page instead of HubSpot's "
                "JSON): a firewall or proxy keeps this machine's address out for now. Try again later; if it "
                "lasts, have the address let through by who runs the network, or by HubSpot's support."
            )
        raise _forbidden(body, asker)
    wait = _retry_after(response, now)
    if status == 429:
        policy = str(body.get("policyName") or "").upper()
        if "DAILY" in policy or "daily" in str(body.get("message") or "").lower():
            reset = now + wait if wait is not None else _midnight(now, asker.time_zone)
            raise Refused(
                f"Portal {asker.portal} has used up its requests of the day (429, DAILY): the limit starts "
                f"anew at {datetime.fromtimestamp(reset, UTC):%Y-%m-%d %H:%M} UTC."
            )
        raise Transient(said, wait if wait is not None else NO_RETRY_AFTER_SECONDS)
    if status == 423:
        raise Transient(said, wait if wait is not None else LOCKED_SECONDS)
    if status == 477:
        raise Transient(said, wait if wait is not None else MIGRATION_SECONDS)
    if status == 408 or status >= 500:
        raise Transient(said, wait)
    if status == 400:
        raise BadRequest(said)
    if status == 404:
        raise NotFound(said, body)
    if status in {414, 431}:
        raise TooLong(said)
    raise HubspotError(said)


def is_empty(response: httpx.Response) -> bool:
    """Whether HubSpot answers that there is nothing, and not that something went wrong."""
    if response.status_code == 200:
        return response.content.strip() in {b"", b"null", b"{}", b"[]"}
    return response.status_code == 204


def _forbidden(body: dict[str, Any], asker: Asker) -> Forbidden:
    """HubSpot's own words, and scopes only where it names them: a seat, the plan or access may be missing."""
    scopes = _missing_scopes(body)
    mend = (
        f"Add the scope {', '.join(scopes)} to the private app whose token is in {asker.source}"
        if scopes
        else "HubSpot does not say which scope (docs/hubspot.md lists what each stream needs): mend what it "
        f"names for the app, or the user, whose token is in {asker.source}"
    )
    return Forbidden(
        f"The token of portal {asker.portal} may not read {asker.stream} (403). "
        f"{_sentence(body)} {mend}, or leave this stream out."
    )


def _sentence(body: dict[str, Any]) -> str:
    """What an error says to a person, each message once."""
    said = [body.get("message"), *(error.get("message") for error in _errors(body))]
    words = list(dict.fromkeys(str(one)[:300].strip(". ") for one in said if one))[:4]
    words = words or [str(body["category"])] if body.get("category") else words
    if body.get("correlationId"):
        words.append(f"correlationId {body['correlationId']}")
    return f"HubSpot says: {'; '.join(words)}." if words else "HubSpot does not say why."


def _errors(body: dict[str, Any]) -> list[dict[str, Any]]:
    errors = body.get("errors")
    return [error for error in errors if isinstance(error, dict)] if isinstance(errors, list) else []


def _decoded(response: httpx.Response) -> object:
    """The JSON of a body. A character cut in two (a lone surrogate) is JSON, but no text: it is replaced."""
    body = response.content
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        pass
    except RecursionError:
        raise Transient(
            f"HubSpot's answer to {_request(response)} is nested too deeply to be read.",
            attempts=FEW_ATTEMPTS,
        ) from None
    try:
        text = json.dumps(json.loads(body), ensure_ascii=False)
        return msgspec.json.decode(re.sub("[\ud800-\udfff]", "\ufffd", text))
    except (ValueError, RecursionError) as error:
        raise Transient(_unreadable(response, error)) from None


def _unreadable(response: httpx.Response, error: Exception) -> str:
    """What is wrong with a body that should be JSON, with its beginning."""
    request = _request(response)
    if isinstance(error, UnicodeDecodeError):
        return f"HubSpot's answer to {request} is not in UTF-8 (byte {error.start:,})."
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip()
    beginning = response.content[:60].decode("utf-8", "replace")
    if beginning.lstrip()[:1] not in {"{", "["}:
        return f"HubSpot's answer to {request} is {kind[:60] or 'something'} instead of JSON: {beginning!r}."
    if isinstance(error, json.JSONDecodeError):
        return f"HubSpot's answer to {request} broke off or is no JSON ({error})."
    return f"HubSpot's answer to {request} has a number that is none, or too large."


def _error_body(response: httpx.Response) -> tuple[dict[str, Any], bool]:
    """The members of an error's body, and whether it is JSON at all."""
    try:
        body = msgspec.json.decode(response.content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}, False
    return (body if isinstance(body, dict) else {}), True


def _said(response: httpx.Response, body: dict[str, Any]) -> str:
    """One sentence of an error; every member of its body is optional in real life."""
    parts = [str(body[name])[:300] for name in ("category", "message") if body.get(name)]
    if body.get("correlationId"):
        parts.append(f"correlationId {body['correlationId']}")
    return f"HubSpot answered {response.status_code} to {_request(response)}: " + (
        "; ".join(parts) or "without a word"
    )


def _request(response: httpx.Response) -> str:
    return f"{response.request.method} {response.request.url.path}"


def _missing_scopes(body: dict[str, Any]) -> list[str]:
    found: list[str] = []
    for part in (body, *_errors(body)):
        for holder in (part, part.get("context")):
            for name in ("requiredGranularScopes", "requiredScopes", "missingScopes"):
                value = holder.get(name) if isinstance(holder, dict) else None
                found += value if isinstance(value, list) else [value] if value else []
    return list(dict.fromkeys(map(str, found)))


def _retry_after(response: httpx.Response, now: float) -> float | None:
    """Seconds that the header Retry-After asks for, a number or a date; None when it is missing or makes no
    sense: nothing that HubSpot waits for takes longer than a day."""
    text = response.headers.get("Retry-After", "").strip()[:100]
    try:
        seconds = float(text)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(text).timestamp() - now
        except (TypeError, ValueError, IndexError, OverflowError):
            return None
    return max(seconds, 0.0) if seconds <= LONGEST_RETRY_AFTER_SECONDS else None  # nor what is no number


def _midnight(now: float, time_zone: str) -> float:
    """The next midnight of a time zone."""
    tomorrow = datetime.fromtimestamp(now, ZoneInfo(time_zone)) + timedelta(days=1)
    return tomorrow.replace(hour=0, minute=0, second=0, microsecond=0).timestamp()
