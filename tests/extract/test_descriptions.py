"""What an account tells about itself: landed when it says something else, told and skipped when it cannot."""

from __future__ import annotations

import json
import logging
from datetime import timedelta

import httpx
import pytest

from hubspot_simulator.api import serve
from hubspot_simulator.landing import simulate
from sequence_warehouse.config.settings import Settings
from sequence_warehouse.extract import extract
from sequence_warehouse.extract.errors import BadRequest, HubspotError, Refused
from sequence_warehouse.runs import steps
from sequence_warehouse.storage.database import connect
from tests.extract.conftest import TOKEN, Extractor, JumpingClock, landed_lines

STREAMS = ("accounts", "exchange_rates", "templates")
PATHS = {
    "accounts": "/account-info",
    "exchange_rates": "/exchange-rates",
    "templates": "/email-templates",
}


def landed(extractor: Extractor, kind: str) -> list[dict]:
    return [record for name, record in landed_lines(extractor.landing) if name == kind]


class Answers:
    """A HubSpot that answers by the first path that an address begins with: a body, or (status, body)."""

    def __init__(self, **by_path: object) -> None:
        self.by_path = {path.replace("__", "/"): body for path, body in by_path.items()}
        self.asked: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(str(request.url.raw_path.decode()))
        for path, body in self.by_path.items():
            if request.url.path.endswith(path):
                status, content = body if isinstance(body, tuple) else (200, body)
                return httpx.Response(status, json=content)
        return httpx.Response(404, json={"category": "OBJECT_NOT_FOUND", "message": "resource not found"})

    def extract(self, extractor: Extractor, stream: str, **arguments) -> dict:
        return extract(
            extractor.account,
            extractor.options,
            stream,
            clock=extractor.clock,
            transport=httpx.MockTransport(self),
            **arguments,
        )


DETAILS = {"portalId": 1001, "timeZone": "Europe/Oslo", "companyCurrency": "NOK", "new": {"a": [1]}}


def test_the_account_lands_as_it_came_with_its_id_and_when_it_was_asked(extractor):
    summary = Answers(details=DETAILS).extract(extractor, "accounts")
    assert summary["outcome"] == "done"
    (record,) = landed(extractor, "accounts")
    assert record == DETAILS | {"id": "1001", "updatedAt": "2027-01-15T08:00:00.000Z"}


def test_the_account_lands_again_only_when_it_says_something_else(extractor):
    changed = DETAILS | {"timeZone": "Europe/Bergen"}
    for details in (DETAILS, DETAILS, changed, changed, DETAILS):
        Answers(details=details).extract(extractor, "accounts")
        extractor.clock.time += 3600
    zones = [record["timeZone"] for record in landed(extractor, "accounts")]
    assert zones == ["Europe/Oslo", "Europe/Bergen", "Europe/Oslo"]
    times = [record["updatedAt"] for record in landed(extractor, "accounts")]
    assert times == sorted(set(times))


def test_another_portal_than_the_folders_is_landed_there_and_told(extractor, caplog):
    with caplog.at_level(logging.WARNING):
        Answers(details=DETAILS | {"portalId": 77}).extract(extractor, "accounts")
    assert (extractor.landing / "portal=1001/objects/accounts").is_dir()
    assert landed(extractor, "accounts")[0]["id"] == "77"
    assert "HubSpot says that this is portal 77" in caplog.text
    caplog.clear()
    Answers(details=DETAILS).extract(extractor, "accounts")
    assert "HubSpot says" not in caplog.text


def test_templates_have_the_names_of_their_folders_and_ids_as_text(extractor):
    page = [{"id": 7, "name": "Hello", "folderId": 90}, {"id": "8", "name": "Bye", "body": "<p>"}]
    answers = Answers(folders={"results": [{"id": "90", "name": "Cold"}]}, beta={"results": page})
    answers.extract(extractor, "templates")
    assert landed(extractor, "templates") == [
        {"folderName": "Cold", "id": "7", "name": "Hello", "folderId": 90},
        {"id": "8", "name": "Bye", "body": "<p>"},
    ]
    assert all(path.startswith("/automation/email-templates/2026-09-beta") for path in answers.asked)
    # a renamed folder is another version of what lies in it, and of nothing else
    answers.by_path["folders"] = {"results": [{"id": "90", "name": "Warm"}]}
    assert answers.extract(extractor, "templates")["landed"] == 1
    assert landed(extractor, "templates")[-1]["folderName"] == "Warm"


