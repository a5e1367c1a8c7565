"""Limits and the token, as HubSpot answers them."""

from __future__ import annotations

import httpx
import pytest

from hubspot_simulator.api import serve
from tests.hubspot_simulator.api.conftest import client_of

CONTACTS = "/crm/v3/objects/contacts"


def test_ten_seconds_are_over_when_the_clock_says_so():
    with serve(enrollments=5, requests_per_10s=3, daily=100) as hubspot, client_of(hubspot) as client:
        answers = [client.get(CONTACTS) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert answers[2].headers["X-HubSpot-RateLimit-Remaining"] == "0"
        body = answers[3].json()
        assert (body["errorType"], body["category"]) == ("RATE_LIMIT", "RATE_LIMITS")
        assert body["policyName"] == "TEN_SECONDLY_ROLLING" and body["correlationId"]
        assert 1 <= int(answers[3].headers["Retry-After"]) <= 10
        hubspot.advance(10)
        assert client.get(CONTACTS).status_code == 200


def test_searches_have_a_limit_of_their_own():
    with (
        serve(enrollments=5, searches_per_second=2, requests_per_10s=1) as hubspot,
        client_of(hubspot) as client,
    ):
        answers = [client.post(f"{CONTACTS}/search", json={}) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert answers[2].json()["policyName"] == "SECONDLY"
        assert "X-HubSpot-RateLimit-Max" not in answers[0].headers
        assert client.get(CONTACTS).status_code == 200


def test_the_daily_limit_has_no_retry_after():
    with serve(enrollments=5, daily=1) as hubspot, client_of(hubspot) as client:
        client.get(CONTACTS)
        refused = client.get(CONTACTS)
        assert refused.status_code == 429 and refused.json()["policyName"] == "DAILY"
        assert "Retry-After" not in refused.headers
        hubspot.advance(86_400)
        assert client.get(CONTACTS).status_code == 200


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic x"}])
def test_without_the_token_nothing_is_answered(hubspot, headers):
    answer = httpx.get(hubspot.base_url + CONTACTS, headers=headers)
    assert answer.status_code == 401 and answer.json()["category"] == "INVALID_AUTHENTICATION"
    assert hubspot.token not in answer.text


def test_what_is_not_there_is_404_and_wrong_methods_are_405(client):
    assert client.get("/crm/v3/nothing").status_code == 404
    assert client.get(f"{CONTACTS}/1").status_code == 404
    assert client.delete("/crm/v3/owners").status_code == 405
    assert client.get("/crm/v3/objects/unicorns").status_code == 400
    assert client.post(f"{CONTACTS}/search", content=b"{").status_code == 400


def test_requests_are_remembered_with_their_answers(hubspot, client):
    before = len(hubspot.requests)
    client.get(f"{CONTACTS}?limit=1")
    client.post(f"{CONTACTS}/search", json={"limit": 999})
    assert hubspot.requests[before:] == [
        ("GET", f"{CONTACTS}?limit=1", 200),
        ("POST", f"{CONTACTS}/search", 400),
    ]
