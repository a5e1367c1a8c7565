"""What the transport does with each answer of HubSpot's; no server, no waiting."""

from __future__ import annotations

import logging
import pickle
from datetime import UTC, datetime

import httpx
import pytest

from sequence_warehouse.config.errors import UserError
from sequence_warehouse.extract import Account, Options
from sequence_warehouse.extract.answers import Asker
from sequence_warehouse.extract.connection import Secret
from sequence_warehouse.extract.errors import (
    BadRequest,
    Blocked,
    Forbidden,
    HubspotError,
    NotFound,
    Refused,
    TooLong,
)
from sequence_warehouse.extract.limits import Limits
from sequence_warehouse.extract.transport import Hubspot
from tests.extract.conftest import TOKEN, JumpingClock

GOOD = httpx.Response(200, json={"results": [{"id": "1"}]})


class Scripted:
    """A Hubspot whose answers are given; repeats the last one."""

    def __init__(self, tmp_path, *answers: httpx.Response | Exception, **options) -> None:
        self.asked: list[httpx.Request] = []
        self.clock = JumpingClock()
        self._answers = list(answers)
        given = Options(landing=tmp_path, **options)
        account = Account("1001", "https://api.test", Secret(TOKEN), "the connection hubspot_1001")
        limits = Limits(tmp_path, given.requests_per_10_seconds, given.searches_per_second, self.clock)
        asker = Asker("1001", "deals", account.source, "Europe/Oslo")
        self.hubspot = Hubspot(account, given, limits, asker, self.clock, httpx.MockTransport(self._answer))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)


def limited(policy: str | None = None, **headers: str) -> httpx.Response:
    body = {"status": "error", "message": "limit", "errorType": "RATE_LIMIT"}
    return httpx.Response(429, json=body | ({"policyName": policy} if policy else {}), headers=headers)


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        (limited("TEN_SECONDLY_ROLLING", **{"Retry-After": "7"}), 7),
        (limited("TEN_SECONDLY_ROLLING"), 10),
        (limited(), 10),
        (limited("SECONDLY"), 10),
        (httpx.Response(423), 2),
        (httpx.Response(477, headers={"Retry-After": "30"}), 30),
    ],
)
def test_it_waits_as_long_as_hubspot_asks(tmp_path, answer, seconds):
    scripted = Scripted(tmp_path, answer, GOOD)
    assert scripted.hubspot.page("/x")["results"] == [{"id": "1"}]
    assert scripted.clock.slept == [seconds]


@pytest.mark.parametrize(
    "answer",
    [
        *(httpx.Response(status) for status in (500, 502, 503, 504, 524)),
        httpx.ConnectError("refused"),
        httpx.ReadError("reset"),
        httpx.RemoteProtocolError("peer closed connection without sending complete message body"),
        httpx.ReadTimeout("slow"),
        httpx.Response(200, content=b'{"results": [{"id": "1"'),
        httpx.Response(200, content=b"[]"),
        httpx.Response(200, json={}),
    ],
)
def test_it_backs_off_and_asks_again_up_to_a_cap(tmp_path, answer):
    scripted = Scripted(tmp_path, answer, answer, GOOD)
    assert scripted.hubspot.page("/x")["results"]
    first, second = scripted.clock.slept
    assert 0.5 <= first <= 1 and 1 <= second <= 2

    hopeless = Scripted(tmp_path, answer, attempts=4)
    with pytest.raises(HubspotError, match="After 4 attempts"):
        hopeless.hubspot.page("/x")
    assert len(hopeless.asked) == 4


def test_401_stops_at_once_and_names_the_connection_to_mend(tmp_path):
    scripted = Scripted(tmp_path, httpx.Response(401, json={"message": "no"}))
    with pytest.raises(UserError, match=r"portal 1001 \(401\).*the connection hubspot_1001"):
        scripted.hubspot.page("/x")
    assert len(scripted.asked) == 1


@pytest.mark.parametrize(
    ("body", "scope"),
    [
        ({"errors": [{"context": {"requiredGranularScopes": ["crm.x.read"]}}]}, "crm.x.read"),
        ({"errors": [{"requiredScopes": "crm.x.read", "context": "text"}, "text"]}, "crm.x.read"),
        ({"context": {"missingScopes": ["a.read", "b.read"]}, "errors": {}}, "a.read, b.read"),
    ],
)
def test_403_names_the_stream_and_the_scopes_that_hubspot_names(tmp_path, body, scope):
    scripted = Scripted(tmp_path, httpx.Response(403, json=body))
    with pytest.raises(Forbidden, match=f"may not read deals .*Add the scope {scope} to"):
        scripted.hubspot.page("/x")


