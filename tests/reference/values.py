"""Reading single values of HubSpot's JSON: text, times, step orders, money, ids in lists."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

INTEGER_TEXT = re.compile(r"-?\d+(\.0*)?")
NUMBER_TEXT = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")

# An amount of so much or more, of either sign, is no money.
TOO_MUCH = Decimal("1e20")


def text(value: object) -> str | None:
    """The value as text; None when it is missing (absent, null or "")."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def time(value: object) -> datetime | None:
    """An instant in UTC from ISO 8601 text (no offset: UTC) or from epoch milliseconds."""
    as_text = text(value)
    if as_text is None:
        return None
    if re.fullmatch(r"-?\d+", as_text):
        return EPOCH + timedelta(milliseconds=int(as_text))
    read = datetime.fromisoformat(as_text)
    if read.tzinfo is None:
        read = read.replace(tzinfo=UTC)
    return read.astimezone(UTC)


def step_order(value: object) -> int | None:
    """A step order, counted from 0: "2", "2.0" and 2 are 2; "abc", "2.5" and "-1" are None."""
    as_text = text(value)
    if as_text is None or not INTEGER_TEXT.fullmatch(as_text):
        return None
    order = int(as_text.split(".")[0])
    return order if order >= 0 else None


def id_list(value: object) -> list[str]:
    """The ids in a `;`-separated text or a single number, in their order."""
    as_text = text(value)
    if as_text is None:
        return []
    return [part.strip() for part in as_text.split(";") if part.strip()]


def number(value: object) -> Decimal | None:
    """A decimal number; None when it is missing or no number."""
    stripped = (text(value) or "").strip()
    return Decimal(stripped) if NUMBER_TEXT.fullmatch(stripped) else None


def money(value: object) -> Decimal | None:
    """An amount of 6 decimal places; None when it is missing, unreadable or absurdly large."""
    amount = number(value)
    if amount is None or abs(amount) >= TOO_MUCH:
        return None
    return amount.quantize(Decimal("0.000001"), rounding=ROUND_HALF_UP)


def is_true(value: object) -> bool:
    """Whether the value is `true`, in any letter case."""
    return (text(value) or "").strip().lower() == "true"
