"""Rows of tools' tables that are no objects but tell about them: links, merges, stages, single properties."""

from __future__ import annotations

from sequence_warehouse.load.places import Places, Shape, as_text, record, row_type, type_of
from sequence_warehouse.load.spellings import Spellings, normal
from sequence_warehouse.storage.database import literal

# What tools add to a row of a table that is no object, beside the ids.
_ASIDE = {
    *("typeid", "type", "label", "category", "associationtypeid", "associationtype", "associationcategory"),
    *("associationlabel", "id", "portalid", "createdat", "updatedat", "ingestedat", "archived", "isdeleted"),
    *("objecttypeid", "objecttype", "associationtypes"),
}


def kind_of(compared: dict[str, str], names: Spellings, folder: str, table: str) -> str | None:
    """Which kind of row it is, by the names of its columns (as compared -> as they are), its folder and its
    table; None: an object."""
    fields = {kind: names.fields[kind] for kind in TABLES}

    def has(kind: str, field: str) -> bool:
        return any(fields[kind].get(name, ("",))[0] == field for name in compared)

    if folder in TABLES:
        return folder
    if has("merges", "objectId") and not {"objectid"} >= {
        name for name in compared if fields["merges"].get(name, ("",))[0] == "objectId"
    }:
        return "merges"
    if {"name", "value"} <= compared.keys() <= {"name", "value", *_ASIDE, *_ids(names)}:
        return "object_properties"
    if has("pipeline_stages", "stageId") and "id" not in compared and "dealid" not in compared:
        return "pipeline_stages"
    is_linking = has("associations", "fromObjectId") or has("associations", "from")
    if "id" not in compared and is_linking and names.ends(table):
        return "associations"
    ends = _ends(compared, names, folder)
    if len(ends) == 2 and compared.keys() <= {*_ASIDE, *(normal(column) for column in ends.values())}:
        return "associations"
    return None


def _ids(names: Spellings) -> set[str]:
    return {
        name
        for record_type in ("objects", *names.linked)
        for name, (field, _) in names.fields.get(record_type, {}).items()
        if field == "id"
    }


def _ends(compared: dict[str, str], names: Spellings, folder: str) -> dict[str, str]:
    """Object type -> column, of the columns that name a type's id; an engagement's type is the folder's."""
    found: dict[str, str] = {}
    for name, column in compared.items():
        for object_type in names.linked:
            field = names.fields.get(object_type, {}).get(name)
            if field and field[0] == "id":
                if name.startswith("engagement"):
                    object_type = folder if folder in names.engagements else "engagements"
                found.setdefault(object_type, column)
                break
    return found


def _association(places: Places, folder: str, source_file: str) -> Shape:
    names = places.names
    compared = {normal(name): name for name in places.columns if not name.startswith("_")}
    ends = _ends(compared, names, folder)
    if "fromObjectId" in places.fields or "toObjectId" in places.fields or "from" in places.fields:
        told = names.ends(source_file) or (folder, "contacts")
        sides = []
        for side, known in zip(("from", "to"), told, strict=True):
            kind = literal(known)
            if f"{side}ObjectType" in places.fields:
                kind = f"coalesce({type_of(names, places.text(f'{side}ObjectType'))}, {kind})"
            column = None if f"{side}ObjectId" in places.fields else ends.get(known)
            text = as_text(places.columns[column]("id")) if column else places.text(f"{side}ObjectId")
            sides.append((kind, text))
        if "from" in places.fields or "results" in places.fields:
            return _link_set(places, sides[0][0], sides[1][0])
        one, other = sides
    elif len(ends) == 2:
        one, other = ((literal(kind), as_text(places.columns[column]("id"))) for kind, column in ends.items())
    else:
        one, other = (("null", "null"), ("null", "null"))
    return _link(places, one, other)


def _link(places: Places, one: tuple[str, str], other: tuple[str, str]) -> Shape:
    """A link of two ends, each (SQL of its type, SQL of its id); the contact is the end that it goes to, but
    for that of a contact to a company."""
    first, second = _in_order(one[0], other[0])
    pairs = [("fromObjectType", first), ("toObjectType", second)]
    swapped = f"({first}) is distinct from ({one[0]})"
    from_id = f"case when {swapped} then {other[1]} else {one[1]} end"
    to_id = f"case when {swapped} then {one[1]} else {other[1]} end"
    pairs += [
        ("fromObjectId", f"to_json(id_text({from_id}))"),
        ("toObjectId", f"to_json(id_text({to_id}))"),
    ]
    whole = f"({first}) || '/' || id_text({from_id}) || '/' || ({second}) || '/' || id_text({to_id})"
    return _table_row(places, _id_of([one[1], other[1]], whole), pairs, "associations")


