"""The queries that read records, with the names that the seeds of spellings give."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sequence_warehouse.load.parsing import EVENTS, OBJECTS
from sequence_warehouse.load.spellings import Spellings, forms
from sequence_warehouse.storage.database import literal, mapping

_EVENT_FIELDS = ("id", "eventType", "objectType", "objectId", "occurredAt")


class Parser:
    """The query of each family of records, as the seeds of spellings have it."""

    def __init__(self, names: Spellings) -> None:
        self._words = {
            "events": {
                "<event_types>": mapping(names.event_types),
                "<event_object_types>": mapping(names.event_object_types),
                "<is_foreign_event>": _foreign_event(),
            },
            "objects": {
                "<deleted>": _deleted(names),
                "<is_foreign_object>": _foreign_object(names),
            },
        }
        self._queries = {"events": EVENTS, "objects": OBJECTS}

    def query(self, family: str, landed: str, is_last: bool = False) -> str:
        """SQL that reads the records of a relation; is_last: nothing is foreign any more."""
        query = self._queries[family]
        for word, sql in self._words[family].items():
            query = query.replace(word, "false" if is_last and word.startswith("<is_foreign") else sql)
        return query.replace("<landed>", landed, 1)


def _one_of(names: Iterable[str]) -> str:
    return "|".join(re.escape(name) for name in sorted(names))


def _has_others(known: Iterable[str]) -> str:
    """SQL of whether a document has another member than the known ones: a pattern is cheaper than lists."""
    one = _one_of(known)
    keys = "array_to_string(json_keys(document), ',')"
    return f"not regexp_full_match({keys}, {literal(f'(?:(?:{one})(?:,(?:{one}))*)?')})"


def _foreign_event() -> str:
    """SQL of whether an event has its fields under other names, or its properties beside them."""
    return f"""(
            types[1] is null or types[4] is null or types[5] is null
            or (types[2] is null and event_type is null)
            or (types[6] is null and {_has_others(_EVENT_FIELDS)})
        )"""


def _foreign_object(names: Spellings) -> str:
    """SQL of whether an object has members that HubSpot's API has not, or properties under other names."""
    of_any = names.api_fields("objects")
    own = {kind: names.api_fields(kind) for kind in names.fields}
    cases = " ".join(
        f"when {literal(kind)} then {_has_others(fields)}"
        for kind, fields in own.items()
        if fields != of_any and kind != "events"
    )
    properties = {
        name
        for of_type in names.raw_properties.values()
        for property_name, spellings in of_type.items()
        for name in spellings
        if name != property_name
    }
    links = {
        form
        for field, spellings in names.raw_fields["objects"].items()
        if field.startswith("associations.")
        for name in spellings
        for form in forms(name)
        if field != f"associations.{form}"
    }
    return f"""coalesce(
            types[1] is null
            or object_type in ('engagements', 'objects')
            or case object_type {cases} else {_has_others(of_any)} end
            -- anywhere: a look too many costs time only
            or regexp_matches(document, {literal(f'"(?:[A-Z0-9_]+|{_one_of(properties | links)})" *:')}),
            false
        )"""


def _deleted(names: Spellings) -> str:
    """SQL of the places that say that an object is gone; a table's own column is a property here."""
    spelled = [form for name in names.raw_fields["objects"]["archived"] for form in (name, name.lower())]
    return ", ".join(
        literal(f"$.{place}{name}")
        for place in ("", "properties.")
        for name in dict.fromkeys(spelled)
        if (place, name) != ("properties.", "archived")
    )
