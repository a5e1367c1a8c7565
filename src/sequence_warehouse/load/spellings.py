"""What tools call things: columns, properties, tables, object and event types, each from a seed.

A name is compared in lower case and without ``_``, ``-``, ``.`` and spaces, so that ``OBJECT_ID``,
``objectId`` and ``Object ID`` are one. Nothing else in the loader knows what a tool calls a column.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sequence_warehouse.load.discovery import LandedFile
from sequence_warehouse.seeds import Seeds


def normal(name: str) -> str:
    """A name as it is compared."""
    return re.sub(r"[ _.\-]", "", name).lower()


def forms(name: str) -> list[str]:
    """A name as programs write it in JSON: contact_ids, contactIds, Contact_ids, CONTACT_IDS."""
    first, *rest = name.split("_")
    camel = first + "".join(word.capitalize() for word in rest)
    return list(dict.fromkeys((name, camel, name.capitalize(), name.upper())))


def _names_of(object_type: dict[str, str]) -> list[str]:
    """What tools call a type, by its row of the seed ``object_types``."""
    plural, singular = object_type["object_type"], object_type["singular"]
    names = [plural, singular, object_type["type_id"], f"objects_{plural}"]
    if object_type["is_engagement"] == "true":
        names += [f"engagement_{singular}", f"engagements_{plural}"]
    return [name for name in names if name]


@dataclass(frozen=True)
class Spellings:
    """fields: type of record -> name -> (field of HubSpot's API, rank: the smaller is preferred); ``objects``
    for all types of objects. properties: object type -> name -> property. prefixes: of columns that are
    properties, with a rank. object_types, event_types: name -> type, names as compared and in lower case.
    linked: the object types whose ids stand in tables of links. engagements: those among them that tools
    call engagements.
    raw_fields, raw_properties: type -> field or property -> its names as the seeds spell them.
    event_object_types: ``0-1`` and the like -> the object type as events name it, ``CONTACT``.
    """

    fields: dict[str, dict[str, tuple[str, int]]]
    properties: dict[str, dict[str, str]]
    prefixes: list[tuple[str, int]]
    object_types: dict[str, str]
    linked: tuple[str, ...]
    engagements: frozenset[str]
    event_types: dict[str, str]
    event_object_types: dict[str, str]
    raw_fields: dict[str, dict[str, list[str]]]
    raw_properties: dict[str, dict[str, list[str]]]

    @classmethod
    def from_seeds(cls, seeds: Seeds) -> Spellings:
        """Read ``export_columns``, ``object_properties``, ``property_prefixes``, ``object_types``,
        ``object_type_names`` and ``event_types``."""
        fields: dict[str, dict[str, tuple[str, int]]] = {}
        raw_fields: dict[str, dict[str, list[str]]] = {}
        for rank, row in enumerate(seeds.rows("export_columns")):
            of_type = fields.setdefault(row["record_type"], {})
            of_type.setdefault(normal(row["column_name"]), (row["field"], rank))
            raw = raw_fields.setdefault(row["record_type"], {})
            raw.setdefault(row["field"], []).append(row["column_name"])
        properties: dict[str, dict[str, str]] = {}
        raw_properties: dict[str, dict[str, list[str]]] = {}
        for row in seeds.rows("object_properties"):
            raw = raw_properties.setdefault(row["object_type"], {})
            raw.setdefault(row["property"], []).append(row["source_property"])
            of_object = properties.setdefault(row["object_type"], {})
            of_object.setdefault(normal(row["source_property"]), row["property"])
        prefixes = [(row["prefix"].lower(), int(row["priority"])) for row in seeds.rows("property_prefixes")]
        types = seeds.rows("object_types")
        object_types = {normal(name): row["object_type"] for row in types for name in _names_of(row)}
        for row in seeds.rows("object_type_names"):
            object_types[normal(row["name"])] = row["object_type"]
        engagements = frozenset(row["object_type"] for row in types if row["is_engagement"] == "true")
        ends = dict.fromkeys(
            end for row in types if row["linked_type"] for end in (row["object_type"], row["linked_type"])
        )
        event_object_types = {
            row["type_id"]: (row["singular"] or row["object_type"]).upper() for row in types if row["type_id"]
        }
        event_types = {
            name.lower(): row["event_type"]
            for row in seeds.rows("event_types")
            for name in (row["event_type"], row["share_table"])
            if name
        }
        prefixes.sort(key=lambda prefix: -len(prefix[0]))
        return cls(
            fields,
            properties,
            prefixes,
            object_types,
            (*ends, "engagements"),
            engagements,
            event_types,
            event_object_types,
            raw_fields,
            raw_properties,
        )

    def field(self, record_type: str, column: str) -> tuple[str, int] | None:
        """(field, rank) that a column holds in records of a type; None: it is a property."""
        name = normal(column)
        if record_type == "events":
            return self.fields["events"].get(name)
        found = self.fields.get(record_type, {}).get(name)
        return found or self.fields["objects"].get(name)

    def is_known(self, record_type: str, column: str) -> bool:
        """Whether a column has a meaning: what tells a header from values."""
        name = normal(column)
        kinds = {record_type, *self._types_of_tables} if record_type != "events" else {"events"}
        return (
            self.has_prefix(column)
            or self.field(record_type, column) is not None
            or any(
                name in self.fields.get(kind, {}) or name in self.properties.get(kind, {}) for kind in kinds
            )
        )

    @property
    def _types_of_tables(self) -> set[str]:
        return {"associations", "merges", "pipeline_stages", "object_properties", *self.linked}

    def holds_properties(self, column: str) -> bool:
        """Whether a column of objects holds their properties, whose names only its cells tell."""
        return (self.field("objects", column) or ("",))[0] in {"properties", "associations"}

    def own_property(self, record_type: str, column: str) -> tuple[str, int]:
        """(property, rank) that a column holds that is no field."""
        name, rank = self._without_prefix(column)
        rank *= 2
        known = self.properties.get(record_type, {}).get(normal(name))
        known = known or self.properties["objects"].get(normal(name))
        if known and record_type != "events":
            # HubSpot's own name beats another for the same
            return known, rank + (normal(known) != normal(name))
        # names of properties are lower case, those of objects' own fields (userId) are not
        is_lowered = record_type == "events" or name.isupper()
        return name.lower() if is_lowered else name, rank

    def has_prefix(self, column: str) -> bool:
        return self._without_prefix(column)[1] > 0

    def _without_prefix(self, column: str) -> tuple[str, int]:
        """A column's name without the prefix of properties, and the prefix's rank, 0 for none."""
        for prefix, rank in self.prefixes:
            if column.lower().startswith(prefix) and len(column) > len(prefix):
                # beside a value, some tools have columns of its history
                return column[len(prefix) :].removesuffix("__value"), rank
        return column, 0

    def api_fields(self, record_type: str) -> set[str]:
        """The members of a record of HubSpot's own API, as it spells them."""
        return {
            field.partition(".")[0]
            for name in ("objects", record_type)
            for field, _ in self.fields.get(name, {}).values()
        } - {"objectTypeId"}

    def object_type(self, name: str) -> str | None:
        """The object type that a name of a folder, table, stream or type stands for."""
        return self.object_types.get(normal(name))

    def type_of_file(self, source_file: str) -> str:
        """The object type of a file: by its folder below ``objects``, else by a name further down, else the
        folder's own name."""
        folder, *below = source_file.split("/")[2:]
        for name in (folder, *reversed(below)):
            known = self.object_type(name.split(".")[0])
            if known and known != "objects":
                return known
        return self.object_type(folder) or folder.lower()

    def type_of_stream(self, stream: str) -> str:
        """The object type of a tool's stream, as in ``hubspot_deals``; its own name when none."""
        *words, last = re.split(r"\W|_", stream)
        if known := self.object_type(stream):
            return known
        is_plain = not any(self.object_type(word) for word in words)
        return (self.object_type(last) if is_plain else None) or stream.lower()

    def record_type(self, file: LandedFile) -> str:
        """The type of a file's records, as ``fields`` knows them."""
        return "events" if file.family == "events" else self.type_of_file(file.source_file)

    def ends(self, source_file: str) -> tuple[str, str] | None:
        """(from, to) of the links that a table's name tells, as in ``deal_contact`` and
        ``ASSOCIATIONS_DEALS_TO_CONTACTS``."""
        for part in reversed(source_file.split("/")[2:]):
            words = re.split(r"_to_|__|_|-|\.", re.sub(r"^associations?_", "", part.lower()))
            types = [found for word in words if (found := self.object_type(word)) in self.linked]
            if len(types) == 2:
                return types[0], types[1]
        return None

    def event_type(self, source_file: str) -> str | None:
        """The event type that a file's or folder's name tells, as share exports do, or None."""
        for part in reversed(source_file.split("/")[2:]):
            stem = part.lower().split(".")[0]
            known = max((name for name in self.event_types if stem.startswith(name)), key=len, default="")
            if known:
                return self.event_types[known]
            if share_table := re.fullmatch(r"events_(\w+?)(_\d+)*", stem):
                return "e_" + share_table.group(1)
        return None
