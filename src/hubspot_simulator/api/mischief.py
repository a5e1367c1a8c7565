"""What no HubSpot should answer, and one may, or what answers in its place.

Pages without an end, answers that are none, and answers that never end.

``before`` and ``after`` are about pages, ``body`` about what a good answer becomes, ``send`` about the wire.
"""

from __future__ import annotations

import gzip
import itertools
import json
import time
from dataclasses import replace
from http.server import BaseHTTPRequestHandler

from hubspot_simulator.api.asking import Answer, Ask
from hubspot_simulator.api.errors import HubSpotError

STUCK = ("same-after", "cycle-after", "endless-pages", "empty-pages")
GARBLED = (
    "html", "no-object", "no-results", "odd-results", "bad-utf8", "deep-json", "huge-number", "gzip-bomb",
)  # fmt: skip
UNENDING = ("endless", "drip", "drip-headers", "endless-headers", "black-hole")
MISLEADING = ("429-absurd", "redirect", "redirect-loop")
ABSURD_WAITS = ("1e9", "-5", "soon", "nan", "Fri, 31 Dec 9999 23:59:59 GMT", "9" * 400)

_PREFIX = "stuck-"
_numbers = itertools.count()


def before(ask: Ask) -> Ask:
    """The request without the tokens that ``after`` made: each asks for the first page once more."""
    query = {name: value for name, value in ask.query.items() if not _is_stuck(name, value)}
    return replace(ask, query=query, body=_cleaned(ask.body))


def after(found: Answer, fault: str, ask: Ask) -> Answer:
    """The page with another next one; what is no page stays as it is."""
    content = json.loads(found.body)
    name = "eventTypes" if "eventTypes" in content else "results"
    if not isinstance(content.get(name), list):
        return found
    paging = {"paging": {"next": {"after": _next(fault, json.dumps([ask.query, ask.body]))}}}
    if "/associations/" in ask.path:
        content[name] = [
            one | paging | ({"to": []} if fault == "empty-pages" else {}) for one in content[name]
        ]
    else:
        content |= paging | ({name: []} if fault == "empty-pages" else {})
    return replace(found, body=json.dumps(content).encode())


def body(found: Answer, fault: str, megabytes: float | None) -> tuple[Answer, dict[str, str]]:
    """(what is answered instead of a good answer, headers)"""
    bodies = {
        "html": b"<!DOCTYPE html><html><h1>We will be back soon</h1></html>",
        "no-object": b"[]",
        "no-results": b'{"results": {"a": 1}}',
        "odd-results": b'{"results": [1, "two", null]}',
        "bad-utf8": b'{"results": [{"id": "1", "name": "Bj\xf8rn"}]}',
        "deep-json": b'{"results": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        "huge-number": b'{"results": [], "total": ' + b"9" * 5000 + b"}",
    }
    if fault == "gzip-bomb":
        zeros = b'{"results": [], "more": "' + b"0" * int((megabytes or 1) * 1024 * 1024) + b'"}'
        return replace(found, body=gzip.compress(zeros, 1)), {"Content-Encoding": "gzip"}
    if fault in ("no-results", "odd-results") and b'"results":' not in found.body[:200]:
        return found, {}  # which is no page
    kind = "text/html" if fault == "html" else found.content_type
    return replace(found, body=bodies[fault], content_type=kind), {}


def refuse(fault: str, path: str, number: int) -> None:
    """Raises the answer that sends a client away, or has it wait for ever."""
    if fault == "429-absurd":
        wait = ABSURD_WAITS[number % len(ABSURD_WAITS)]
        raise HubSpotError(429, "Too many requests.", "RATE_LIMITS", {"Retry-After": wait})
    where = path if fault == "redirect-loop" else f"http://elsewhere.invalid{path}"
    raise HubSpotError(302, "Moved.", "MOVED", {"Location": where})


def send(handler: BaseHTTPRequestHandler, found: Answer, fault: str, seconds: float) -> None:
    """An answer that goes on until the client does not wait any longer."""
    handler.close_connection = True
    if fault == "black-hole":
        handler.connection.recv(1)
        return
    status = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
    drops = {
        "drip": (status + b"\r\n", found.body),
        "drip-headers": (status, b"X-Slow: " + b"0" * 1000),
        "endless": (status + b'\r\n{"results": ["', None),
        "endless-headers": (status, None),
    }
    head, slowly = drops[fault]
    handler.wfile.write(head)
    if slowly is None:
        line = b"X-More: " + b"0" * 8000 + b"\r\n"
        while True:
            handler.wfile.write(line if fault == "endless-headers" else b"0" * 65_536)
    for byte in slowly:
        handler.wfile.write(bytes([byte]))
        time.sleep(seconds)


def _next(fault: str, asked: str) -> str:
    if fault == "same-after":
        return f"{_PREFIX}again"
    if fault == "cycle-after":
        return f"{_PREFIX}b" if f"{_PREFIX}a" in asked else f"{_PREFIX}a"
    return f"{_PREFIX}{next(_numbers)}"


def _is_stuck(name: object, value: object) -> bool:
    return name == "after" and str(value).startswith(_PREFIX)


def _cleaned(body: object) -> object:
    if isinstance(body, dict):
        return {name: _cleaned(value) for name, value in body.items() if not _is_stuck(name, value)}
    return [_cleaned(one) for one in body] if isinstance(body, list) else body
