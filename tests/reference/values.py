"""Reading single values of HubSpot's JSON: ids, times, booleans, step orders, money, ids in lists."""

from __future__ import annotations

import csv
import re
import unicodedata
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

INTEGER_TEXT = re.compile(r"-?\d+(\.0*)?")
NUMBER_TEXT = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
ISO_EXTENDED = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]+(\d{1,2})(?::(\d{1,2})(?::(\d{1,2}))?)?(\D.*)?)?"
)
ISO_BASIC = re.compile(r"(\d{4})(\d{2})(\d{2})[T ]+(\d{2})(?:(\d{2})(\d{2})?)?(\D.*)?")
AFTER_TIME = re.compile(r"(?:[.,](\d+))? *(Z|UTC|[+-]([01]\d|2[0-3])(?::?[0-5]\d)?)?")

with (Path(__file__).resolve().parents[2] / "seeds" / "missing_values.csv").open(newline="") as lines:
    MISSING = {row["spelling"] for row in csv.DictReader(lines)}


def text(value: object) -> str | None:
    """The value as text; None when it is missing (absent, null or "") or no single value.

    A property that is an object is its ``value``.
    """
    if isinstance(value, dict):
        value = value.get("value")
    if value is None or value == "" or isinstance(value, dict | list):
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def is_rounded(value: object) -> bool:
    """Whether it is a number as programs print large ones: a point before the e, or a sign after it."""
    as_text = (text(value) or "").strip()
    mantissa, e, exponent = as_text.lower().partition("e")
    is_number = re.fullmatch(r"[+-]?\d*[.,]?\d*", mantissa) and re.search(r"\d", mantissa)
    if not (e and is_number and re.fullmatch(r"[+-]?\d+", exponent)):
        return False
    return "." in mantissa or "," in mantissa or exponent[0] in "+-"


def id_text(value: object) -> str | None:
    """An id: 501, "501" and "501.0" are 501; a word for "missing" and 5.12E+11 are none."""
    as_text = (text(value) or "").strip()
    if as_text == "" or as_text in MISSING or is_rounded(as_text):
        return None
    if re.fullmatch(r"-?\d+\.0+", as_text):
        return as_text.split(".")[0]
    return as_text


def time(value: object) -> datetime | None:
    """An instant in UTC from ISO 8601 text (no offset: UTC) or from an epoch, by its magnitude."""
    as_text = (text(value) or "").strip()
    if re.fullmatch(r"[+-]?\d+(\.\d*)?([eE]\+?\d+)?", as_text):
        return _epoch(as_text)
    found = ISO_EXTENDED.fullmatch(as_text.upper()) or ISO_BASIC.fullmatch(as_text.upper())
    if found is None:
        return None
    year, month, day, hour, minute, second, rest = found.groups()
    after = AFTER_TIME.fullmatch(rest or "")
    if after is None:
        return None
    fraction, offset = after.group(1), after.group(2)
    if fraction is not None and second is None:
        return None
    try:
        read = datetime(int(year), int(month), int(day), tzinfo=UTC)
    except ValueError:
        return None
    hours, minutes, seconds = int(hour or 0), int(minute or 0), int(second or 0)
    is_midnight = (hours, minutes, seconds, int(fraction or 0)) == (24, 0, 0, 0)
    if not is_midnight and (hours > 23 or minutes > 59 or seconds > 59):
        return None
    after_midnight = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    after_midnight += timedelta(microseconds=int((fraction or "0")[:6].ljust(6, "0")))
    if offset and offset[0] in "+-":
        digits = offset[1:].replace(":", "").ljust(4, "0")
        away = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
        after_midnight -= away if offset[0] == "+" else -away
    try:
        return read + after_midnight
    except OverflowError:
        return None  # years are 1 to 9999


