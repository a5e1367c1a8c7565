"""Notifications: what is sent where, nothing when nothing is set, and never an error or a secret."""

from __future__ import annotations

import email
import logging
from types import SimpleNamespace

import pytest

from sequence_warehouse.config.settings import Settings
from sequence_warehouse.runs import notify
from sequence_warehouse.runs.steps import RunRecord
from tests.support.receivers import mail_server, web_hook

URL_VARIABLE, EMAIL_VARIABLE = "SEQUENCE_WAREHOUSE_NOTIFY_URL", "SEQUENCE_WAREHOUSE_NOTIFY_EMAIL"
CONTEXT = {"dag": SimpleNamespace(dag_id="sequence_warehouse"), "run_id": "run-1", "reason": "task_failure"}


@pytest.fixture(autouse=True)
def settings(tmp_path, monkeypatch) -> Settings:
    settings = Settings(tmp_path / "landing", tmp_path / "warehouse")
    for name, value in settings.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv(URL_VARIABLE, raising=False)
    monkeypatch.delenv(EMAIL_VARIABLE, raising=False)
    return settings


def test_a_failed_run_is_posted_with_the_sentence_that_it_left(settings, monkeypatch) -> None:
    (settings.work / "runs").mkdir(parents=True)
    RunRecord(settings, "run-1").update(message="There is no landing folder.")
    with web_hook() as (address, received):
        monkeypatch.setenv(URL_VARIABLE, address)
        notify.run_failed(CONTEXT)
    (item,) = received
    assert item.pop("at")
    assert item == {
        "event": "run_failed",
        "dag_id": "sequence_warehouse",
        "run_id": "run-1",
        "message": "There is no landing folder.",
        "text": "sequence_warehouse failed: There is no landing folder.",
    }


def test_a_run_that_left_nothing_is_told_by_airflows_reason(monkeypatch) -> None:
    with web_hook() as (address, received):
        monkeypatch.setenv(URL_VARIABLE, address)
        notify.run_failed(CONTEXT)
    assert received[0]["text"] == "sequence_warehouse failed: task_failure"


def test_a_missed_deadline_names_the_run(monkeypatch) -> None:
    run = {"dag_id": "sequence_warehouse", "dag_run_id": "run-1", "queued_at": "2026-01-01T00:00:00Z"}
    with web_hook() as (address, received):
        monkeypatch.setenv(URL_VARIABLE, address)
        notify.deadline_missed({"dag_run": run, "deadline": {}})
    assert (received[0]["event"], received[0]["run_id"]) == ("deadline_missed", "run-1")
    assert "2026-01-01T00:00:00Z" in received[0]["text"]


def test_an_email_goes_through_airflows_connection_and_braces_are_no_template(settings, monkeypatch) -> None:
    (settings.work / "runs").mkdir(parents=True)
    RunRecord(settings, "run-1").update(message="{{ 1/0 }} & <more>")
    with mail_server() as (port, received):
        monkeypatch.setenv(EMAIL_VARIABLE, "a@example.com, b@example.com")
        monkeypatch.setenv(
            "AIRFLOW_CONN_SMTP_DEFAULT",
            f"smtp://127.0.0.1:{port}/?disable_ssl=true&disable_tls=true&from_email=w%40example.com",
        )
        notify.run_failed(CONTEXT)
    (text,) = received
    assert "To: a@example.com, b@example.com" in text and "From: w@example.com" in text
    (body,) = email.message_from_string(text).get_payload()
    assert "{{ 1/0 }} &amp; &lt;more&gt;" in body.get_payload(decode=True).decode()


@pytest.mark.parametrize(
    "address", ["file:///etc/very-secret", "http://127.0.0.1:9/very-secret", "very-secret"]
)
def test_an_address_that_does_not_answer_is_one_line_without_the_address(
    address, monkeypatch, caplog
) -> None:
    monkeypatch.setenv(URL_VARIABLE, address)
    with caplog.at_level(logging.DEBUG):
        notify.run_failed(CONTEXT)
    assert "no notification by SEQUENCE_WAREHOUSE_NOTIFY_URL" in caplog.text
    assert "very-secret" not in caplog.text


def test_a_receiver_that_refuses_is_one_line_with_its_status(monkeypatch, caplog) -> None:
    with web_hook(status=500) as (address, _):
        monkeypatch.setenv(URL_VARIABLE, address)
        notify.run_failed(CONTEXT)
    assert "HTTPError 500" in caplog.text and "very-secret" not in caplog.text


def test_with_nothing_set_nothing_happens_and_no_deadline_is_watched(monkeypatch) -> None:
    from sequence_warehouse.airflow.dag_arguments import DagArguments

    notify.run_failed(CONTEXT)
    notify.deadline_missed(None)
    assert DagArguments().deadline(hours=2) is None
    monkeypatch.setenv(URL_VARIABLE, "http://127.0.0.1:9/very-secret")
    assert "very-secret" not in str(DagArguments().deadline(hours=2).callback.serialize())
    monkeypatch.setenv("SEQUENCE_WAREHOUSE_DEADLINE_HOURS", "0")
    assert DagArguments().deadline(hours=2) is None
