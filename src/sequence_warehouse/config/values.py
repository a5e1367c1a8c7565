"""Kinds of values that a setting may have: how text is read as one, and what is allowed, in words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from sequence_warehouse.config import memory

# DuckDB's units: thousands, or powers of two with an i
_UNITS = {"kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12}
_UNITS |= {"kib": 2**10, "mib": 2**20, "gib": 2**30, "tib": 2**40}


def _size(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([kmgt]i?b)", value.strip().lower())
    if found is None:
        raise ValueError("no size")
    size = int(float(found[1]) * _UNITS[found[2]])
    if size < memory.LEAST:
        raise ValueError("too small")
    return size


def _words(value: Any) -> Any:
    return (
        tuple(word.strip() for word in value.split(",") if word.strip()) if isinstance(value, str) else value
    )


def _words_by_name(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    pairs = [part.split(":", 1) for part in value.split(";") if part.strip()]
    return {name.strip(): _words(words) for name, words in pairs}


def _stripped(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


@dataclass(frozen=True)
class Allowed:
    """What a value must be, in words."""

    words: str


Folder = Annotated[Path, BeforeValidator(_stripped), AfterValidator(Path.absolute)]
Text = Annotated[str, BeforeValidator(_stripped)]
Switch = Annotated[bool, BeforeValidator(_stripped), Allowed("1 or 0, true or false, yes or no")]
Count = Annotated[int, Field(ge=0), Allowed("a whole number, 0 or greater")]
Number = Annotated[int, Field(ge=1), Allowed("a whole number, 1 or greater")]
Amount = Annotated[float, Field(ge=0, allow_inf_nan=False), Allowed("a number, 0 or greater")]
OptionalAmount = Annotated[float | None, Field(ge=0, allow_inf_nan=False), Allowed("a number, 0 or greater")]
Size = Annotated[
    int,
    BeforeValidator(_size),
    Allowed(f"a size such as 2GB or 1536MiB, {memory.LEAST // 2**20}MiB or greater"),
]
Words = Annotated[tuple[str, ...], BeforeValidator(_words), Allowed("words separated by commas")]
WordsByName = Annotated[
    dict[str, tuple[str, ...]],
    BeforeValidator(_words_by_name),
    Allowed("lists by name, as in contacts:lifecyclestage,jobtitle;deals:hs_priority"),
]
