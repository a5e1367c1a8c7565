"""HTTP on the wire: the standard library's server, because faults need the socket itself.

A reset before the answer and a body that stops in its middle cannot be had from a server that keeps
its connections to itself (uvicorn, gunicorn). One thread a connection, kept alive between requests.
"""

from __future__ import annotations

import json
import secrets
import socket
import struct
import sys
import time
import traceback
from collections import deque
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from hubspot_simulator.api import errors, mischief, routes
from hubspot_simulator.api.account import Account
from hubspot_simulator.api.asking import Answer, Ask, Settings
from hubspot_simulator.api.clock import Clock
from hubspot_simulator.api.errors import HubSpotError
from hubspot_simulator.api.faults import REFUSALS, Plan, Rule
from hubspot_simulator.api.limits import Limits

# A long walk must not fill memory with what it asked.
_REMEMBERED = 200_000
_MOST_BODY = 8 * 1024 * 1024


class Asked(NamedTuple):
    """A request and its answer: path with parameters; status 0 when the connection was cut."""

    method: str
    path: str
    status: int


class Server(ThreadingHTTPServer):
    """Listens on loopback; port 0 is any free one."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    account: Account  # set before the first request is answered

    def __init__(
        self, port: int, settings: Settings, limits: Limits, clock: Clock, token: str, plan: Plan
    ) -> None:
        """Raises OSError when the port is taken."""
        self._open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), Handler)
        self.settings = settings
        self.limits = limits
        self.clock = clock
        self.token = token
        self.plan = plan
        self.asked: deque[Asked] = deque(maxlen=_REMEMBERED)
        self.expired: set[str] = set()
        self.base_url = f"http://127.0.0.1:{self.server_address[1]}"

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is no error; anything else is ours and is shown."""
        if not isinstance(sys.exc_info()[1], OSError):
            traceback.print_exc()

    def server_close(self) -> None:
        """Stops listening and ends the connections that clients keep alive."""
        super().server_close()
        for connection in self._open.copy():
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue


