"""One column of a CSV or Parquet file as SQL of a JSON value."""

from __future__ import annotations

# Fields whose value may be text that holds JSON.
_STRUCTURES = {
    *("properties", "associations", "steps", "stages", "settings", "dependencies", "teams", "results"),
    *("from", "to", "summary", "statusByStep", "timeline", "companyMetrics", "additionalCurrencies"),
}


def is_structure(field: str) -> bool:
    """Whether a field holds a list or an object, be it as text."""
    return field in _STRUCTURES or field.startswith("associations.")


def json_value(field: str, column: str, duckdb_type: str) -> str:
    """A column as a JSON value; text that holds JSON (properties, associations) is opened, and so is text of
    an object with the value of a property, as tools write that keep a property's history."""
    if duckdb_type == "BLOB":  # text that its writer did not mark as text
        column, duckdb_type = f"try(decode({column}))", "VARCHAR"
    if duckdb_type == "JSON" or (duckdb_type == "VARCHAR" and is_structure(field)):
        text = f"standard_json({column}::varchar)"
        return f"case when json_valid({text}) then {text}::json else to_json({column}::varchar) end"
    if duckdb_type == "VARCHAR" and field == "":
        text = f"standard_json({column})"
        is_value = f"json_valid({text}) and json_exists({text}, '$.value')"
        return (
            f"case when not starts_with({column}, '{{') then to_json({column}) "
            f"when {is_value} then {text}::json else to_json({column}) end"
        )
    if duckdb_type in {"DOUBLE", "FLOAT"}:
        return _json_float(field, column, duckdb_type)
    if not _is_time(field) and duckdb_type.startswith("DECIMAL"):
        whole = f"case when {column} = trunc({column}) then try_cast({column} as hugeint) end"
        return f"to_json(coalesce({whole}::varchar, {column}::varchar))"
    if duckdb_type in {"HUGEINT", "UHUGEINT"}:  # JSON would round them
        return f"to_json({column}::varchar)"
    return f"to_json({column})"


def _json_float(field: str, column: str, duckdb_type: str) -> str:
    """A floating-point column as a JSON value; NaN and infinity are missing.

    pandas turns whole numbers with a gap among them into fractions: 5.0 is the id 5. Above what the type
    can count, digits are lost: such a number is printed so that nobody takes it for an id.
    """
    if _is_time(field):
        return f"to_json(case when isfinite({column}) then {column} end)"
    counted = 2**53 if duckdb_type == "DOUBLE" else 2**24
    return f"""to_json(case
        when not isfinite({column}) then null
        when {column} <> trunc({column}) then {column}::varchar
        when abs({column}) <= {counted} then {column}::bigint::varchar
        else format('{{:.17e}}', {column}::double)
    end)"""


def _is_time(field: str) -> bool:
    return field.endswith("At")
