"""Reading one JSON value within a text, for texts in which many are damaged."""

from __future__ import annotations

import json
from json.scanner import make_scanner
from typing import Any

# numbers stay text: Python refuses integers of thousands of digits
_DECODER: Any = json.JSONDecoder(parse_int=str)  # the library's types ask for a scanner instead
_scan_all = make_scanner(_DECODER)
_NEAR = 1 << 14
_WORD = 16  # more characters than any word or escape of JSON has


def scan(text: str, at: int) -> tuple[Any, int]:
    """The value that begins at a place, and the place behind it.

    Raises json.JSONDecodeError or StopIteration with the place of the damage, and RecursionError. An error of
    Python's decoder counts all lines before it, so most values are met in a short piece of the text.
    """
    is_piece = at + _NEAR < len(text)
    if not is_piece:
        return _scan_all(text, at)
    try:
        value, end = _scan_all(text[at : at + _NEAR], 0)
        if end < _NEAR:
            return value, at + end
    except json.JSONDecodeError as error:
        if error.pos < _NEAR - _WORD and not error.msg.startswith("Unterminated"):
            error.pos += at
            raise
    except StopIteration as stop:
        if stop.value < _NEAR - _WORD:
            raise StopIteration(stop.value + at) from None
    return _scan_all(text, at)
