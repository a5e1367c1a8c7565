"""How single values are spelled: the macros of ``macros/values.sql``, for the loader's own SQL."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

from jinja2 import Environment

from sequence_warehouse import seeds
from sequence_warehouse.storage.database import literal


def missing_values(project: Path) -> list[str]:
    """The words that say that a value is missing, from the seed."""
    return [row["spelling"] for row in seeds.rows(project / "seeds" / "missing_values.csv")]


def value_macros(project: Path) -> ModuleType:
    """The project's macros as functions: text of SQL in, text of SQL out, as in dbt."""
    text = (project / "macros" / "values.sql").read_text(encoding="utf-8")
    words = ", ".join(literal(word) for word in missing_values(project))
    return Environment().from_string(text, {"missing_values": lambda: words}).module