class Handler(BaseHTTPRequestHandler):
    """One connection; each request is admitted, struck by faults, answered."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server
    _headers_buffer: list[bytes]

    def do_GET(self) -> None:
        self._serve()

    do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_GET

    def log_message(self, format: str, *arguments: Any) -> None:
        """Nothing: what was asked is in ``requests``, and a log could show a token."""

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        query = {
            name: ",".join(values) for name, values in parse_qs(parts.query, keep_blank_values=True).items()
        }
        length = self.headers.get("Content-Length", "0")
        content = self.rfile.read(min(int(length), _MOST_BODY)) if length.isdecimal() else b""
        struck = self._strike(parts.path, query, content)
        for rule in struck:
            if rule.fault == "slow":
                time.sleep(rule.argument or 0)
        fault = next((rule for rule in struck if rule.fault != "slow"), None)
        if fault and fault.fault == "cut":
            self._cut()
            return
        headers: dict[str, str] = {}
        try:
            headers = self._admit(parts.path)
            handler, names, scope = routes.find(self.command, parts.path)
            if fault:
                self._raise(fault, scope, query)
            behaviours = self.server.plan.behaviours(parts.path)
            most = behaviours.get("414")
            if most is not None and len(self.path) > most:
                raise errors.too_long(int(most))
            if query.get("after") in self.server.expired:
                raise errors.expired_token()
            ask = Ask(
                account=self.server.account,
                settings=self.server.settings,
                base_url=self.server.base_url,
                path=parts.path,
                names=names,
                query=query,
                body=self._parsed(content),
                now_ms=self.server.clock.now_ms,
                late_events=self.server.plan.late_events,
                vanished=self.server.plan.vanished(parts.path),
                late_links=self.server.plan.late_links,
                behaviours=behaviours,
                one_fails=fault is not None and fault.fault == "207-error",
            )
            found, more = self._answered(handler, ask, fault)
            headers |= more
            if fault and fault.fault in mischief.UNENDING:
                self.server.asked.append(Asked(self.command, self.path, 0))
                mischief.send(self, found, fault.fault, fault.argument or 0)
                return
        except HubSpotError as error:
            found = Answer(error.encoded(), error.status, error.content_type)
            headers |= error.headers
        except OSError:  # the client has had enough
            raise
        except Exception:
            traceback.print_exc()
            found = Answer(errors.unavailable(500).encoded(), 500)
        self._send(found, headers, fault.fault if fault else "")

    def _answered(
        self, handler: Callable[[Ask], Answer], ask: Ask, fault: Rule | None
    ) -> tuple[Answer, dict[str, str]]:
        """(the answer, with what a fault makes of it; headers)"""
        if fault and fault.fault in mischief.STUCK:
            return mischief.after(handler(mischief.before(ask)), fault.fault, ask), {}
        found = handler(ask)
        if fault and fault.fault in mischief.GARBLED:
            return mischief.body(found, fault.fault, fault.argument)
        return found, {}

    def _strike(self, path: str, query: dict[str, str], content: bytes) -> list[Rule]:
        # Another token for the same page is the same request again.
        same = {name: value for name, value in query.items() if name != "after"}
        request = f"{self.command} {path} {same} {bool(query.get('after'))} {hash(content)}"
        has_token = self.command == "GET" and bool(query.get("after"))
        asked = "&".join(f"{name}={value}" for name, value in query.items())
        return self.server.plan.strike(path, request, has_token, asked)

    def _admit(self, path: str) -> dict[str, str]:
        given = self.headers.get("Authorization", "")
        if not secrets.compare_digest(given.encode(), f"Bearer {self.server.token}".encode()):
            raise errors.unauthenticated()
        return self.server.limits.admit(path.endswith("/search"))

    def _raise(self, rule: Rule, scope: str, query: dict[str, str]) -> None:
        """The error answer of a fault; nothing for those of the wire."""
        seconds = None if rule.argument is None else round(rule.argument)
        if rule.fault == "expired-token":
            self.server.expired.add(query["after"])
            raise errors.expired_token()
        if rule.fault in ("429", "429-no-retry-after"):
            raise errors.too_many("TEN_SECONDLY_ROLLING", seconds)
        if rule.fault == "daily":
            raise errors.too_many("DAILY", None)
        if rule.fault == "401":
            raise errors.unauthenticated()
        if rule.fault == "403":
            raise errors.missing_scope(scope)
        if rule.fault in REFUSALS:
            raise errors.forbidden(rule.fault)
        if rule.fault in mischief.MISLEADING:
            mischief.refuse(rule.fault, self.path, len(self.server.asked))
        if rule.fault.isdecimal():
            raise errors.unavailable(int(rule.fault), seconds)

    def _parsed(self, content: bytes) -> object:
        if self.command != "POST":
            return None
        try:
            return json.loads(content)
        except ValueError as error:
            raise errors.invalid("Invalid input JSON: the body could not be read.") from error

    def _send(self, found: Answer, headers: dict[str, str], fault: str) -> None:
        body = found.body[: len(found.body) // 2] if fault in ("half-page", "half-json") else found.body
        promised = len(found.body) if fault == "half-page" else len(body)
        self.server.asked.append(Asked(self.command, self.path, found.status))
        self.send_response(found.status)
        self.send_header("Content-Type", found.content_type)
        self.send_header("Content-Length", str(promised))
        for name, value in headers.items():
            self.send_header(name, value)
        # One write: headers and body in two are delayed by the other side's acknowledgement.
        self._headers_buffer.append(b"\r\n")
        self.wfile.write(b"".join(self._headers_buffer) + (b"" if self.command == "HEAD" else body))
        self._headers_buffer = []
        if fault == "half-page":
            self.close_connection = True

    def _cut(self) -> None:
        """A reset instead of an answer."""
        self.server.asked.append(Asked(self.command, self.path, 0))
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True
