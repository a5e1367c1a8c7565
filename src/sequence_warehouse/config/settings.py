"""The settings of a run: where its warehouse lies on disk, its switches, and the sections of the stages.

Arguments come before the environment, the environment before ``settings.toml`` in the folder that
SEQUENCE_WAREHOUSE_CONFIG names, and that before the defaults. docs/settings.md lists all of them.
"""

from __future__ import annotations

import os
from dataclasses import field
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field
from pydantic.dataclasses import dataclass

from sequence_warehouse.config import memory, sources
from sequence_warehouse.config.errors import UsageError
from sequence_warehouse.config.project import PROJECT, home
from sequence_warehouse.config.sections import AirflowSettings, HubSpotSettings, NotifySettings
from sequence_warehouse.config.values import Amount, Count, Folder, Number, Size, Switch, Text

NO_LANDING = "There is no landing folder at {}: create it, or name another one with LANDING=<folder>."

# section -> its variables begin so
SECTIONS = {
    "hubspot": (HubSpotSettings, f"{sources.PREFIX}HUBSPOT_"),
    "airflow": (AirflowSettings, sources.PREFIX),
    "notify": (NotifySettings, f"{sources.PREFIX}NOTIFY_"),
}


def _says(description: str, **more: Any) -> object:
    return Field(description=description, json_schema_extra=more or None)


@dataclass(frozen=True)
class Settings:
    """Folders and switches of one warehouse, and the sections of the stages."""

    landing: Annotated[Folder, _says("folder that holds `portal=<id>/`")]
    warehouse: Annotated[Folder, _says("folder that the warehouse owns", variable="HOME")]
    project: Annotated[Folder, _says("the dbt project, suites and seeds that are run")] = PROJECT
    config: Annotated[
        Folder | None,
        _says("a folder of your own with `settings.toml` and seeds that go over the shipped ones"),
    ] = None
    full_refresh: Annotated[Switch, _says("rebuild every model from raw storage")] = False
    refresh_facts: Annotated[Switch, _says("rebuild the facts and what follows from them")] = False
    threads: Annotated[Number, _says("threads of DuckDB, and files that are loaded side by side")] = 2
    memory_limit: Annotated[Size, _says("memory that DuckDB may use in one process; more goes to disk")] = (
        field(default_factory=memory.half_of_what_is_left)
    )
    lock_wait: Annotated[Amount, _says("seconds that a run by hand waits for another one to finish")] = 30.0
    kept_versions: Annotated[Number, _says("publications that stay")] = 3
    kept_log_days: Annotated[Count, _says("days that logs stay")] = 30
    merged_loads: Annotated[
        Count, _says("so many small loads are merged into one folder of raw storage; 0: never")
    ] = 50
    readers_group: Annotated[
        Text,
        _says("name or number of the group of users who may read publications; empty: nobody but the owner"),
    ] = ""
    hubspot: HubSpotSettings = field(default_factory=HubSpotSettings)
    airflow: AirflowSettings = field(default_factory=AirflowSettings)
    notify: NotifySettings = field(default_factory=NotifySettings)

    @classmethod
    def from_environment(cls, **arguments: Any) -> Settings:
        """Read the settings; arguments (field -> value, None for none) come before everything else.

        Raises UsageError that names the first value that is not allowed, and what is.
        """
        folder = sources.given(cls, sources.PREFIX, {}, {"config": arguments.get("config")}).get("config")
        if folder is not None and not folder.is_dir():
            raise UsageError(
                f"There is no folder {folder} for your configuration: name another with CONFIG=<folder>."
            )
        file = sources.read_file(folder)
        if folder is not None:
            sources.refuse_unknown(folder, file, cls)
        values = sources.given(cls, sources.PREFIX, file, arguments)
        for name, (section, prefix) in SECTIONS.items():
            table = file.get(name, {})
            if folder is not None:
                sources.refuse_unknown(folder, table, section, name)
            values[name] = section(**sources.given(section, prefix, table, {}))
        values.setdefault("landing", PROJECT / "sample")
        values.setdefault("warehouse", home() / "warehouse")
        limit = values.setdefault("memory_limit", memory.half_of_what_is_left())
        values.setdefault("threads", max(1, min(os.cpu_count() or 2, limit // memory.A_THREAD)))
        return cls(**values)

    def environment(self) -> dict[str, str]:
        """The variables that make another process (a task, dbt) see these same settings.

        What the sections say is in the environment already, or in the file of the user's own folder.
        """
        values = {
            "landing": str(self.landing),
            "warehouse": str(self.warehouse),
            "project": str(self.project),
            "config": str(self.config or ""),
            "full_refresh": str(int(self.full_refresh)),
            "threads": str(self.threads),
            "memory_limit": f"{self.memory_limit // 2**10}KiB",
            "lock_wait": str(self.lock_wait),
            "kept_versions": str(self.kept_versions),
            "kept_log_days": str(self.kept_log_days),
            "merged_loads": str(self.merged_loads),
            "readers_group": self.readers_group,
        }
        return {sources.variable(Settings, name): value for name, value in values.items()}

    @property
    def raw(self) -> Path:
        """Immutable Parquet, one folder ``load_id=<id>`` a load; old loads merged (see raw.py)."""
        return self.warehouse / "raw"

    @property
    def work(self) -> Path:
        """What no reader looks at: the database that dbt writes, spooled files, dbt's own output."""
        return self.warehouse / "work"

    @property
    def database(self) -> Path:
        return self.work / "sequences.duckdb"

    @property
    def spill(self) -> Path:
        """Where DuckDB puts what does not fit in memory: a folder a process, see ``database.py``."""
        return self.work / "spill"

    @property
    def docs(self) -> Path:
        """The documentation of the built models; each publication carries it."""
        return self.work / "docs"

    @property
    def history(self) -> Path:
        """Append-only Parquet: runs and the results of their tasks, models and expectations."""
        return self.warehouse / "history"

    @property
    def versions(self) -> Path:
        return self.warehouse / "versions"

    @property
    def published(self) -> Path:
        """A symbolic link to the newest validated version."""
        return self.warehouse / "published"

    @property
    def data_docs(self) -> Path:
        return self.warehouse / "data_docs"
