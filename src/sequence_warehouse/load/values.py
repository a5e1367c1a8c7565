"""How single values are spelled: the macros of ``macros/values.sql``, for the loader's own SQL."""

from __future__ import annotations

from typing import Any

from jinja2 import Environment

from sequence_warehouse.seeds import Seeds
from sequence_warehouse.storage.database import literal


def missing_values(seeds: Seeds) -> list[str]:
    """The words that say that a value is missing, from the seed."""
    return [row["spelling"] for row in seeds.rows("missing_values")]


def value_macros(seeds: Seeds) -> Any:
    """The project's macros as functions: text of SQL in, text of SQL out, as in dbt."""
    text = (seeds.project / "macros" / "values.sql").read_text(encoding="utf-8")
    words = ", ".join(literal(word) for word in missing_values(seeds))
    return Environment().from_string(text, {"missing_values": lambda: words}).module