def _in_order(one: str, other: str) -> tuple[str, str]:
    """SQL of the types that a link comes from and goes to, whichever way round a table has them."""
    turned = (
        f"(({one}) = 'contacts' and ({other}) <> 'companies') "
        f"or (({one}) = 'companies' and ({other}) = 'contacts')"
    )
    return (
        f"case when {turned} then {other} else {one} end",
        f"case when {turned} then {one} else {other} end",
    )


def _link_set(places: Places, one: str, other: str) -> Shape:
    """All links of one object: an answer of HubSpot's batch read, or a record that was made of one."""
    from_id, links = places.text("fromObjectId"), places.field("results")
    if "from" in places.fields:
        from_id = f"coalesce({places.field('from')} ->> '$.id', {places.text('from')})"
        links = places.field("to")
    pairs = [
        ("fromObjectType", one),
        ("fromObjectId", f"to_json(id_text({from_id}))"),
        ("toObjectType", other),
        ("results", f"coalesce({links}, '[]'::json)"),
    ]
    return _table_row(places, f"{one} || '/' || id_text({from_id}) || '/' || {other}", pairs, "associations")


def _merge(places: Places, folder: str, source_file: str) -> Shape:
    names = places.names
    kind = literal(folder if folder in names.linked else _merged_type(places, source_file))
    if "objectType" in places.fields:
        kind = f"coalesce({type_of(names, places.text('objectType'))}, {kind})"
    merged = places.text("objectId")
    survivor = places.text("survivorObjectId")
    if "survivorObjectId" not in places.fields:
        ends = _ends({normal(name): name for name in places.columns}, names, folder)
        column = next(iter(ends.values()), None)
        survivor = as_text(places.columns[column]("id")) if column else "null"
    pairs = [
        ("objectType", kind),
        ("objectId", f"to_json(id_text({merged}))"),
        ("survivorObjectId", f"to_json(id_text({survivor}))"),
    ]
    whole = f"{kind} || '/' || id_text({merged}) || left(id_text({survivor}), 0)"
    return _table_row(places, _id_of([merged, survivor], whole), pairs, "merges")


def _merged_type(places: Places, source_file: str) -> str:
    """The type of what a table of merges tells of, by its columns, else its name."""
    for column in places.columns:
        for word in ("contact", "compan", "deal", "vid"):
            if word in normal(column):
                return {"contact": "contacts", "compan": "companies", "deal": "deals", "vid": "contacts"}[
                    word
                ]
    return places.names.type_of_file(source_file)


def _stage(places: Places, folder: str, source_file: str) -> Shape:
    pairs = [
        (field, places.field(field))
        for field in (
            "pipelineId",
            "stageId",
            "label",
            "isClosed",
            "closedWon",
            "probability",
            "displayOrder",
        )
    ]
    stage = places.text("stageId")
    if "stageId" not in places.fields:
        stage = places.text("id")
        pairs[1] = ("stageId", places.field("id"))
    whole = f"coalesce(id_text({places.text('pipelineId')}) || '/', '') || id_text({stage})"
    return _table_row(places, whole, pairs, "pipeline_stages")


def _property_row(places: Places, folder: str, source_file: str) -> Shape:
    kind = row_type(places, folder)
    if "objectType" in places.fields:
        kind = f"coalesce({type_of(places.names, places.text('objectType'))}, {kind})"
    object_id = places.text("objectId") if "objectId" in places.fields else places.text("id")
    if "objectId" not in places.fields and "id" not in places.fields:
        ends = _ends({normal(name): name for name in places.columns}, places.names, folder)
        column = next(iter(ends.values()), None)
        object_id = as_text(places.columns[column]("id")) if column else "null"
    name = f"lower({places.text('name')})"
    whole = f"({kind}) || '/' || id_text({object_id}) || '/' || {name}"
    pairs = [
        ("objectType", kind),
        ("objectId", f"to_json(id_text({object_id}))"),
        ("name", name),
        ("value", places.field("value")),
    ]
    return _table_row(places, _id_of([object_id], whole), pairs, "object_properties")


TABLES = {
    "associations": _association,
    "merges": _merge,
    "pipeline_stages": _stage,
    "object_properties": _property_row,
}


def _id_of(ids: list[str], whole: str) -> str:
    """SQL of a row's id: a number in which digits are lost stays one, so that the row is rejected."""
    rounded = " ".join(f"when is_rounded_number({one}) then {one}" for one in ids)
    return f"case {rounded} else {whole} end"


def _table_row(places: Places, record_id: str, pairs: list[tuple[str, str]], kind: str) -> Shape:
    """A row of a table that is no object: an id of what it tells of, when it changed, whether it is gone."""
    known = [("updatedAt", places.field("updatedAt"))] if "updatedAt" in places.fields else []
    known += [("archived", places.archived())] if "archived" in places.fields else []
    return Shape(record([("id", record_id), *pairs, *known]), literal(kind))
