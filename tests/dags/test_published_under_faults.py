"""The chain over a HubSpot with every fault publishes what the served files themselves publish.

Each fault strikes an account of its own, all of the same records, and one DAG run publishes all of them
beside the files as they were served: every row must be there for each account.
"""

from __future__ import annotations

import random
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from hubspot_simulator.api import STOPPING, SURVIVABLE, random_plan
from sequence_warehouse.config.settings import Settings
from sequence_warehouse.storage.database import connect
from tests.extract.conftest import Extractor, account_of, alone, extract_under, hubspot, served
from tests.support.projects import light_project

__all__ = ["hubspot", "served"]

# what says when, from which file and by which load a row came; the reason of a difference may be that
# HubSpot was asked later than its events go
ORIGIN = {"load_id", "loaded_at", "source_file", "line_number", "fetched_at", "likely_reason"}


@pytest.mark.slow
def test_every_fault_publishes_the_rows_of_the_served_files(hubspot, tmp_path, run_dag):
    settings = Settings(tmp_path / "landing", tmp_path / "warehouse", light_project(tmp_path / "project"))
    # what vanishes from HubSpot is missing by right
    plans = {"no-fault": "", **{fault: alone(fault) for fault in (*SURVIVABLE, *STOPPING)}}
    for seed in (1, 2):
        plans[f"mixed-{seed}"] = random_plan(random.Random(seed))
    for portal, plan in plans.items():
        print(f"{portal}: {plan}")
        hubspot.now = None
        extractor = Extractor(hubspot, settings.landing)
        extractor.account = replace(account_of(hubspot), portal=portal)
        extract_under(extractor, plan)
    copy_what_is_told(hubspot.landing / f"portal={hubspot.portal}", settings.landing / "portal=served")

    assert run_dag(settings).state == "success"
    tables = published_by_portal(settings)
    assert tables["reports.reconciliation"]["served"] and tables["core.fct_sequence_events"]["served"]
    for table, portals in tables.items():
        if portals:
            assert portals.keys() == {"served", *plans}, table
        for portal, rows in portals.items():
            assert rows == portals["served"], f"{table} under {portal}: {plans.get(portal)}"


def copy_what_is_told(served: Path, target: Path) -> None:
    """Copy the files that a HubSpot serves, without what owners were called before: it tells nobody."""
    shutil.copytree(served, target, ignore=shutil.ignore_patterns("before.jsonl"))


def published_by_portal(settings: Settings) -> dict[str, dict[str, list[str]]]:
    """Rows of core and reports by table and account, without the account and where they came from."""
    events = settings.published / "parquet" / "core" / "fct_sequence_events"
    found: dict[str, dict[str, list[str]]] = {}
    with connect(settings.published / "sequences.duckdb", read_only=True) as connection:
        names = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables() "
            "where schema_name in ('core', 'reports')"
        ).fetchall()
        sources = {name: name for (name,) in names}
        sources["core.fct_sequence_events"] = (
            f"read_parquet('{events}/**/*.parquet', hive_partitioning = false)"
        )
        for name, source in sources.items():
            columns = [row[0] for row in connection.execute(f"describe select * from {source}").fetchall()]
            if "portal_id" not in columns:
                continue
            kept = ", ".join(f'"{column}"' for column in columns if column not in {"portal_id", *ORIGIN})
            rows = connection.execute(f"select portal_id, ({kept})::varchar from {source} order by all")
            found[name] = {}
            for portal, row in rows.fetchall():
                found[name].setdefault(portal, []).append(row)
    return found
