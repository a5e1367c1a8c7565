"""The table of scopes in ``docs/hubspot.md``, written from the catalog."""

from __future__ import annotations

import re
from pathlib import Path

from sequence_warehouse.extract import catalog

PAGE = Path("docs/hubspot.md")
_BLOCK = re.compile(r"(<!-- written by `make generate`: scopes -->\n).*?(<!-- end -->)", re.DOTALL)
_EVENTS = "events/…"
# What a stream's own name does not say.
_MEANING = {
    _EVENTS: ": event occurrences, which all reports are made of",
    "owners": ": users",
    "sequences": " with their steps",
    "sequence_performance": ": HubSpot's own numbers",
    "exchange_rates": ", for accounts with several currencies",
    "templates": ", a beta of HubSpot's",
}


def page(text: str) -> str:
    """The page with the table as it should be."""
    return _BLOCK.sub(lambda block: f"{block[1]}\n{_table()}\n{block[2]}", text)


def _table() -> str:
    streams: dict[str, list[str]] = {}
    for stream in (
        _EVENTS,
        *catalog.OBJECTS,
        *(one for one in catalog.streams() if one not in catalog.OBJECTS),
    ):
        for scope in catalog.scopes(stream):
            streams.setdefault(scope, []).append(f"`{stream}`{_MEANING.get(stream, '')}")
    words = {catalog.EVENTS_SCOPE: " (every app has it)"}
    rows = [f"| `{scope}`{words.get(scope, '')} | {'; '.join(named)} |\n" for scope, named in streams.items()]
    return f"| scope | streams |\n|---|---|\n{''.join(rows)}"