@pytest.mark.parametrize(
    "message", ["This user has no Sales seat.", "An app with portal-level access only", ""]
)
def test_403_without_a_scope_has_hubspots_words_and_makes_none_up(tmp_path, message):
    body = {"message": message, "category": "FORBIDDEN", "errors": [{"message": "seat"}, {"message": "seat"}]}
    scripted = Scripted(tmp_path, httpx.Response(403, json=body))
    with pytest.raises(Forbidden) as caught:
        scripted.hubspot.page("/x")
    sentence = str(caught.value)
    words = "; ".join(filter(None, (message.strip("."), "seat")))
    assert f"HubSpot says: {words}." in sentence and "HubSpot does not say which scope" in sentence
    assert ".read" not in sentence and len(scripted.asked) == 1


@pytest.mark.parametrize("content", [b"", b"{}", b"[]"])
def test_403_without_a_word_says_that(tmp_path, content):
    scripted = Scripted(tmp_path, httpx.Response(403, content=content))
    with pytest.raises(Forbidden, match="HubSpot does not say why"):
        scripted.hubspot.page("/x")


@pytest.mark.parametrize("page", [b"<!DOCTYPE html><h1>Access denied</h1>", b"error code: 1020"])
def test_403_with_a_page_is_a_block_which_another_attempt_may_get_over(tmp_path, page):
    scripted = Scripted(tmp_path, httpx.Response(403, content=page), GOOD)
    with pytest.raises(Blocked, match="deals of portal 1001 is blocked") as caught:
        scripted.hubspot.page("/x")
    assert not isinstance(caught.value, UserError) and "scope" not in str(caught.value)
    assert scripted.hubspot.page("/x")


def test_401_has_hubspots_words(tmp_path):
    scripted = Scripted(
        tmp_path, httpx.Response(401, json={"message": f"The token {TOKEN} expired 3 days ago"})
    )
    with pytest.raises(Refused, match=r"HubSpot says: The token \*\*\* expired 3 days ago"):
        scripted.hubspot.page("/x")


def test_404_keeps_what_was_said_without_the_token(tmp_path):
    body = {"message": f"no {TOKEN}", "errors": [{"context": {"ids": ["1"]}}]}
    scripted = Scripted(tmp_path, httpx.Response(404, json=body))
    with pytest.raises(NotFound) as caught:
        scripted.hubspot.page("/x")
    assert caught.value.body == {"message": "no ***", "errors": [{"context": {"ids": ["1"]}}]}


def test_a_207_always_says_that_a_part_failed(tmp_path):
    scripted = Scripted(tmp_path, httpx.Response(207, json={"results": []}))
    assert scripted.hubspot.post("/x", {}) == {"results": [], "numErrors": 1}


def test_the_daily_limit_fails_with_the_time_of_its_reset_and_does_not_spin(tmp_path):
    scripted = Scripted(tmp_path, limited("DAILY"))
    scripted.clock.time = datetime(2026, 6, 1, 12, tzinfo=UTC).timestamp()
    with pytest.raises(Refused, match="2026-06-01 22:00 UTC"):  # midnight in Oslo
        scripted.hubspot.page("/x")
    assert len(scripted.asked) == 1 and not scripted.clock.slept

    told = Scripted(tmp_path, limited("DAILY", **{"Retry-After": "3600"}))
    told.clock.time = scripted.clock.time
    with pytest.raises(Refused, match="2026-06-01 13:00 UTC"):
        told.hubspot.page("/x")


def test_a_wait_of_hours_fails_the_task_instead_of_blocking_it(tmp_path):
    scripted = Scripted(tmp_path, httpx.Response(477, headers={"Retry-After": "86400"}))
    with pytest.raises(Refused, match="asks to wait until"):
        scripted.hubspot.page("/x")