def test_templates_land_without_the_names_of_folders_that_are_refused(extractor):
    answers = Answers(folders=(403, {"message": "no"}), beta={"results": [{"id": "7", "folderId": "90"}]})
    assert answers.extract(extractor, "templates")["outcome"] == "done"
    assert landed(extractor, "templates") == [{"id": "7", "folderId": "90"}]


def test_the_version_of_the_templates_path_is_a_setting(hubspot, tmp_path):
    extractor = Extractor(hubspot, tmp_path / "landing", templates_version="2027-03")
    answers = Answers()
    answers.extract(extractor, "templates")
    assert {path.partition("?")[0] for path in answers.asked} == {
        "/automation/email-templates/2027-03",
        "/automation/email-templates/2027-03/folders",
    }


def test_the_settings_come_from_the_environment(monkeypatch):
    from sequence_warehouse.extract.options import Options

    monkeypatch.setenv("SEQUENCE_WAREHOUSE_HUBSPOT_TEMPLATES_VERSION", " 2027-03 ")
    monkeypatch.setenv("SEQUENCE_WAREHOUSE_HUBSPOT_ENROLLMENT_CONTACTS", "7")
    options = Options.of(Settings.from_environment())
    assert (options.templates_version, options.enrollment_contacts) == ("2027-03", 7)


@pytest.mark.parametrize("status", [400, 403, 404])
@pytest.mark.parametrize("stream", STREAMS)
def test_what_hubspot_refuses_is_told_and_no_failure(extractor, stream, status):
    refusal = (status, {"category": "X", "message": "not for you"})
    answers = Answers(**{"details": refusal, "exchange-rates": refusal, "beta": refusal})
    for sweep in (False, True):
        summary = answers.extract(extractor, stream, sweep=sweep)
        assert summary["outcome"] == "skipped" and str(status) in summary["message"]
    kept = json.loads((extractor.landing / f"_state/portal=1001/{stream}.json").read_text())
    assert kept["outcome"] == "skipped" and kept["cursor_ms"] is None
    assert not list(extractor.landing.rglob("*.jsonl.gz"))


@pytest.mark.parametrize("stream", STREAMS)
def test_a_token_that_is_refused_or_a_day_that_is_used_up_is_a_failure_all_the_same(extractor, stream):
    for fault in ("401", "daily"):
        extractor.hubspot.faults = f"{fault}{PATHS[stream]}"
        with pytest.raises(Refused):
            extractor.stream(stream)


def test_a_token_that_expires_again_and_again_is_a_failure_not_an_account_without_rates(extractor):
    pages = {"results": [{"id": "1"}], "paging": {"next": {"after": "t"}}}

    def answer(request: httpx.Request) -> httpx.Response:
        is_second = "after" in request.url.params
        return (
            httpx.Response(400, json={"message": "expired"}) if is_second else httpx.Response(200, json=pages)
        )

    with pytest.raises(BadRequest):
        extract(
            extractor.account,
            extractor.options,
            "exchange_rates",
            clock=extractor.clock,
            transport=httpx.MockTransport(answer),
        )


def test_what_was_there_once_and_is_refused_now_is_not_gone(extractor):
    """A scope that was taken away: the next sweep tells nothing."""
    extractor.run("templates")
    extractor.hubspot.faults = "403/email-templates"
    assert extractor.stream("templates", sweep=True)["outcome"] == "skipped"
    assert not landed(extractor, "removals")


