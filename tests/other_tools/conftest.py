"""All tools' folders in one warehouse, an account each."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import pytest

from sequence_warehouse.build.dbt_build import BuildReport, build
from sequence_warehouse.config.settings import Settings
from sequence_warehouse.load import load
from tests.other_tools.expected import PORTALS, TOOLS
from tests.other_tools.facts import read_facts
from tests.support.projects import light_project


@dataclass
class Told:
    """What the warehouse tells: facts by tool and name, and how the build went."""

    facts: dict[str, dict[str, object]]
    report: BuildReport


@pytest.fixture(scope="session")
def told(tmp_path_factory) -> Told:
    """Every tool's folder, loaded (twice where a snapshot follows another one) and built once."""
    folder = tmp_path_factory.mktemp("tools")
    settings = Settings(folder / "landing", folder / "warehouse", light_project(folder / "project"))
    snapshots = [f"{PORTALS[tool.name]},deals\n" for tool in TOOLS if tool.deals_are_snapshots]
    (settings.project / "seeds/snapshot_streams.csv").write_text(
        "portal_id,object_type\n" + "".join(snapshots)
    )
    for tool in TOOLS:
        if tool.write_before:
            tool.write_before(settings.landing / f"portal={PORTALS[tool.name]}")
    load(settings)
    for tool in TOOLS:
        tool.write(settings.landing / f"portal={PORTALS[tool.name]}")
    load(settings)
    report = build(settings)
    with duckdb.connect(settings.database, read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        facts = {name: read_facts(connection, portal) for name, portal in PORTALS.items()}
    return Told(facts, report)
