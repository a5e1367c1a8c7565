"""Reading the suite files of `expectations/<border>/*.json`, without Great Expectations.

A file is one suite over one table, in the shape of Great Expectations' own suite JSON:

    {"name": "raw.events", "table": "raw.events", "notes": "...",
     "expectations": [{"type": "...", "kwargs": {...}, "severity": "critical",
                       "description": "what is expected", "meta": {"columns": ["..."]}}]}

`"for_each": ["opens", "clicks"]` in an entry makes one expectation of it for each name, which
replaces `{column}` everywhere in its kwargs, description and meta.

Two types are ours, written as plain SQL so that a reviewer can paste them into DuckDB:

* `expect_no_rows` - `{"query": "..." or ["line", "line"]}`; each row returned is evidence.
* `expect_columns_to_have_types` - `{"column_types": {"column": "TYPE" or "TYPE|TYPE" or "*"}}`;
  the column must exist and have one of the DuckDB types. Great Expectations sees SQLAlchemy's
  types, which do not tell a timestamp with time zone from one without.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sequence_warehouse.validate.report import CRITICAL, WARNING

NO_ROWS = "expect_no_rows"


class SuiteError(ValueError):
    """A suite file that cannot be used; the message names the file and what to change."""


@dataclass(frozen=True)
class SuiteExpectation:
    """One entry of a suite file; `gx_type` and `gx_kwargs` are what Great Expectations runs."""

    type: str
    gx_type: str
    gx_kwargs: dict[str, Any]
    severity: str
    description: str
    columns: tuple[str, ...]
    meta: dict[str, Any] = field(default_factory=dict)

    @property
    def column_name(self) -> str | None:
        """The columns in question as `a, b`, or None for a whole table."""
        return ", ".join(self.columns) or None


@dataclass(frozen=True)
class Suite:
    """One suite file; `schema` and `table` are the two halves of its table name."""

    path: Path
    name: str
    schema: str
    table: str
    notes: str
    expectations: tuple[SuiteExpectation, ...]

    @property
    def table_name(self) -> str:
        return f"{self.schema}.{self.table}"


def load_suites(folder: Path) -> list[Suite]:
    """Every suite of a border, by file name.

    Raises SuiteError when the folder has none: a border without checks must not look passed.
    """
    paths = sorted(folder.glob("*.json"))
    if not paths:
        raise SuiteError(f"{folder}: no suite (*.json) found, so there is nothing to validate")
    suites = [_load_suite(path) for path in paths]
    names = [suite.name for suite in suites]
    for suite in suites:
        if names.count(suite.name) > 1:
            raise SuiteError(f"{suite.path}: the name {suite.name!r} is used by another suite too")
    return suites


def _load_suite(path: Path) -> Suite:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        schema, table = content["table"].split(".")
        return Suite(
            path=path,
            name=content["name"],
            schema=schema,
            table=table,
            notes=content.get("notes", ""),
            expectations=tuple(
                _load_expectation(entry, schema, table)
                for template in content["expectations"]
                for entry in _entries(template)
            ),
        )
    except KeyError as error:
        raise SuiteError(f"{path}: {error.args[0]!r} is missing") from error
    except (ValueError, TypeError, AttributeError) as error:
        raise SuiteError(f"{path}: {error}") from error


def _entries(template: dict[str, Any]) -> list[dict[str, Any]]:
    if "for_each" not in template:
        return [template]
    text = json.dumps({key: value for key, value in template.items() if key != "for_each"})
    if "{column}" not in text:
        raise ValueError(f"an entry with for_each has no {{column}}: {template['type']}")
    return [json.loads(text.replace("{column}", column)) for column in template["for_each"]]


def _load_expectation(entry: dict[str, Any], schema: str, table: str) -> SuiteExpectation:
    severity = entry["severity"]
    if severity not in (CRITICAL, WARNING):
        raise ValueError(f"severity must be {CRITICAL} or {WARNING}, not {severity!r}")
    kwargs, meta = entry["kwargs"], entry.get("meta", {})
    expand = _OURS.get(entry["type"])
    return SuiteExpectation(
        type=entry["type"],
        gx_type=NO_ROWS if expand else entry["type"],
        gx_kwargs={"query": expand(kwargs, schema, table)} if expand else kwargs,
        severity=severity,
        description=entry["description"],
        columns=_columns(kwargs, meta),
        meta=meta,
    )


def _columns(kwargs: dict[str, Any], meta: dict[str, Any]) -> tuple[str, ...]:
    named = [kwargs[key] for key in ("column", "column_A", "column_B") if key in kwargs]
    return tuple(meta.get("columns") or named or kwargs.get("column_list") or ())


def _no_rows(kwargs: dict[str, Any], schema: str, table: str) -> str:
    query = kwargs["query"]
    return query if isinstance(query, str) else "\n".join(query)


def _types(kwargs: dict[str, Any], schema: str, table: str) -> str:
    expected = ",\n    ".join(f"('{column}', '{types}')" for column, types in kwargs["column_types"].items())
    return f"""with expected(column_name, expected_type) as (values
    {expected}
)
select
    expected.column_name,
    expected.expected_type,
    coalesce(actual.data_type, 'no such column') as found
from expected
left join duckdb_columns() as actual
    on actual.schema_name = '{schema}'
    and actual.table_name = '{table}'
    and actual.column_name = expected.column_name
where actual.data_type is null
    or not (expected.expected_type = '*'
        or list_contains(string_split(expected.expected_type, '|'), actual.data_type))"""


_OURS = {
    NO_ROWS: _no_rows,
    "expect_columns_to_have_types": _types,
}
