"""The one reading of ids, times, booleans and amounts, against tables of spellings and a plain reading."""

# ruff: noqa: E501
from __future__ import annotations

import random
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from sequence_warehouse.load.values import value_macros
from sequence_warehouse.seeds import Seeds
from sequence_warehouse.storage.database import connect
from tests.reference import values

MACROS = value_macros(Seeds())


def read(macro: str, texts: list[str | None]) -> list[object]:
    """What a macro makes of texts, in their order."""
    with connect() as connection:
        return [
            value
            for (value,) in connection.execute(
                f"select {getattr(MACROS, macro)('text')} "
                "from (select unnest($1) as text, unnest(range(len($1))) as place) order by place",
                [texts],
            ).fetchall()
        ]


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


IDS = {
    "501": "501",
    "501.0": "501",
    "501.00": "501",
    " 501 ": "501",
    "-1.0": "-1",
    "12345678901234567890.0": "12345678901234567890",
    "501.5": "501.5",
    "a.0": "a.0",
    "84e27": "84e27",
    "E-1": "E-1",
    "Null": "Null",
    "5.12E+11": None,
    "5,12E+11": None,
    "5E+11": None,
    "5e-11": None,
    "1.2e10": None,
    **dict.fromkeys(["", " ", "\\N", "NULL", "null", "None", "nan", "NaN", "N/A"]),
}
TRUTHS = {
    **dict.fromkeys(["true", "True", " TRUE ", "1", "1.0", "yes", "YES"], True),
    **dict.fromkeys(["false", "False", "0", "0.0", "no", "No"], False),
    **dict.fromkeys(["", " ", "2", "-1", "t", "on", "COMPLETED", "null"]),
}
NINE = utc(2026, 1, 5, 9)
INSTANTS = {
    **dict.fromkeys(
        [
            "2026-01-05T09:00:00.000Z",
            "2026-01-05 09:00:00",
            "2026-1-5 9:00",
            "2026-01-05T09",
            "2026-1-5T9:0:0",
        ],
        NINE,
    ),
    **dict.fromkeys(["20260105T090000Z", "20260105T0900", "20260105T09", "20260105t100000,0+0100"], NINE),
    **dict.fromkeys(["2026-01-05 10:00 +01:00", "2026-01-05T02:00:00-0700", "2026-01-05 09:00:00 UTC"], NINE),
    **dict.fromkeys(["1767603600", "1767603600000", "1767603600000.0", "1767603600000000"], NINE),
    **dict.fromkeys(["1767603600000000000", "1.7676036E12"], NINE),
    "2026-1-5": utc(2026, 1, 5),
    "2026-01-05T24:00": utc(2026, 1, 6),
    "0001-01-01": utc(1, 1, 1),
    "9999-12-31T23:59:59Z": utc(9999, 12, 31, 23, 59, 59),
    **dict.fromkeys(["0000-05-01", "0000-5-1 ", "00000501T00", "0001-1-1T00:00:00+02:00"]),
    **dict.fromkeys(["9999-12-31T24:00", "9999-12-31T23:00:00-02:00"]),
    "100000000": utc(1973, 3, 3, 9, 46, 40),
    "100000000000": utc(1973, 3, 3, 9, 46, 40),
    "-1767603600": utc(1913, 12, 27, 15),
    "17676036000000": utc(2530, 2, 17, 18),
    **dict.fromkeys(["", "soon", "45000", "46027.375", "20260105", "20260105090000", "99999999", "1e20"]),
    **dict.fromkeys(
        ["Mon, 05 Jan 2026 09:00:00 GMT", "05.01.2026", "05/01/2026", "01-05-2026", "2026/01/05"]
    ),
    **dict.fromkeys(
        ["2026-02-30", "2026-13-01", "2026-01-05T25:00", "2026-01-05T09:60", "2026-01-05T09:00:60"]
    ),
    **dict.fromkeys(["2026-01-05T24:00:01", "2026-01-05T24:30", "2026-01-05T24:00:00.5"]),
    **dict.fromkeys(["2026-01-05T09:00:00+25:00", "2026-01-05T09:00:00+24:00", "2026-01-05T09:00+01:75"]),
    **dict.fromkeys(
        [
            "20260105 9:00",
            "20260105 9",
            "2026-01-05 09:00:00 Europe/Oslo",
            "infinity",
            "2026-01-05 (BC)",
            "12026-01-05",
            "2026-01-05T",
        ]
    ),
}
AMOUNTS = {
    **dict.fromkeys(["1000.50", "1000,50", "$1,000.50", "1.000,50 €", "1 000,50", "1\u00a0000.5", "1\u202f000,50"], 1000.5),
    **dict.fromkeys(["1,000,000", "1.000.000", "1,000,000.00", "1.000.000,00", "1e6", "1.0E+6", "1 000 000"], 1000000),
    **dict.fromkeys(["-$5", "$-5", "-5", "-5.", "-5,0"], -5),
    "1.000": 1,
    "0,1": 0.1,
    ",5": 0.5,
    ".5": 0.5,
    "1,2345": 1.2345,
    "99999999999999999999.999999": Decimal("99999999999999999999.999999"),
    **dict.fromkeys(["", "1,000", "0,125", "(5)", "1_000", "1'000", "100 kr", "a lot", "NaN", "1.2,3.4", "1,0.0,0"]),
    **dict.fromkeys(["1e20", "100000000000000000000", ".", ",", "--5", "1-000", "$"]),
}  # fmt: skip


@pytest.mark.parametrize(
    ("macro", "table"),
    [("id_text", IDS), ("truth", TRUTHS), ("instant", INSTANTS), ("money", AMOUNTS)],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_every_spelling_has_its_value_and_the_plain_reading_agrees(macro: str, table: dict) -> None:
    expected = {
        text: None if value is None else Decimal(str(value)) if macro == "money" else value
        for text, value in table.items()
    }
    assert dict(zip(table, read(macro, list(table)), strict=True)) == expected
    plain = {"instant": values.time}.get(macro) or getattr(values, macro)
    assert {text: plain(text) for text in table} == expected
    assert read(macro, [None]) == [None]


ALPHABETS = {
    "id_text": ["0", "1", "7", ".", ".0", ",", "e", "E", "+", "-", " ", "a", "NULL", "nan"],
    "truth": ["0", "1", ".0", "true", "FALSE", "yes", "no", " ", "x"],
    "instant": ["2026", "-", "-1", "01", "05", "5", "T", " ", ":", "09", "00", ".", ",", "5", "Z", "+", "0100", "1767603600"],
    "money": ["1", "12", "000", "123", ".", ",", " ", "$", "€", "-", "\u00a0", "e", "5"],
}  # fmt: skip


@pytest.mark.parametrize("macro", ALPHABETS)
def test_random_spellings_are_read_as_the_plain_reading_reads_them(macro: str) -> None:
    seed = random.SystemRandom().randint(2, 2**32)
    texts = set()
    for pick in (random.Random(1), random.Random(seed)):
        for _ in range(4000):
            texts.add("".join(pick.choice(ALPHABETS[macro]) for _ in range(pick.randint(1, 9))))
    plain = {"instant": values.time}.get(macro) or getattr(values, macro)
    ordered = sorted(texts)
    found = {
        text: (have, want)
        for text, have in zip(ordered, read(macro, ordered), strict=True)
        if have != (want := plain(text))
    }
    assert found == {}, f"(built, plain reading), seed {seed}"