def test_a_sweep_that_breaks_off_tells_nothing_of_templates(extractor):
    extractor.run("templates")
    extractor.hubspot.faults = "vanished@0.5/email-templates,500@2+/email-templates"
    with pytest.raises(HubspotError):
        extractor.stream("templates", sweep=True)
    assert not landed(extractor, "removals")


def test_a_landing_folder_without_descriptions_is_an_account_without_them(tmp_path):
    simulate(tmp_path / "served", ["1001"], 10, quirks=False, file_format="jsonl")
    with serve(tmp_path / "served", token=TOKEN) as hubspot:
        extractor = Extractor(hubspot, tmp_path / "landing")
        outcomes = {one["stream"]: one["outcome"] for one in extractor.run()}
    assert {name for name, outcome in outcomes.items() if outcome == "skipped"} == set(STREAMS)
    assert {outcomes[name] for name in outcomes.keys() - set(STREAMS)} == {"done"}


def test_teams_of_owners_are_kept(extractor):
    extractor.run("owners")
    owners = landed(extractor, "owners")
    assert owners and all({"id", "name"} <= owner["teams"][0].keys() for owner in owners)


def test_the_description_of_a_served_account_fits_its_deals(hubspot, tmp_path):
    """Each currency of a deal is the company's or has a rate to it that was in force."""
    extractor = Extractor(hubspot, tmp_path, JumpingClock((hubspot.newest + timedelta(days=1)).timestamp()))
    extractor.run(*STREAMS, "deals", "sequences")
    (account,) = landed(extractor, "accounts")
    assert (account["timeZone"], account["companyCurrency"]) == ("Europe/Oslo", "NOK")
    rates = landed(extractor, "exchange_rates")
    assert {rate["toCurrencyCode"] for rate in rates} == {"NOK"}
    deals = [deal["properties"] for deal in landed(extractor, "deals")]
    foreign = {deal["deal_currency_code"] for deal in deals} - {"", "NOK"}
    assert foreign and foreign <= {rate["fromCurrencyCode"] for rate in rates}
    assert set(account["additionalCurrencies"]) == {rate["fromCurrencyCode"] for rate in rates}
    told = [deal for deal in deals if deal["hs_exchange_rate"] and deal["deal_currency_code"] in foreign]
    assert told
    for deal in told:
        newest = max(
            (rate for rate in rates if rate["fromCurrencyCode"] == deal["deal_currency_code"]),
            key=lambda rate: rate["effectiveAt"],
        )
        assert newest["conversionRate"] == float(deal["hs_exchange_rate"])
    used = {
        str(step.get(name, {}).get("templateId"))
        for sequence in landed(extractor, "sequences")
        for step in sequence["steps"]
        for name in ("emailPattern", "taskPattern")
    } - {"None"}
    templates = landed(extractor, "templates")
    assert used == {template["id"] for template in templates}
    assert {"Outbound", "Customers"} == {one["folderName"] for one in templates if "folderId" in one}


def test_what_is_landed_loads_without_a_rejection(hubspot, tmp_path):
    """Templates with their epoch times, enrollments without properties."""
    clock = JumpingClock((hubspot.newest + timedelta(days=1)).timestamp())
    extractor = Extractor(hubspot, tmp_path / "landing", clock)
    extractor.run(*STREAMS, "events/e_v2_contact_enrolled_in_sequence", "enrollment_status")
    settings = Settings(extractor.landing, tmp_path / "warehouse")
    steps.load_step(settings, "extracted")
    with connect() as connection:
        rows = connection.execute(
            """
            select object_type, count(reason), count(*)
            from read_parquet(?, union_by_name = true)
            group by all
            """,
            [str(tmp_path / "warehouse/raw/*/objects*/**/*.parquet")],
        ).fetchall()
    kinds = {"accounts", "exchange_rates", "templates", "sequence_enrollments"}
    assert {kind: rejected for kind, rejected, _ in rows} == dict.fromkeys(kinds, 0)
    assert {kind: count for kind, _, count in rows} == {
        kind: len({record["id"] for record in landed(extractor, kind)}) for kind in kinds
    }
