"""What an answer of HubSpot's means: its content, or the error that says what to do about it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

import httpx
import msgspec

from sequence_warehouse.hubspot.errors import BadRequest, HubspotError, NotFound, Refused, Transient

LOCKED_SECONDS = 2.0
NO_RETRY_AFTER_SECONDS = 10.0
# 477 is an account on the move between data centers: HubSpot says how long, up to a day
MIGRATION_SECONDS = 60.0


@dataclass(frozen=True)
class Asker:
    """Who asks, in words for errors. scopes: what the stream needs, for a 403 that does not say."""

    portal: str
    stream: str
    source: str
    scopes: tuple[str, ...] = ()
    time_zone: str = "UTC"


def content_of(response: httpx.Response, asker: Asker, now: float) -> dict:
    """The parsed body of a good answer (a 207 included). Raises the HubspotError that fits any other."""
    status = response.status_code
    if status in {200, 201, 207}:
        content = _decoded(response.content)
        if not isinstance(content, dict):
            raise Transient("HubSpot's answer was no JSON object.")
        return content
    body = _error_body(response)
    said = _said(response, body)
    if status == 401:
        raise Refused(
            f"HubSpot refused the token of portal {asker.portal} (401): put a valid one into {asker.source}."
        )
    if status == 403:
        scopes = ", ".join(_missing_scopes(body) or asker.scopes) or "the one that HubSpot's documents name"
        raise Refused(
            f"The token of portal {asker.portal} may not read {asker.stream} (403): add the scope {scopes} "
            f"to the private app whose token is in {asker.source}, or leave this stream out."
        )
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
        raise NotFound(said)
    raise HubspotError(said)


def _decoded(body: bytes) -> object:
    """The JSON of a body. A character cut in two (a lone surrogate) is JSON, but no text: it is replaced."""
    try:
        return msgspec.json.decode(body)
    except msgspec.DecodeError:
        pass
    try:
        text = json.dumps(json.loads(body), ensure_ascii=False)
    except ValueError:
        raise Transient("HubSpot's answer broke off.") from None
    return msgspec.json.decode(re.sub("[\ud800-\udfff]", "\ufffd", text))


def _error_body(response: httpx.Response) -> dict:
    try:
        body = msgspec.json.decode(response.content)
    except msgspec.DecodeError:
        return {}
    return body if isinstance(body, dict) else {}


def _said(response: httpx.Response, body: dict) -> str:
    """One sentence of an error; every member of its body is optional in real life."""
    parts = [str(body[name])[:300] for name in ("category", "message") if body.get(name)]
    if body.get("correlationId"):
        parts.append(f"correlationId {body['correlationId']}")
    request = response.request
    return f"HubSpot answered {response.status_code} to {request.method} {request.url.path}: " + (
        "; ".join(parts) or "without a word"
    )


def _missing_scopes(body: dict) -> list[str]:
    found: list[str] = []
    contexts = [body.get("context")]
    contexts += [error.get("context") for error in body.get("errors") or [] if isinstance(error, dict)]
    for context in contexts:
        for name in ("requiredGranularScopes", "requiredScopes", "missingScopes"):
            value = (context or {}).get(name)
            found += value if isinstance(value, list) else [value] if value else []
    return list(dict.fromkeys(map(str, found)))


def _retry_after(response: httpx.Response, now: float) -> float | None:
    """Seconds that the header Retry-After asks for: a number or a date; None when it is missing."""
    text = response.headers.get("Retry-After", "").strip()
    try:
        return max(float(text), 0.0)
    except ValueError:
        pass
    try:
        return max(parsedate_to_datetime(text).timestamp() - now, 0.0)
    except (TypeError, ValueError):
        return None


def _midnight(now: float, time_zone: str) -> float:
    """The next midnight of a time zone."""
    tomorrow = datetime.fromtimestamp(now, ZoneInfo(time_zone)) + timedelta(days=1)
    return tomorrow.replace(hour=0, minute=0, second=0, microsecond=0).timestamp()
