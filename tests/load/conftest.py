"""A landing folder to write into, loaded into a warehouse of its own and read back."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from sequence_warehouse.config.settings import Settings
from sequence_warehouse.load import LoadReport, load

PORTAL = "portal=1001"


@dataclass
class Warehouse:
    """``settings.landing`` is empty and there; ``settings.warehouse`` is not there yet."""

    settings: Settings

    def write(self, name: str, content: str | bytes) -> Path:
        """Land a file of the portal, as in ``write("events/a.jsonl", text)``."""
        path = self.settings.landing / PORTAL / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def write_parquet(self, name: str, query: str) -> Path:
        """Land the result of a query as Parquet."""
        path = self.write(name, b"")
        with duckdb.connect() as connection:
            connection.execute("set TimeZone = 'UTC'")
            connection.execute(f"copy ({query}) to '{path}' (format parquet)")
        return path

    def load(self) -> LoadReport:
        return load(self.settings)

    def rows(self, family: str = "events", where: str = "true") -> list[dict]:
        """What all loads wrote, by file and line; times as ISO text in UTC."""
        parts = self.settings.raw / "load_id=*" / family / "*.parquet"
        order = "load_id, source_file" if family == "files" else "source_file, line_number, load_id"
        with duckdb.connect() as connection:
            connection.execute("set TimeZone = 'UTC'")
            table = connection.execute(
                f"select * replace (loaded_at::varchar as loaded_at) from read_parquet('{parts}', "
                "hive_partitioning = true, hive_types = {'load_id': varchar}) "
                f"where {where} order by {order}"
            )
            names = [column[0] for column in table.description]
            rows = [dict(zip(names, row, strict=True)) for row in table.fetchall()]
        for row in rows:
            for name in ("occurred_at", "updated_at"):
                if row.get(name) is not None:
                    row[name] = row[name].isoformat()
        return rows

    def good(self, family: str = "events") -> list[dict]:
        return self.rows(family, "reason is null")

    def rejected(self, family: str = "events") -> list[dict]:
        return self.rows(family, "reason is not null")

    def event_ids(self) -> list[str]:
        """Ids of the good events, by file and line."""
        return [row["event_id"] for row in self.good()]


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    """An empty landing folder and a warehouse that is not there yet."""
    (tmp_path / "landing").mkdir()
    return Warehouse(Settings(landing=tmp_path / "landing", warehouse=tmp_path / "warehouse"))


@pytest.fixture
def event() -> Callable[..., str]:
    """One good event as a line of JSON: ``event(7, properties={"a": 1})``."""

    def build(number: int, **fields: object) -> str:
        record = {
            "id": f"e{number}",
            "eventType": "e_v2_sequence_step_executed",
            "objectType": "CONTACT",
            "objectId": str(500 + number),
            "occurredAt": "2026-03-01T10:00:00.000Z",
            "properties": {"hs_sequence_id": "77"},
        }
        return json.dumps(record | fields)

    return build
