"""``docs/settings.md``: every setting, its variable and its default, written from the settings themselves."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

from sequence_warehouse.config import sources
from sequence_warehouse.config.settings import SECTIONS, Settings

PAGE = Path("docs/settings.md")
# Defaults that are not one value.
_DEFAULTS = {
    "landing": "`sample`",
    "warehouse": "`warehouse`",
    "project": "this project",
    "memory_limit": "half of what is left when a process starts",
    "threads": "the cores, at most one for 512 MiB of the limit",
    "home": "`.airflow`",
    "task_hours": "6",
    "run_hours": "24; backfill 72",
    "deadline_hours": "2; sweep 12, maintenance 14, backfill 24",
}
_HEAD = """# Settings

Each setting has a variable and a name. An argument of the command line counts first, then the variable, then
the name in `settings.toml` in your [own folder](configuration.md), then the default. A value that is not
allowed is an error that says what is. This page is written by `make generate`.
"""


def page() -> str:
    parts = [_HEAD, _table("", Settings, sources.PREFIX)]
    for name, (section, prefix) in SECTIONS.items():
        parts.append(f"\n## [{name}]\n\n{_table(name, section, prefix)}")
    return "".join(parts)


def _table(name: str, section: type, prefix: str) -> str:
    head = "| name | variable | default | |\n|---|---|---|---|\n"
    return (f"\n{head}" if not name else head) + "".join(_rows(section, prefix))


def _rows(section: type, prefix: str) -> Iterator[str]:
    for field in dataclasses.fields(section):
        if field.name in SECTIONS:
            continue
        variable = sources.variable(section, field.name, prefix)
        description = sources.known_fields(section)[field.name].description
        yield f"| `{field.name}` | `{variable}` | {_default(field)} | {description} |\n"


def _default(field: dataclasses.Field) -> str:
    if field.name in _DEFAULTS:
        return _DEFAULTS[field.name]
    value = field.default
    if value is dataclasses.MISSING or value in (None, "", ()):
        return "none"
    if isinstance(value, tuple):
        value = ",".join(value)
    return f"`{int(value) if isinstance(value, bool) else value}`"
