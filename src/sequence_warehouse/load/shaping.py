"""A row of a tool's table as a record in HubSpot's shape, as SQL: which column goes where.

A row of a CSV or Parquet file and a record of JSON in a tool's own shape are the same here: columns by name.
What they hold is told by their names and by where the file lies: an event or an object, or (``tables``) a row
of a table that tells about objects.
"""

from __future__ import annotations

import json

from sequence_warehouse.load.places import Cell, Places, Shape, record, row_type
from sequence_warehouse.load.spellings import Spellings, forms, normal
from sequence_warehouse.load.tables import TABLES, kind_of
from sequence_warehouse.storage.database import json_path, literal


def shape_of_event(columns: dict[str, Cell], names: Spellings, keeps_all: bool = True) -> Shape:
    """An event: its fields, and any other column a property."""
    places = Places(columns, names, "events", keeps_all)
    pairs = [(field, places.field(field)) for field in places.fields if field != "properties"]
    return Shape(record([*pairs, ("properties", places.properties())]), "null::varchar")


def shape_of_object(
    columns: dict[str, Cell], names: Spellings, source_file: str, stream: str = "", keeps_all: bool = True
) -> Shape:
    """An object, or a row of a table that tells about objects; stream: what a tool's message calls it."""
    folder = names.type_of_file(source_file)
    if stream and not names.ends(f"//{stream}"):
        folder = names.type_of_stream(stream)
    compared = {normal(name): name for name in columns if not name.startswith("_")}
    table = f"//{stream}" if stream else source_file
    kind = kind_of(compared, names, folder, table)
    places = Places(columns, names, kind or folder, keeps_all)
    if kind:
        return TABLES[kind](places, folder, table)
    return _object(places, folder)


def _object(places: Places, folder: str) -> Shape:
    pairs = [
        (field, places.field(field))
        for field in places.fields
        if "." not in field and field not in {"properties", "associations", "archived", "objectTypeId"}
    ]
    if "updatedAt" not in places.fields and (modified := places.modified()):
        pairs.append(("updatedAt", modified))
    if "archived" in places.fields:
        pairs.append(("archived", places.archived()))
    links = _links(places)
    if links:
        pairs.append(("associations", links))
    pairs.append(("properties", places.properties()))
    return Shape(record(pairs), row_type(places, folder))


def _links(places: Places) -> str | None:
    """The links of an object by the type that they go to; null when no column has any."""
    types = sorted({field for field in places.fields if field.startswith("associations.")})
    whole = places.field("associations") if "associations" in places.fields else None
    if not types and not whole:
        return None
    if whole:
        types = sorted(name for name, _ in places.names.fields["objects"].values() if "." in name)
        types = list(dict.fromkeys(types))
    pairs = []
    for field in types:
        cells = [places.field(field)] if field in places.fields else []
        if whole:
            spelled = places.names.raw_fields["objects"][field]
            inner = dict.fromkeys(form for name in spelled for form in forms(name))
            cells += [f"json_extract({whole}, {literal(json_path(name))})" for name in inner]
        pairs.append(
            (field.partition(".")[2], f"coalesce({', '.join(cells)})" if len(cells) > 1 else cells[0])
        )
    # a member that no column fills says nothing, and shall not be there
    members = ", ".join(
        f"case when ({cell}) is not null then {literal(_json_name(name))} || ({cell})::varchar end"
        for name, cell in pairs
    )
    listed = f"array_to_string(list_filter([{members}], lambda member: member is not null), ',')"
    return f"nullif('{{' || {listed} || '}}', '{{}}')::json"


def _json_name(name: str) -> str:
    return json.dumps(name, ensure_ascii=False) + ":"
