"""The queries that read records, with the names that the seeds of spellings give."""

from __future__ import annotations

from sequence_warehouse.database import literal
from sequence_warehouse.load.parsing import EVENTS, OBJECTS
from sequence_warehouse.load.spellings import Spellings, forms

_EVENT_FIELDS = ("id", "eventType", "objectType", "objectId", "occurredAt")


class Parser:
    """The query of each family of records, as the seeds of spellings have it."""

    def __init__(self, names: Spellings) -> None:
        self._words = {
            "events": {
                "<event_types>": _map(names.event_types),
                "<event_object_types>": _map(names.event_object_types),
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


def _map(values: dict[str, str]) -> str:
    return f"map({list(values)}, {list(values.values())})"


def _others(keys: str, known: str) -> str:
    """SQL of whether any of a list of keys is none of the known ones."""
    return f"len(list_filter({keys}, lambda name: not list_contains({known}, name))) > 0"


def _foreign_event() -> str:
    """SQL of whether an event has its fields under other names, or its properties beside them."""
    return f"""(
            types[1] is null or types[4] is null or types[5] is null
            or (types[2] is null and event_type is null)
            or (types[6] is null and {_others("json_keys(document)", str(list(_EVENT_FIELDS)))})
        )"""


def _foreign_object(names: Spellings) -> str:
    """SQL of whether an object has members that HubSpot's API has not, or properties under other names."""
    of_any = sorted(names.api_fields("objects"))
    own = {kind: [*of_any, *sorted(names.api_fields(kind) - {*of_any})] for kind in names.fields}
    known = f"coalesce(map({list(own)}, {list(own.values())})[object_type], {of_any})"
    spelled = {
        name
        for of_type in names.raw_properties.values()
        for property_name, spellings in of_type.items()
        for name in spellings
        if name != property_name
    }
    links = [
        name
        for field, spellings in names.raw_fields["objects"].items()
        if field.startswith("associations.")
        for name in spellings
        for name in forms(name)
        if field != f"associations.{name}"
    ]
    keys = "json_keys(document, '$.properties')"
    return f"""(
            types[1] is null
            or object_type in ('engagements', 'objects')
            or {_others("json_keys(document)", known)}
            or list_has_any({keys}, {sorted(spelled)})
            or len(list_filter({keys}, lambda name: name = upper(name))) > 0
            or list_has_any(json_keys(document, '$.associations'), {sorted(links)})
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
