"""Records in another shape than HubSpot's: taken out of a tool's envelope, and shaped as the others.

A part of a load is written as the first look at its records leaves it. Where that found foreign ones, they
are read back from the part, table by table and stream by stream, and the part is written again with them.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import duckdb

from sequence_warehouse.load.cells import is_structure
from sequence_warehouse.load.parser import Parser
from sequence_warehouse.load.parsing import FOREIGN
from sequence_warehouse.load.places import Cell, Shape
from sequence_warehouse.load.shaping import shape_of_event, shape_of_object
from sequence_warehouse.load.spellings import Spellings
from sequence_warehouse.storage.database import json_path, literal, path_literal

# More names of members than these are no columns but data: SQL of them all would take minutes.
_MAX_MEMBERS = 4000
_TOO_MANY = f"Among records of more than {_MAX_MEMBERS:,} names of members"
# Messages of Airbyte and Singer that hold no record.
_NO_RECORDS = [
    *("SCHEMA", "STATE", "ACTIVATE_VERSION", "BATCH", "LOG", "TRACE", "SPEC", "CATALOG", "CONTROL"),
    "CONNECTION_STATUS",
]


def envelopes(rows: str) -> str:
    """SQL of rows (record, …) with ``payload`` (JSON), and ``stream`` and ``envelope`` (words for it) where
    one was opened; without messages that hold no record."""
    return f"""
        select
            * exclude (kind, is_record),
            case
                when envelope_type = 'raw' then opened_json(json_extract(record, '$._airbyte_data'))
                when envelope_type = 'airbyte' then json_extract(record, '$.record.data')
                when envelope_type = 'singer' then json_extract(record, '$.record')
                else record::json
            end as payload,
            case
                when envelope_type = 'raw'
                    then coalesce(record ->> '$._airbyte_stream', record ->> '$._airbyte_stream_name')
                when envelope_type = 'airbyte' then record ->> '$.record.stream'
                when envelope_type = 'singer' then record ->> '$.stream'
            end as stream,
            case envelope_type
                when 'singer' then 'In a Singer message' when 'raw' then 'In an Airbyte envelope'
                when 'airbyte' then 'In an Airbyte envelope'
            end || coalesce(' of stream ' || stream, '') as envelope,
        from (
            select
                *,
                upper(record ->> '$.type') as kind,
                json_type(record, '$.record') = 'OBJECT' as is_record,
                case
                    when json_type(opened_json(json_extract(record, '$._airbyte_data'))) = 'OBJECT' then 'raw'
                    when kind = 'RECORD' and is_record and json_type(record, '$.record.data') = 'OBJECT'
                        then 'airbyte'
                    when kind = 'RECORD' and is_record then 'singer'
                end as envelope_type,
            from ({rows})
        )
        where
            envelope_type is not null or kind is null or json_exists(record, '$.id')
            or kind not in {tuple(_NO_RECORDS)}
    """


class Foreign:
    """Reads the foreign records of a part."""

    def __init__(self, names: Spellings, parser: Parser) -> None:
        self._names = names
        self._parser = parser

    def mend(
        self, cursor: duckdb.DuckDBPyConnection, family: str, part: Path, landed_types: str
    ) -> str | None:
        """SQL of the part's rows with its foreign records read; None when it has none.

        landed_types: SQL of (source_file, event_type) of the part's files.
        """
        source = f"read_parquet({path_literal(part)}, hive_partitioning = false)"
        if cursor.execute(f"select count(*) from {source} where reason = '{FOREIGN}'").fetchone() == (0,):
            return None
        opened = envelopes(f"select * from {source} where reason = '{FOREIGN}'")
        landed = [self._landed(opened, *table) for table in self._tables(cursor, family, opened)]
        good = f"select * exclude (loaded_at) from {source} where reason is distinct from '{FOREIGN}'"
        if not landed:
            return good
        typed = f"""
            select shaped.*, files.event_type
            from ({" union all ".join(landed)}) as shaped
            inner join ({landed_types}) as files using (source_file)
        """
        return f"{good} union all by name select * from ({self._parser.query(family, typed, is_last=True)})"

    def _tables(
        self, cursor: duckdb.DuckDBPyConnection, family: str, opened: str
    ) -> list[tuple[list[str], str | None, Shape | None]]:
        """(files, stream, shape) of each table among the records: files of one kind share one.

        No shape: they have too many members.
        """
        keys = cursor.execute(
            f"""
            select distinct source_file, stream, '' as place, unnest(json_keys(payload)) as name
            from ({opened})
            union
            select distinct source_file, stream, 'properties', unnest(json_keys(payload, '$.properties'))
            from ({opened})
            where '{family}' = 'objects'
            union
            select distinct source_file, stream, '', null from ({opened})
            order by all
            """
        ).fetchall()
        names_of: dict[tuple[str, str | None], dict[tuple[str, str], None]] = defaultdict(dict)
        for source_file, stream, place, name in keys:
            found = names_of[source_file, stream]
            if name is not None:
                found[place, name] = None
        alike: dict[tuple[Any, ...], list[str]] = defaultdict(list)
        tables: list[tuple[list[str], str | None, Shape | None]] = []
        for (source_file, stream), found in names_of.items():
            if len(found) > _MAX_MEMBERS:
                tables.append(([source_file], stream, None))
                continue
            told = (self._names.type_of_file(source_file), self._names.ends(source_file))
            alike[(told if family == "objects" else None, stream, tuple(found))].append(source_file)
        for (_, stream, found), files in alike.items():
            columns = _columns(found)
            if family == "events":
                shape = shape_of_event(columns, self._names, keeps_all=False)
            else:
                shape = shape_of_object(columns, self._names, files[0], stream or "", keeps_all=False)
            tables.append((files, stream, shape))
        return tables

    def _landed(self, opened: str, files: list[str], stream: str | None, shape: Shape | None) -> str:
        listed = ", ".join(map(literal, files))
        object_type, text, envelope = "null", "'{}'", literal(_TOO_MANY)
        if shape is not None:
            object_type, text, envelope = shape.object_type, shape.text, "envelope"
        return f"""
            select
                portal_id, source_file, line_number, {object_type} as object_type, {text} as text,
                coalesce(nullif(message, ''), record) as original, {envelope} as envelope,
            from ({opened})
            where source_file in ({listed}) and stream is not distinct from {literal(stream)}
        """


def _columns(found: tuple[tuple[str, str], ...]) -> dict[str, Cell]:
    """Members of a JSON record as columns; properties that are spelled as HubSpot does are left together."""
    inner = [name for place, name in found if place == "properties"]
    columns = {name: _cell(json_path(name)) for place, name in found if place == "" and name != "properties"}
    if ("", "properties") in found:
        if inner:
            columns |= {f"property_{name}": _cell(json_path("properties", name)) for name in inner}
        else:
            columns["properties"] = _cell(json_path("properties"))
    return columns


def _cell(path: str) -> Cell:
    where = f"payload, {literal(path)}"

    def value(field: str) -> str:
        found = f"json_extract({where})"
        if is_structure(field):
            found = f"opened_json({found})"
        return f"case when json_type({where}) <> 'NULL' then {found} end"

    return value
