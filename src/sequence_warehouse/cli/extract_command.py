"""``sequence-warehouse extract``: the DAG `hubspot_extract` for one portal, and what it brought."""

from __future__ import annotations

import os

from sequence_warehouse.airflow.in_process import run_dag
from sequence_warehouse.config.errors import UsageError, UserError
from sequence_warehouse.config.settings import Settings
from sequence_warehouse.extract import names, running
from sequence_warehouse.storage import origin

DAG_FILE = "hubspot_extract_dag.py"


def run(settings: Settings, portal: str | None, sweep: bool = False) -> None:
    """Extract what is new of one portal. Raises UserError with the reason of a failure."""
    landing = settings.landing
    if not portal:
        raise UsageError("Name the folder to land under, as in: make extract LANDING=landing PORTAL=1001.")
    try:
        names.check_portal(portal)
    except UserError as error:
        raise UsageError(str(error)) from None
    origin.refuse_extraction(landing)
    if not _has_token(portal):
        raise UserError(
            "There is no token to ask HubSpot with: put a private app's token into the environment variable "
            "HUBSPOT_TOKEN (and its address into HUBSPOT_BASE_URL when it is not HubSpot's own)."
        )
    state = running.state_folder(landing, portal)
    state.mkdir(parents=True, exist_ok=True)
    print(f"Extracting portal {portal} into {landing}", flush=True)
    log_file = state / "extract.log"
    dag_run = run_dag(
        settings,
        DAG_FILE,
        "EXTRACT",
        log_file,
        "sequence_warehouse.extract",
        {"SEQUENCE_WAREHOUSE_PORTALS": portal},
        {"sweep": sweep},
    )
    summaries = running.summaries(landing, dag_run.run_id, portal)
    for one in summaries:
        if one.get("message") and one["outcome"] != "failed":
            print(f"{one['stream']} ({one['outcome']}): {one['message']}")
    if str(dag_run.state) != "success":
        reason = running.failure_of_run(landing, dag_run.run_id, portal)
        raise UserError(
            f"{reason or 'HubSpot could not be asked what there is to extract.'} (log: {log_file})"
        )
    counts = {
        name: sum(summary.get(name, 0) for summary in summaries)
        for name in ("records", "landed", "requests", "pages")
    }
    streams = sum(summary["stream"] != "plan" for summary in summaries)
    print(
        f"{counts['landed']:,} new of {counts['records']:,} records, {counts['requests']:,} requests, "
        f"{streams} streams; they lie in {landing / f'portal={portal}'}"
    )


def _has_token(portal: str) -> bool:
    names = ("HUBSPOT_TOKEN", f"AIRFLOW_CONN_HUBSPOT_{portal.upper()}", "AIRFLOW_CONN_HUBSPOT_DEFAULT")
    return any(os.environ.get(name, "").strip() for name in names)
