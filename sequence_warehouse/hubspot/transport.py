"""One account of HubSpot over HTTP: within its limits, asked again when that helps, its token unseen."""

from __future__ import annotations

import logging
import random
from datetime import UTC, datetime
from types import TracebackType

import httpx
import tenacity

from sequence_warehouse.hubspot.answers import Asker, content_of, is_empty
from sequence_warehouse.hubspot.clock import Clock, milliseconds
from sequence_warehouse.hubspot.connection import Account, Secret
from sequence_warehouse.hubspot.errors import HubspotError, NotFound, Refused, Transient
from sequence_warehouse.hubspot.limits import Limits
from sequence_warehouse.hubspot.options import Options

log = logging.getLogger(__name__)
# httpx tells every request at INFO; the progress of a stream says more in less
logging.getLogger("httpx").setLevel(logging.WARNING)

LONGEST_BACK_OFF_SECONDS = 60.0


class _Bearer(httpx.Auth):
    """Puts the token on at the last moment, so that no argument and no local variable holds it."""

    def __init__(self, token: Secret) -> None:
        self._token = token

    def auth_flow(self, request: httpx.Request):
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
        # one for all requests: it is part of a cycle with the last answer, and a new one for each would
        # leave an answer each to the garbage collector, which comes late
        self._attempts = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(Transient),
            stop=tenacity.stop_after_attempt(options.attempts),
            wait=self._seconds_to_wait,
            sleep=clock.sleep,
            reraise=True,
        )
        self._client = httpx.Client(
            base_url=account.base_url,
            auth=_Bearer(account.token),
            timeout=options.timeout_seconds,
            transport=transport,
            headers={"Accept": "application/json", "User-Agent": "sequence-warehouse"},
        )

    def __enter__(self) -> Hubspot:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def get(self, path: str, **parameters: object) -> dict:
        """GET one thing; parameters that are None are left out."""
        return self._ask("GET", path, False, params=_texts(parameters))

    def find(self, path: str) -> dict:
        """GET what may not be there: empty when the answer is (204, no body, null); NotFound as elsewhere."""
        return self._ask("GET", path, None)

    def page(self, path: str, **parameters: object) -> dict:
        """GET a page: an answer without a list of results is a half one and is asked for again."""
        return self._ask("GET", path, True, params=_texts(parameters))

    def post(self, path: str, body: dict) -> dict:
        """POST a search or a batch, whose answer has a list of results."""
        return self._ask("POST", path, True, json=body)

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

    def _ask(self, method: str, path: str, has_results: bool | None, **content: object) -> dict:
        try:
            return self._attempts(self._ask_once, method, path, has_results, **content)
        except Transient as error:
            message = f"{error} After {self._options.attempts} attempts the task gives up for now."
        raise HubspotError(self._account.token.scrub(message))

    def _ask_once(self, method: str, path: str, has_results: bool | None, **content: object) -> dict:
        self.waited += self._limits.take(path.endswith("/search"))
        self.requests += 1
        # Errors are raised anew, without those that led to them and their frames: a request carries the
        # token, and an answer may repeat it.
        try:
            response = self._client.request(method, path, **content)
            if has_results is None and is_empty(response):
                return {}
            answer = content_of(response, self._asker, self._clock.now())
            if not has_results or isinstance(answer.get("results"), list):
                return answer
            failure: HubspotError = Transient("HubSpot's answer has no results.")
        except HubspotError as error:
            error.args = (self._account.token.scrub(str(error)),)
            if isinstance(error, NotFound):
                error.body = self._account.token.scrub_all(error.body)
            failure = error.with_traceback(None)
        except (httpx.LocalProtocolError, httpx.UnsupportedProtocol):
            failure = Refused(
                f"HubSpot cannot be asked at {self._account.base_url}: the address or the token in "
                f"{self._account.source} holds what no request can carry."
            )
        except (httpx.TransportError, httpx.DecodingError) as error:
            failure = Transient(f"{type(error).__name__} on {method} {path}.")
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            message = self._account.token.scrub(str(error))
            failure = Refused(f"HubSpot cannot be asked at {self._account.base_url}: {message}.")
        response = None
        raise failure

    def _seconds_to_wait(self, state: tenacity.RetryCallState) -> float:
        error = state.outcome.exception()
        seconds = error.wait or _back_off(state.attempt_number)  # "after 0 s" is no advice
        if seconds > self._options.longest_wait_seconds:
            until = datetime.fromtimestamp(self._clock.now() + seconds, UTC)
            raise Refused(f"{error} HubSpot asks to wait until {until:%Y-%m-%d %H:%M} UTC.")
        self._note(seconds, str(error))
        return seconds

    def _wait(self, seconds: float, reason: str) -> None:
        self._note(seconds, reason)
        self._clock.sleep(seconds)

    def _note(self, seconds: float, reason: str) -> None:
        self.retries += 1
        self.waited += seconds
        log.warning("%s: %s Again in %.0f s.", self._asker.stream, reason, seconds)


def _back_off(attempt: int) -> float:
    """1, 2, 4, … seconds up to a minute, each shortened by up to a half: tasks shall not come in step."""
    return min(2.0 ** (attempt - 1), LONGEST_BACK_OFF_SECONDS) * random.uniform(0.5, 1.0)


def _texts(parameters: dict[str, object]) -> dict[str, str]:
    return {name: _text(value) for name, value in parameters.items() if value is not None}


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(value) if isinstance(value, (list, tuple)) else str(value)
