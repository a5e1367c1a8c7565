"""Makes a simulated account answerable: adds what HubSpot always has, and writes it as a landing folder."""

from __future__ import annotations

from pathlib import Path

import duckdb

from hubspot_simulator.api import performance
from sequence_warehouse.storage.database import literal, only_row, path_literal

# A line is one text column; the delimiter only has to be a byte that never occurs.
_AS_LINES = "format csv, header false, quote '', escape '', delimiter '\x1f'"

# The last-modified property of contacts has a name of its own, and so has the date of creation of activities.
LAST_MODIFIED = {"contacts": "lastmodifieddate"}
CREATED = {"tasks": "hs_createdate", "meetings": "hs_createdate", "emails": "hs_createdate"}

# The simulator's later versions of contacts lie up to a year ahead; HubSpot's never do. Properties
# that an object has already stay as they are.
_COMPLETE_CRM = """
    update read_objects
    set
        updated_ms = least(updated_ms, {newest}),
        document = json_merge_patch(
            {{'id': id, 'properties': {{
                'hs_object_id': id,
                {created}: strftime(make_timestamp(created_ms * 1000), '%Y-%m-%dT%H:%M:%S.%gZ'),
            }}}}::json,
            document::json,
            {{
                'properties': {{{modified}: {updated}}},
                'updatedAt': {updated},
            }}::json
        )::varchar
    where kind = {kind}
"""
_UPDATED = """
    strftime(make_timestamp(least(updated_ms, {newest}) * 1000), '%Y-%m-%dT%H:%M:%S.%gZ')
"""

# What was merged into another lies in a landing folder from before; HubSpot lists it no more.
_DROP_MERGED = """
    delete from read_objects
    where
        kind in ('deals', 'companies')
        and (kind, id) in (
            select kind, unnest(string_split(document->>'$.properties.hs_merged_object_ids', ';'))
            from read_objects
            where kind in ('deals', 'companies')
        )
"""

# The name of one company was cut in the middle of an emoji, which JSON can say and text cannot: the character
# that stands for the half here becomes its escape wherever documents leave the database.
HALF_EMOJI = "\ue000"
HALF_EMOJI_ESCAPE = "\\ud83d"
_CUT_AN_EMOJI = f"""
    update read_objects
    set document = json_merge_patch(
        document::json,
        {{'properties': {{'name': (document->>'$.properties.name') || ' {HALF_EMOJI}'}}}}::json
    )::varchar
    where kind = 'companies' and id = (select min(id) from read_objects where kind = 'companies')
"""

_COMPLETE_PIPELINES = """
    update read_objects
    set document = json_merge_patch(document::json, {
        'stages': list_transform(
            (document->'$.stages')::json[],
            lambda stage: json_merge_patch(stage, {
                'createdAt': document->'$.createdAt', 'updatedAt': document->'$.updatedAt'
            }::json)
        )
    }::json)::varchar
    where kind = 'pipelines'
"""


def complete(connection: duckdb.DuckDBPyConnection) -> None:
    """Adds to ``read_objects`` what the simulator leaves out: HubSpot's own properties, the performance."""
    newest = only_row(connection.execute("select coalesce(max(occurred_ms), 0) from events"))[0]
    for kind in ("contacts", "companies", "deals", "tasks", "meetings", "emails"):
        connection.execute(
            _COMPLETE_CRM.format(
                newest=newest,
                kind=literal(kind),
                created=literal(CREATED.get(kind, "createdate")),
                modified=literal(LAST_MODIFIED.get(kind, "hs_lastmodifieddate")),
                updated=_UPDATED.format(newest=newest),
            )
        )
    connection.execute(_DROP_MERGED)
    connection.execute(_CUT_AN_EMOJI)
    connection.execute(_COMPLETE_PIPELINES)
    performance.complete(connection, newest)


def write(connection: duckdb.DuckDBPyConnection, place: Path) -> None:
    """All events and objects as JSON lines below ``place``: one file a kind, modification times of now."""
    kinds = [kind for (kind,) in connection.execute("select distinct kind from objects").fetchall()]
    sources = {"events": "events"} | {
        f"objects/{kind}": f"objects where kind = {literal(kind)}" for kind in kinds
    }
    line = f"replace(document, '{HALF_EMOJI}', '{HALF_EMOJI_ESCAPE}') as line"
    for folder, source in sources.items():
        (place / folder).mkdir(parents=True)
        target = path_literal(place / folder / f"{folder.rpartition('/')[2]}.jsonl")
        connection.execute(f"copy (select {line} from {source} order by position) to {target} ({_AS_LINES})")
