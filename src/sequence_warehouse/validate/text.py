"""Short texts out of result values."""

from collections.abc import Mapping, Sequence
from typing import Any

_LONGEST = 240


def shorten(text: str, longest: int = _LONGEST) -> str:
    """The text on one line, cut to `longest` characters."""
    line = " ".join(text.split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def value_as_text(value: Any) -> str:
    """One value; floats with six significant digits, None as null."""
    if value is None:
        return "null"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def rows_as_text(rows: Sequence[Mapping[str, Any]]) -> str:
    """`no rows`, or the number of rows and the first: `2 rows, first: portal_id=1, n=3`."""
    if not rows:
        return "no rows"
    first = ", ".join(f"{name}={value_as_text(value)}" for name, value in rows[0].items())
    if len(rows) == 1:
        return shorten(first)
    return shorten(f"{len(rows)} rows, first: {first}")


def observed_as_text(result: Mapping[str, Any]) -> str:
    """The `result` of a Great Expectations expectation as one short line."""
    details = result.get("details") or {}
    missing = (details.get("mismatched") or {}).get("missing")
    if missing:
        return shorten("missing " + ", ".join(missing))
    if "observed_value" in result:
        return shorten(value_as_text(result["observed_value"]))
    if "unexpected_count" in result:
        total, unexpected = result.get("element_count", 0), result["unexpected_count"]
        if not unexpected:
            return f"{total} rows, none unexpected"
        examples = [value_as_text(value) for value in result.get("partial_unexpected_list", [])]
        shown = ", ".join(dict.fromkeys(examples))
        return shorten(f"{unexpected} of {total} rows, e.g. {shown}")
    return "nothing"


def unexpected_count(result: Mapping[str, Any]) -> int | None:
    """Unexpected rows of the table, or rows that a query found; None when nothing is counted."""
    details = result.get("details") or {}
    counted: int | None = result.get("unexpected_count", details.get("rows_found"))
    return counted