@pytest.mark.parametrize(
    ("status", "error"), [(400, BadRequest), (404, NotFound), (414, TooLong), (418, HubspotError)]
)
def test_other_errors_say_what_hubspot_said(tmp_path, status, error):
    body = {"category": "VALIDATION_ERROR", "message": "bad limit", "correlationId": "c-1"}
    scripted = Scripted(tmp_path, httpx.Response(status, json=body))
    with pytest.raises(error, match=f"{status} to GET /x: VALIDATION_ERROR; bad limit; correlationId c-1"):
        scripted.hubspot.page("/x")
    bare = Scripted(tmp_path, httpx.Response(status, content=b"<html>"))
    with pytest.raises(error, match="without a word"):
        bare.hubspot.page("/x")


def test_requests_stay_within_the_limits_of_the_account(tmp_path):
    scripted = Scripted(tmp_path, GOOD, requests_per_10_seconds=100, searches_per_second=4)
    started = scripted.clock.time
    times = []
    for _ in range(350):
        scripted.hubspot.page("/x")
        times.append(scripted.clock.time)
    assert 30 <= scripted.clock.time - started < 31
    assert all(later - earlier >= 10 for earlier, later in zip(times, times[100:], strict=False))

    scripted.clock.sleep(60)
    started = scripted.clock.time
    for _ in range(41):
        scripted.hubspot.post("/crm/v3/objects/deals/search", {})
    assert 10 <= scripted.clock.time - started < 11, "four searches a second"


def test_two_clients_of_one_account_share_its_limit(tmp_path):
    clients = [Scripted(tmp_path, GOOD, requests_per_10_seconds=10) for _ in range(2)]
    clients[1].clock = clients[1].hubspot._clock = clients[0].clock
    for window in (clients[1].hubspot._limits._all, clients[1].hubspot._limits._search):
        window._clock = clients[0].clock
    for _ in range(10):
        for client in clients:
            client.hubspot.page("/x")
    assert clients[0].clock.slept == [pytest.approx(10)]


def test_the_token_is_in_the_header_and_nowhere_else(tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    echo = httpx.Response(418, json={"message": f"you sent Bearer {TOKEN}"})
    scripted = Scripted(tmp_path, httpx.ConnectError(f"cannot connect with {TOKEN}"), limited(), echo)
    with pytest.raises(HubspotError) as caught:
        scripted.hubspot.page("/x")
    assert scripted.asked[0].headers["Authorization"] == f"Bearer {TOKEN}"
    account = scripted.hubspot._account
    chain, shown = caught.value, []
    while chain is not None:
        shown += [str(chain), repr(chain), repr(chain.args)]
        chain = chain.__cause__ or chain.__context__
    frames = caught.tb
    while frames is not None:
        shown += map(repr, frames.tb_frame.f_locals.values() if "tests" not in str(frames.tb_frame) else [])
        frames = frames.tb_next
    everything = "\n".join([*shown, caplog.text, repr(account), str(account.token), str(vars(account))])
    assert TOKEN not in everything
    with pytest.raises(TypeError):
        pickle.dumps(account)


def test_a_redirect_is_not_followed_with_the_token(tmp_path):
    moved = httpx.Response(302, headers={"Location": "https://elsewhere.test/"})
    scripted = Scripted(tmp_path, moved)
    with pytest.raises(HubspotError):
        scripted.hubspot.page("/x")
    assert {request.url.host for request in scripted.asked} == {"api.test"}


def test_a_character_cut_in_two_does_not_stop_the_stream(tmp_path):
    body = b'{"results": [{"id": "1", "subject": "party \\ud83d"}]}'
    scripted = Scripted(tmp_path, httpx.Response(200, content=body))
    assert scripted.hubspot.page("/x")["results"] == [{"id": "1", "subject": "party \ufffd"}]


def test_to_wait_no_seconds_is_to_back_off(tmp_path):
    scripted = Scripted(tmp_path, limited("SECONDLY", **{"Retry-After": "0"}), GOOD)
    scripted.hubspot.page("/x")
    assert 0.5 <= sum(scripted.clock.slept) <= 1


def test_what_no_request_can_carry_is_said_at_once(tmp_path):
    scripted = Scripted(tmp_path, httpx.LocalProtocolError("Illegal header value"))
    with pytest.raises(Refused, match="the token in the connection hubspot_1001 holds what no request"):
        scripted.hubspot.page("/x")
    assert len(scripted.asked) == 1
