"""A small built work database, without dbt, and its publication."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from sequence_warehouse.config.settings import Settings
from sequence_warehouse.publish.publishing import publish

SCHEMA = """
create schema core; create schema reports; create schema ops; create schema staging;
create table core.fct_sequence_events (
    portal_id varchar, event_type varchar, event_id varchar, event_name varchar,
    occurred_at timestamptz, contact_id varchar, sequence_id varchar, enrollment_id varchar,
    step_order bigint, template_id varchar, attribution varchar, properties varchar,
    loaded_at timestamptz, load_id varchar
);
create table core.dim_contacts (portal_id varchar, contact_id varchar, created_at timestamptz);
create table reports.sequence_performance (
    portal_id varchar, sequence_id varchar, enrollments bigint, open_rate double
);
create table ops.loads (load_id varchar, files bigint);
create table staging.not_published (portal_id varchar);
create view core.a_view as select * from core.dim_contacts;
"""
ROWS = """
insert into core.fct_sequence_events
select
    portal, 'e_a', 'e' || n, 'A', timestamptz '2026-01-31 23:59:59Z' + to_days(n::integer * 20),
    n::varchar, '77', null, n, null, 'none', '{}', timestamptz '2026-06-01', '000001'
from (values ('1001'), ('007')) as portals (portal), range(0, 4) as t (n);
insert into core.dim_contacts values ('1001', '0501', timestamptz '2026-01-01 12:00:00Z'), ('007', '2', null);
insert into reports.sequence_performance values ('1001', '77', 3, 0.5);
insert into ops.loads values ('000001', 2);
"""


TABLES = (
    "core.fct_sequence_events",
    "core.dim_contacts",
    "reports.sequence_performance",
    "ops.loads",
    "staging.not_published",
)


@dataclass
class Publication:
    """A warehouse whose work database was built; ``publish`` makes its next version."""

    settings: Settings

    def change(self, sql: str) -> None:
        with duckdb.connect(str(self.settings.database)) as connection:
            connection.execute("set TimeZone = 'UTC'")
            connection.execute(sql)

    def declare(self, *tables: str, kind: str = "table", **more: object) -> None:
        """Have the project declare these tables and no other, as dbt's manifest tells it."""
        nodes = {
            table: {
                "resource_type": "model",
                "schema": table.split(".")[0],
                "alias": table.split(".")[1],
                "config": {"materialized": kind},
                "description": "",
                "columns": {},
                **more,
            }
            for table in tables
        }
        manifest = self.settings.work / "dbt" / "manifest.json"
        manifest.parent.mkdir(exist_ok=True)
        manifest.write_text(json.dumps({"nodes": nodes}))

    def publish(self, fingerprint: str = "fingerprint") -> dict:
        return publish(self.settings, {"run_id": "run-1", "outcome": "published"}, fingerprint)

    def sql(self, query: str) -> list[tuple]:
        """A query on the published database; ``{parquet}`` is the folder of its Parquet files."""
        published = self.settings.published
        with duckdb.connect(str(published / "sequences.duckdb"), read_only=True) as connection:
            connection.execute("set TimeZone = 'UTC'")
            return connection.execute(query.format(parquet=published / "parquet")).fetchall()

    def partitions(self) -> dict[str, Path]:
        """The published files of the big table, by folder."""
        folder = (self.settings.published / "parquet" / "core" / "fct_sequence_events").resolve()
        return {str(path.parent.relative_to(folder)): path for path in sorted(folder.rglob("*.parquet"))}


@pytest.fixture
def empty(tmp_path: Path) -> Publication:
    """A built warehouse without a row."""
    publication = Publication(Settings(landing=tmp_path / "landing", warehouse=tmp_path / "warehouse"))
    publication.settings.work.mkdir(parents=True)
    publication.change(SCHEMA)
    publication.declare(*TABLES)
    return publication


@pytest.fixture
def built(empty: Publication) -> Publication:
    """Two portals of four events in three months each."""
    empty.change(ROWS)
    return empty


@pytest.fixture
def reader() -> Callable[[Path], duckdb.DuckDBPyConnection]:
    """Opens a database to read, as a BI tool would."""
    return lambda path: duckdb.connect(str(path), read_only=True)
