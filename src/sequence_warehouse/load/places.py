"""Where the columns of a tool's table go in a record of HubSpot's shape, and what they hold there, as SQL."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sequence_warehouse.load.spellings import Spellings, normal
from sequence_warehouse.storage.database import literal, mapping

# A column's value as SQL of JSON, null when it has none, by the field or, for a property, by "".
Cell = Callable[[str], str]

# What HubSpot calls an object's time of change where it stands among the properties.
_MODIFIED = ("hs_lastmodifieddate", "lastmodifieddate")


@dataclass(frozen=True)
class Shape:
    """SQL of a row's record as text of JSON, and of its object type (null: an event's)."""

    text: str
    object_type: str


class Places:
    """Where the columns of one table go. keeps_all: what a field has not taken stays a property; not where
    the columns are those of several records, of which each has one of them."""

    def __init__(
        self, columns: dict[str, Cell], names: Spellings, record_type: str, keeps_all: bool = True
    ) -> None:
        self.columns = columns
        self.names = names
        fields: dict[str, list[tuple[int, str]]] = {}
        own: dict[str, list[tuple[int, str]]] = {}
        for column in columns:
            known = None if names.has_prefix(column) else names.field(record_type, column)
            if known:
                # a column that is called just as the field comes first
                rank = -1 if normal(column) == normal(known[0]) else known[1]
                fields.setdefault(known[0], []).append((rank, column))
            else:
                name, rank = names.own_property(record_type, column)
                own.setdefault(name, []).append((rank, column))
        self.fields = {field: [column for _, column in sorted(found)] for field, found in fields.items()}
        for field, (_, *others) in self.fields.items():
            for column in others if keeps_all and "." not in field else []:
                own.setdefault(names.own_property(record_type, column)[0], []).append((0, column))
        self.own = {name: [column for _, column in sorted(found)] for name, found in own.items()}

    def field(self, field: str) -> str:
        """A field's value: of several columns the first that has one."""
        return self._first(self.fields.get(field, []), field)

    def text(self, field: str) -> str:
        return as_text(self.field(field))

    def properties(self, names: list[str] | None = None) -> str:
        """All properties as one JSON object; an explicit one beats a column of the same name."""
        columns = "'{}'::json"
        if self.own:
            columns = json_object([(name, self._first(found, "")) for name, found in self.own.items()])
        if "properties" not in self.fields:
            return columns
        whole = f"lower_names({self.field('properties')})"
        # what is no object is left to be rejected
        return f"""case
            when {whole} is null then {columns}
            when json_type({whole}) = 'OBJECT' then json_merge_patch({columns}, {whole})
            else {whole}
        end"""

    def archived(self) -> str:
        """Whether an object is gone: gone is gone, whichever of several columns says so."""
        cells = [self.columns[column]("archived") for column in self.fields["archived"]]
        gone = [f"case when as_truth({as_text(cell)}) then {cell} end" for cell in cells]
        return f"coalesce({', '.join([*gone, *cells])})" if len(cells) > 1 else cells[0]

    def modified(self) -> str | None:
        """When an object changed, by its properties, as far as that can be read."""
        found = [column for name in _MODIFIED for column in self.own.get(name, [])]
        if not found:
            return None
        cell = self._first(found, "")
        text = f"coalesce({cell} ->> '$.value', {as_text(cell)})"
        return f"case when as_instant({text}) is not null then to_json({text}) end"

    def _first(self, columns: list[str], field: str) -> str:
        cells = [self.columns[column](field) for column in columns]
        if len(cells) == 1:
            return cells[0]
        if not cells:
            return "null::json"
        filled = [f"case when ({cell})::varchar <> '\"\"' then {cell} end" for cell in cells]
        return f"coalesce({', '.join(filled)})"


def row_type(places: Places, folder: str) -> str:
    """SQL of an object's type: what the row says, else the folder."""
    names = places.names
    told = [places.text("objectTypeId")] if "objectTypeId" in places.fields else []
    if folder == "engagements":
        told += [
            as_text(places.columns[column](""))
            for name in ("hs_engagement_type", "type")
            for column in places.own.get(name, [])
        ]
    if not told:
        return literal(folder)
    return f"coalesce({', '.join(type_of(names, text) for text in told)}, {literal(folder)})"


def type_of(names: Spellings, text: str) -> str:
    """SQL of the object type that a text names, null for none."""
    return f"{mapping(names.object_types)}[regexp_replace(lower({text}), '[ _.-]', '', 'g')]"


def as_text(cell: str) -> str:
    """SQL of a JSON value as text, null for null."""
    return f"({cell} ->> '$')"


def record(pairs: list[tuple[str, str]]) -> str:
    """SQL of a JSON object as text, of names and SQL of values."""
    return f"({json_object(pairs)})::varchar"


def json_object(pairs: list[tuple[str, str]]) -> str:
    return f"json_object({', '.join(f'{literal(name)}, {value}' for name, value in pairs)})"
