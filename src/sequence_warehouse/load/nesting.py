"""How deep JSON may nest: functions that recurse, DuckDB's and Python's, end the process or fail on more.

A record that nests deeper is rejected when it is read. Text that is opened before (a cell, JSON inside of
JSON) is looked at first, and stays text with a mark, for which its record is rejected then.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

from sequence_warehouse.load.emoji import SUBSTITUTE
from sequence_warehouse.storage.database import identifier, literal

MAX_DEPTH = 1000
TOO_DEEP = f"{SUBSTITUTE}too deep"
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_PASSES = 4

# Far from all depths most records are told by their length and their number of brackets, which costs nearly
# nothing. The others' brackets are added up, once the innermost ones, as of long lists, are taken away.
MACROS = rf"""
create or replace macro brackets(value) as translate(
    array_to_string(string_split(
        if(contains(value, '\'), replace(replace(value, '\\', ''), '\"', ''), value), '"'
    )[1:-:2], ''),
    '{{}},: .-+0123456789truefalsnE' || chr(9) || chr(10) || chr(13),
    '[]'
);
create or replace macro without_innermost(value) as {"replace(" * _PASSES}value{", '[]', '')" * _PASSES};
create or replace macro is_deep(value) as case
    when strlen(value) <= {2 * MAX_DEPTH} then false
    when len(string_split(value, '[')) + len(string_split(value, '{{')) - 2 <= {MAX_DEPTH} then false
    when contains(value, 'too deep') and regexp_matches(value, '(\\u001[aA]|\x1a)too deep') then true
    else coalesce(list_reduce(
        list_transform(
            regexp_extract_all(without_innermost(brackets(value)), '\[+|\]+'),
            lambda run: if(run[1] = '[', length(run), -length(run))
        ),
        lambda depth, run: if(depth > {MAX_DEPTH - _PASSES}, depth, depth + run),
        0::bigint
    ) > {MAX_DEPTH - _PASSES}, false)
end;
create or replace macro too_deep(value) as to_json('{TOO_DEEP} ' || value);
"""

# What holds text that JSON may be in, by DuckDB's name of its type, and SQL of that text.
AS_TEXT = {"VARCHAR": "{}", "JSON": "{}::varchar", "BLOB": "try(decode({}))"}


def deep_row(types: Mapping[str, str]) -> list[tuple[str, str]]:
    """SQL of whether a cell of a row nests too deep, and of what stands for the row then; at most one pair.

    types: of each column, as DuckDB calls it.
    """
    texts = {name: AS_TEXT[kind].format(identifier(name)) for name, kind in types.items() if kind in AS_TEXT}
    if not texts:
        return []
    # one expression for all columns: of one each, the plan alone would take longer than most files
    lengths, listed = (
        ", ".join(form.format(text) for text in texts.values()) for form in ("strlen({})", "{}")
    )
    is_found = (
        f"case when greatest({lengths}) > {2 * MAX_DEPTH} then coalesce(list_bool_or(list_transform("
        f"[{listed}], lambda cell: is_deep(cell) and json_valid(standard_json(cell)))), false) else false end"
    )
    cells = ", ".join(f"{literal(name)}, {text}" for name, text in texts.items())
    return [(is_found, f"json_object({cells})::varchar || {literal(TOO_DEEP)}")]


def has_deep_columns(path: Path) -> bool:
    """Whether the columns of a Parquet file nest deeper than a hundred levels, as PyArrow counts them.

    DuckDB ends the process on the schema of such a file, or takes minutes for its values. All other damage is
    left for it to tell.
    """
    import pyarrow.parquet  # 0.3 s, and few loads have Parquet

    try:
        pyarrow.parquet.read_metadata(path)
    except (OSError, pyarrow.ArrowException) as error:
        return "too deeply nested" in str(error)
    except UnicodeDecodeError:  # a column's name
        return False
    return False


def is_json(text: str) -> bool:
    """Whether a text is JSON; of what nests too deep for Python, whether its brackets are all closed."""
    try:
        json.loads(text)
    except ValueError:
        return False
    except RecursionError:
        bare = _STRING.sub("", text)
        return bare.count("[") + bare.count("{") == bare.count("]") + bare.count("}")
    return True
