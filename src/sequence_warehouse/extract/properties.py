"""Lists of objects with more properties than an address holds: asked for in parts, put together by id."""

from __future__ import annotations

from typing import Any

from sequence_warehouse.extract.errors import TooLong
from sequence_warehouse.extract.transport import Hubspot


class ListedInParts:
    """Pages of a list endpoint. An answer 414 halves the properties of a request, for all pages to come."""

    def __init__(self, hubspot: Hubspot, path: str, properties: tuple[str, ...]) -> None:
        self._hubspot = hubspot
        self._path = path
        self._properties = properties
        self._parts = 1

    def page(self, **parameters: object) -> dict[str, Any]:
        """One page with all properties of each object. Raises TooLong when one property is too many."""
        while True:
            try:
                return self._page(parameters)
            except TooLong:
                if self._parts >= len(self._properties):
                    raise
                self._parts = min(self._parts * 2, len(self._properties))

    def _page(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Of the parts, the first one says when the objects were changed: what changed since comes later."""
        first, *others = (self._properties[number :: self._parts] for number in range(self._parts))
        failures = 0
        while True:
            answer = self._hubspot.page(self._path, properties=first, **parameters)
            records = {record["id"]: record for record in answer["results"]}
            lacking: set[str] = set()
            for part in others:
                # links came with the first part
                asked = {**parameters, "associations": None}
                found = self._hubspot.page(self._path, properties=part, **asked)["results"]
                lacking |= records.keys() - {record["id"] for record in found}
                for record in found:
                    if record["id"] in records:
                        _add(records, record)
            if not lacking:
                return {**answer, "results": list(records.values())}
            failures += 1  # some were deleted between two parts, and are in no answer from now on
            self._hubspot.back_off(failures, f"{len(lacking)} objects of a page came without all properties")


def _add(records: dict[str, dict[str, Any]], record: dict[str, Any]) -> None:
    known = records[record["id"]]
    records[record["id"]] = {
        **known,
        "properties": {**record.get("properties", {}), **known.get("properties", {})},
    }
