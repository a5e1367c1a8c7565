"""A cell of a seed as dbt reads it."""

from __future__ import annotations

import re
from datetime import date

_ROUNDED = r"[+-]?\d+[.,]?\d*[eE][+-]?\d+"
_TRUTHS = dict.fromkeys(("true", "1", "1.0", "yes"), "true") | dict.fromkeys(
    ("false", "0", "0.0", "no"), "false"
)


class WrongValue(ValueError):
    """what: is wrong with a cell. mend: what to do."""

    def __init__(self, what: str, mend: str) -> None:
        super().__init__(what)
        self.what = what
        self.mend = mend


def read_value(column: str, kind: str, text: str) -> str:
    """A cell as dbt reads it. Raises WrongValue when it is no value of the column's type."""
    is_number = kind in {"integer", "double"} or column.endswith("_id")
    if is_number and re.fullmatch(r"-?\d{1,3}([.,]\d{3})+", text):
        mend = "write it without a sign for thousands"
        raise WrongValue(f"holds {text!r} as {column}, which may be two numbers", mend)
    if kind == "integer" and re.fullmatch(r"-?\d+([.,]0+)?", text):
        return re.split("[.,]", text)[0]
    if kind == "double" and re.fullmatch(r"-?\d+([.,]\d+)?", text):
        return text.replace(",", ".")
    if kind == "boolean" and text.lower() in _TRUTHS:
        return _TRUTHS[text.lower()]
    if kind == "date":
        day = re.fullmatch(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})([T ]00:00(:00)?(\.0+)?Z?)?", text)
        try:
            return date(*map(int, day.groups()[:3] if day else ())).isoformat()
        except (TypeError, ValueError):
            mend = "write it as in 2021-03-15"
            raise WrongValue(f"holds {text!r} as {column}, which is no certain day", mend) from None
    if kind == "varchar":
        is_id = column.endswith("_id")
        if is_id and re.fullmatch(_ROUNDED, text):
            mend = "write all its digits, in a column that is formatted as text"
            raise WrongValue(f"holds {text!r} as {column}, in which digits are lost", mend)
        return re.sub(r"^(\d+)[.,]0+$", r"\1", text) if is_id else text
    raise WrongValue(f"holds {text!r} as {column}", f"write a value of the type {kind}")