def _epoch(digits: str) -> datetime | None:
    if re.fullmatch(r"\d{14}", digits):
        try:
            datetime.strptime(digits, "%Y%m%d%H%M%S")
            return None  # a calendar time that somebody wrote without its signs
        except ValueError:
            pass
    number = Decimal(digits)
    for limit, microseconds in (("1e11", "1e6"), ("1e14", "1e3"), ("1e17", "1"), ("1e20", "1e-3")):
        if Decimal("1e8") <= abs(number) < Decimal(limit):
            exact = (number * Decimal(microseconds)).quantize(Decimal(1), rounding=ROUND_HALF_UP)
            first = datetime(1, 1, 1, tzinfo=UTC) - EPOCH
            away = timedelta(microseconds=int(exact))
            return EPOCH + away if away >= first else None
    return None


def step_order(value: object) -> int | None:
    """A step order, counted from 0: "2", "2.0" and 2 are 2; "abc", "2.5" and "-1" are None."""
    as_text = text(value)
    if as_text is None or not INTEGER_TEXT.fullmatch(as_text):
        return None
    order = int(as_text.split(".")[0])
    return order if order >= 0 else None


def id_list(value: object) -> list[str]:
    """The ids in a list, in a `;`-separated text or in a single number, in their order."""
    items = value if isinstance(value, list) else (text(value) or "").split(";")
    return [found for item in items if (found := id_text(item)) is not None]


def number(value: object) -> Decimal | None:
    """A decimal number; None when it is missing or no number."""
    stripped = (text(value) or "").strip()
    return Decimal(stripped) if NUMBER_TEXT.fullmatch(stripped) else None


def money(value: object) -> Decimal | None:
    """An amount of 6 decimal places, as people write it; None when it is missing, unreadable or absurd."""
    written = "".join(sign for sign in text(value) or "" if not _drops(sign))
    amount = number(_with_a_point(written))
    if amount is None or (amount and amount.adjusted() >= 20):  # 1e20 and more is no money
        return None
    return amount.quantize(Decimal("0.000001"), rounding=ROUND_HALF_UP)


def _drops(sign: str) -> bool:
    return sign.isspace() or unicodedata.category(sign) in ("Sc", "Zs", "Zl", "Zp")


def _with_a_point(written: str) -> str | None:
    """The number with a point for its decimals, and no other sign between its digits; None: it has none."""
    if re.fullmatch(r"[^eE]+[eE][+-]?\d{1,2}", written) and NUMBER_TEXT.fullmatch(written):
        return written
    if "e" not in written.lower() and NUMBER_TEXT.fullmatch(written):
        return written
    if not re.fullmatch(r"[+-]?[\d.,]+", written, re.ASCII):
        return None
    digits = re.sub(r"^[+-]", "", written)
    points, commas = digits.count("."), digits.count(",")
    if commas == 1 and not points:
        return None if re.search(r",\d{3}$", digits) else written.replace(",", ".")
    if not points or not commas:
        grouped, decimal = ("," if commas else "."), None
    else:
        decimal = max(".,", key=digits.rfind)
        grouped = "." if decimal == "," else ","
    if decimal is not None and digits.count(decimal) > 1:
        return None
    whole = digits.split(decimal)[0] if decimal else digits
    if not all(whole.split(grouped)):
        return None
    return written.replace(grouped, "").replace(",", ".")


def exchange_rate(value: object) -> Decimal | None:
    """A positive rate of 12 decimal places."""
    rate = number(_with_a_point("".join(sign for sign in text(value) or "" if not _drops(sign))))
    if rate is None or rate <= 0 or rate.adjusted() >= 6:
        return None
    return rate.quantize(Decimal("0.000000000001"), rounding=ROUND_HALF_UP) or None


def truth(value: object) -> bool | None:
    """A boolean in its spellings, in any letter case; None when it is missing or another word."""
    word = (text(value) or "").strip().lower()
    if word in ("true", "1", "1.0", "yes"):
        return True
    return False if word in ("false", "0", "0.0", "no") else None


def is_true(value: object) -> bool:
    """Whether the value says true."""
    return truth(value) is True
