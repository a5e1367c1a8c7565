"""One account of HubSpot over HTTP: within its limits, asked again when that helps, its token unseen."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Generator, Iterator
from datetime import UTC, datetime
from types import TracebackType
from typing import Any
from urllib.parse import quote

import httpx
import tenacity

from sequence_warehouse.extract import paging, wire
from sequence_warehouse.extract.answers import Asker, content_of, is_empty
from sequence_warehouse.extract.clock import Clock, milliseconds
from sequence_warehouse.extract.connection import Account, Secret
from sequence_warehouse.extract.errors import HubspotError, NotFound, Refused, Transient
from sequence_warehouse.extract.limits import Limits
from sequence_warehouse.extract.options import Options

log = logging.getLogger(__name__)
# httpx tells every request at INFO; the progress of a stream says more in less
logging.getLogger("httpx").setLevel(logging.WARNING)

LONGEST_BACK_OFF_SECONDS = 60.0


class _Bearer(httpx.Auth):
    """Puts the token on at the last moment, so that no argument and no local variable holds it."""

    def __init__(self, token: Secret) -> None:
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Authorization"] = f"Bearer {self._token.reveal()}"
        yield request


class Hubspot:
    """Asks HubSpot and returns parsed answers; counts requests, retries and seconds waited.

    Raises Refused (401, 403, daily limit), Blocked, BadRequest, NotFound, TooLong, or HubspotError once
    ``attempts`` are used up. No redirect is followed: the token goes to the one address it was given for.
    """

    def __init__(
        self,
        account: Account,
        options: Options,
        limits: Limits,
        asker: Asker,
        clock: Clock,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._account = account
        self._options = options
        self._limits = limits
        self._asker = asker
        self._clock = clock
        self.requests = 0
        self.retries = 0
        self.waited = 0.0
        self.last = ""  # the request that was answered last
        self._asking_since: float | None = None
        self.is_reached = False  # whether HubSpot has answered anything yet
        self._deadline = wire.Deadline()
        # one for all requests: it is part of a cycle with the last answer, and a new one for each would
        # leave an answer each to the garbage collector, which comes late
        self._attempts = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(Transient),
            stop=self._is_enough,
            wait=self._seconds_to_wait,
            before_sleep=lambda state: self._note(state.upcoming_sleep, str(_error_of(state))),
            sleep=clock.sleep,
            reraise=True,
        )
        self._client = httpx.Client(
            base_url=account.base_url,
            auth=_Bearer(account.token),
            timeout=options.timeout_seconds,
            transport=transport,
            headers={**wire.ACCEPTED, "User-Agent": "sequence-warehouse"},
        )
        wire.bound(self._client, self._deadline)

    def __enter__(self) -> Hubspot:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def get(
        self, path: str, is_whole: Callable[[dict[str, Any]], bool] | None = None, **parameters: object
    ) -> dict[str, Any]:
        """GET one thing; parameters that are None are left out. is_whole: whether an answer is what was asked
        for, and not only an object; another one is asked for again."""
        return self._ask("GET", path, is_whole or _is_anything, params=_texts(parameters))

    def find(self, path: str) -> dict[str, Any]:
        """GET what may not be there: empty when the answer is (204, no body, null); NotFound as elsewhere."""
        return self._ask("GET", path, None)

    def page(self, path: str, **parameters: object) -> dict[str, Any]:
        """GET a page: an answer without a list of results is a half one and is asked for again."""
        return self._ask("GET", path, _has_results, params=_texts(parameters))

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """POST a search or a batch, whose answer has a list of results."""
        return self._ask("POST", path, _has_results, json=body)

    def walk(
        self, ask: Callable[[str | None], dict[str, Any]], after: str | None = None
    ) -> Iterator[tuple[dict[str, Any], str | None]]:
        """Every page that ``ask`` gets, see ``paging.walk``."""
        return paging.walk(ask, after, self._options.pages_without_news)

    def guard(self) -> paging.Guard:
        """For pages that are walked in another way."""
        return paging.Guard(self._options.pages_without_news)

    @property
    def portal(self) -> str:
        """The account that is asked."""
        return self._account.portal

    @property
    def now_ms(self) -> int:
        """The time by the extraction's clock."""
        return milliseconds(self._clock.now())

    def back_off(self, attempt: int, reason: str) -> None:
        """Wait before repeating a part of a batch; raises HubspotError after the last attempt."""
        if attempt >= self._options.attempts:
            raise HubspotError(f"{reason}, {attempt} times in a row.")
        self._wait(_back_off(attempt), reason)

    def _ask(
        self, method: str, path: str, is_whole: Callable[[dict[str, Any]], bool] | None, **content: Any
    ) -> dict[str, Any]:
        try:
            return self._attempts(self._ask_once, method, path, is_whole, **content)
        except Transient as error:
            attempts = self._attempts.statistics["attempt_number"]
            message = f"{error} After {attempts} attempts the task gives up for now."
        raise HubspotError(self._account.token.scrub(message))

    def _ask_once(
        self, method: str, path: str, is_whole: Callable[[dict[str, Any]], bool] | None, **content: Any
    ) -> dict[str, Any]:
        self.waited += self._limits.take(path.endswith("/search"))
        self.requests += 1
        request = f"{method} {path}"
        response: httpx.Response | None
        # Errors are raised anew, without those that led to them and their frames: a request carries the
        # token, and an answer may repeat it.
        try:
            response = self._response(method, path, **content)
            self.last = request
            if is_whole is None and is_empty(response):
                return {}
            answer = content_of(response, self._asker, self._clock.now())
            if is_whole is None or is_whole(answer):
                return answer
            what = "has no list of results" if is_whole is _has_results else "is not what was asked for"
            failure: HubspotError = Transient(f"HubSpot's answer to {request} {what}.")
        except HubspotError as error:
            error.args = (self._account.token.scrub(str(error)),)
            if isinstance(error, NotFound):
                error.body = self._account.token.scrub_all(error.body)
            failure = error.with_traceback(None)
        except (httpx.LocalProtocolError, httpx.UnsupportedProtocol):
            failure = Refused(
                f"HubSpot cannot be asked at {self._account.address}: the address or the token in "
                f"{self._account.source} holds what no request can carry."
            )
        except (httpx.TransportError, httpx.DecodingError) as error:
            failure = self._unanswered(error, request)
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            message = self._account.token.scrub(str(error))
            failure = Refused(f"HubSpot cannot be asked at {self._account.address}: {message}.")
        response = None
        raise failure

    def _response(self, method: str, path: str, **content: Any) -> httpx.Response:
        """A whole answer, within the bounds of time and size."""
        seconds = self._options.timeout_seconds
        if self._asking_since is None:
            self._asking_since = self._clock.now()
        self._deadline.begin(seconds if self.is_reached else min(seconds, self._options.reach_seconds))
        with self._client.stream(method, path, **content) as response:
            if not self.is_reached:
                self.is_reached = True
                self._deadline.begin(seconds)
            return wire.read(response, self._options.answer_bytes)

    def _unanswered(self, error: httpx.HTTPError, request: str) -> Transient:
        """What became of a request that has no whole answer."""
        # a proxy or a name server may say what it was asked
        said = self._account.token.scrub(str(error).strip(". "))[:200]
        reason = f"{type(error).__name__}{f': {said}' if said else ''}"
        if not self.is_reached:
            return Transient(
                f"HubSpot cannot be reached at {self._account.address} ({reason}): look whether the address "
                "is right and the network, a firewall or a proxy lets this machine through."
            )
        if isinstance(error, httpx.TimeoutException):
            return Transient(
                f"HubSpot at {self._account.address} gave no whole answer to {request} within "
                f"{self._options.timeout_seconds:g} s.",
                attempts=wire.FEW_ATTEMPTS,
            )
        return Transient(f"HubSpot at {self._account.address} broke off {request} ({reason}).")

    def _is_enough(self, state: tenacity.RetryCallState) -> bool:
        error = _error_of(state)
        if not self.is_reached and self._asking_since is not None:
            waited = self._clock.now() + state.upcoming_sleep - self._asking_since
            if waited > self._options.reach_seconds:
                return True
        return state.attempt_number >= min(self._options.attempts, error.attempts or self._options.attempts)

    def _seconds_to_wait(self, state: tenacity.RetryCallState) -> float:
        error = _error_of(state)
        seconds = error.wait or _back_off(state.attempt_number)  # "after 0 s" is no advice
        if seconds > self._options.longest_wait_seconds:
            until = datetime.fromtimestamp(self._clock.now() + seconds, UTC)
            raise Refused(f"{error} HubSpot asks to wait until {until:%Y-%m-%d %H:%M} UTC.")
        return seconds

    def _wait(self, seconds: float, reason: str) -> None:
        self._note(seconds, reason)
        self._clock.sleep(seconds)

    def _note(self, seconds: float, reason: str) -> None:
        self.retries += 1
        self.waited += seconds
        log.warning("%s: %s Again in %.0f s.", self._asker.stream, reason, seconds)


def _error_of(state: tenacity.RetryCallState) -> Transient:
    """Why an attempt failed: after anything else nothing is asked again."""
    error = state.outcome.exception() if state.outcome else None
    assert isinstance(error, Transient)
    return error


def _back_off(attempt: int) -> float:
    """1, 2, 4, … seconds up to a minute, each shortened by up to a half: tasks shall not come in step."""
    return min(2.0 ** (attempt - 1), LONGEST_BACK_OFF_SECONDS) * random.uniform(0.5, 1.0)


def segment(name: object) -> str:
    """An id of HubSpot's as one part of a path, whatever it holds."""
    return quote(str(name), safe="").replace(".", "%2E")


def _is_anything(answer: dict[str, Any]) -> bool:
    return True


def _has_results(answer: dict[str, Any]) -> bool:
    results = answer.get("results")
    return isinstance(results, list) and all(isinstance(one, dict) for one in results)


def _texts(parameters: dict[str, object]) -> dict[str, str]:
    return {name: _text(value) for name, value in parameters.items() if value is not None}


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(value) if isinstance(value, (list, tuple)) else str(value)
