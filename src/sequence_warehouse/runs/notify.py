"""Tell somebody when a run fails or is late: by a web hook, by e-mail, or, with nothing set, not at all.

    SEQUENCE_WAREHOUSE_NOTIFY_URL     gets a POST of JSON; `text` alone is what chat services show
    SEQUENCE_WAREHOUSE_NOTIFY_EMAIL   addresses, separated by commas; the server and the sender are
                                      Airflow's connection smtp_default (AIRFLOW_CONN_SMTP_DEFAULT)

The URL is a secret as a rule and is written nowhere. A notification that cannot be sent is one line in the
log: it never fails a run. DAG files import this: nothing heavy at the top.
"""

from __future__ import annotations

import html
import json
import logging
import urllib.error
import urllib.request
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sequence_warehouse.config.sections import NotifySettings
from sequence_warehouse.config.settings import Settings

log = logging.getLogger(__name__)

_SECONDS = 10


def is_configured(settings: NotifySettings) -> bool:
    return bool(settings.url or settings.email)


def run_failed(context: Mapping[str, Any]) -> None:
    """For a DAG's ``on_failure_callback``: the run has failed, all retries included."""
    if not is_configured(Settings.from_environment().notify):
        return
    dag_id = getattr(context.get("dag"), "dag_id", None) or "?"
    run_id = context.get("run_id") or "?"
    message = _recorded_message(run_id) or context.get("reason") or "a task failed"
    _send("run_failed", dag_id, run_id, str(message), f"{dag_id} failed: {message}")


def deadline_missed(context: Mapping[str, Any] | None = None) -> None:
    """For a DAG's deadline: a run has not ended in time; it goes on."""
    run = (context or {}).get("dag_run") or {}
    dag_id, run_id = run.get("dag_id", "?"), run.get("dag_run_id") or run.get("run_id", "?")
    message = f"queued at {run.get('queued_at', '?')} and has not ended in time"
    _send("deadline_missed", dag_id, run_id, message, f"{dag_id} is late: {message}")


def _send(event: str, dag_id: str, run_id: str, message: str, text: str) -> None:
    content = {
        "event": event,
        "dag_id": dag_id,
        "run_id": run_id,
        "message": message,
        "text": text,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    settings = Settings.from_environment().notify
    for name, where, send in (("url", settings.url, _post), ("email", settings.email, _mail)):
        if not where:
            continue
        try:
            send(where, content)
        except Exception as error:
            # the error's own text may quote the URL
            status = f" {error.code}" if isinstance(error, urllib.error.HTTPError) else ""
            log.warning(
                "no notification by SEQUENCE_WAREHOUSE_NOTIFY_%s: %s%s",
                name.upper(),
                type(error).__name__,
                status,
            )


def _post(url: str, content: dict[str, str]) -> None:
    if not url.startswith(("https://", "http://")):
        raise ValueError("not a web address")
    request = urllib.request.Request(
        url, data=json.dumps(content).encode(), headers={"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=_SECONDS):
        pass


def _mail(addresses: str, content: dict[str, str]) -> None:
    from airflow.providers.smtp.notifications.smtp import SmtpNotifier

    rows = "".join(
        f"<tr><td>{name}</td><td>{html.escape(value)}</td></tr>" for name, value in content.items()
    )
    notifier = SmtpNotifier(
        to=[address.strip() for address in addresses.split(",")],
        subject=" ".join(content["text"].split())[:120],
        html_content=f"<table>{rows}</table>",
    )
    # not by calling it: that would take braces in a message for a template
    notifier.notify({})


def _recorded_message(run_id: str) -> str | None:
    try:
        from sequence_warehouse.extract.running import failure_of_run
        from sequence_warehouse.storage.records import RunRecord

        settings = Settings.from_environment()
        message = RunRecord(settings, run_id).content.get("message")
        return message or failure_of_run(settings.landing, run_id)
    except Exception as error:
        log.info("what the run recorded cannot be read: %s", type(error).__name__)
        return None
