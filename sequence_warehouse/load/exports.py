"""What exports call things: HubSpot's names for their columns, files and folders, from the seeds."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class ExportNames:
    """fields: column name in lower case without underscores -> field of a record.
    event_types: event type or share table in lower case -> event type."""

    fields: dict[str, str]
    event_types: dict[str, str]

    @property
    def event_types_by_table(self) -> str:
        """A SQL map from share tables, in capitals, to event types."""
        tables = {name.upper(): kind for name, kind in self.event_types.items()}
        return f"map({list(tables)}, {list(tables.values())})"

    @classmethod
    def from_seeds(cls, seeds: Path) -> ExportNames:
        """Read ``export_columns.csv`` and ``event_types.csv``."""
        fields = {row["column_name"]: row["field"] for row in _rows(seeds / "export_columns.csv")}
        event_types = {
            name.lower(): row["event_type"]
            for row in _rows(seeds / "event_types.csv")
            for name in (row["event_type"], row["share_table"])
            if name
        }
        return cls(fields, event_types)

    def field(self, column: str) -> str | None:
        """The field that a column holds; None: it is a property."""
        return self.fields.get(re.sub(r"[_ ]", "", column).lower())

    def event_type(self, source_file: str) -> str | None:
        """The event type that a file's or folder's name tells, as share exports do, or None."""
        for part in reversed(source_file.split("/")[2:]):
            stem = part.lower().split(".")[0]
            known = max((name for name in self.event_types if stem.startswith(name)), key=len, default="")
            if known:
                return self.event_types[known]
            if share_table := re.fullmatch(r"events_(\w+?)(_\d+)*", stem):
                return "e_" + share_table.group(1)
        return None


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))
