"""Half an emoji becomes U+FFFD: programs that cut text by UTF-16 leave one surrogate of a pair behind."""

from __future__ import annotations

import codecs
import re

REPLACEMENT = "\ufffd"
_ESCAPE = re.compile(r"\\u[dD][89abAB]\w{2}\\u[dD][c-fC-F]\w{2}|\\u\w{4}|\\[^u]")
_LONE = re.compile(r"\\u[dD][89a-fA-F]\w{2}")
_HIGH = re.compile(r"\\u[dD][89abAB]\w{2}")
# ASCII "substitute": never valid inside JSON, so a line that holds it is rejected, never mis-loaded.
SUBSTITUTE = "\x1a"
TOO_LONG = f"{SUBSTITUTE}too long{SUBSTITUTE}"


class EscapeMend:
    """Replaces escapes of lone surrogates in a text of JSON that comes in chunks."""

    def __init__(self) -> None:
        self._held = ""

    def feed(self, chunk: str, final: bool = False) -> str:
        """The chunk, mended; an escape that may go on in the next one is held back till then."""
        text = self._held + chunk
        self._held = ""
        if "\\u" not in text and not text.endswith("\\"):
            return text
        end = last = 0
        for escape in _ESCAPE.finditer(text):
            last, end = escape.start(), escape.end()
        if not final:
            # an escape that is none ends in time: nothing longer is held back
            cut = text.find("\\", max(end, len(text) - 5))
            cut = len(text) if cut < 0 else cut
            if end == cut and _HIGH.fullmatch(text, last, end):
                cut = last
            text, self._held = text[:cut], text[cut:]
        return _ESCAPE.sub(_mended, text)


def _mended(escape: re.Match[str]) -> str:
    return r"\ufffd" if _LONE.fullmatch(escape[0]) else escape[0]


def _decoded(error: UnicodeError) -> tuple[str, int]:
    """What stands for bytes that are no UTF-8: half an emoji is one sign, all else damages its line."""
    assert isinstance(error, UnicodeDecodeError)  # it is a way to read, not to write
    bad = error.object[error.start : error.start + 3]
    if re.fullmatch(rb"\xed[\xa0-\xbf][\x80-\xbf]", bad):  # a surrogate as its writer's bytes
        return REPLACEMENT, error.start + 3
    if bad[0] >= 0xF0 and error.end - error.start > 1:  # an emoji that was cut after some of its bytes
        return REPLACEMENT, error.end
    return SUBSTITUTE, error.end


codecs.register_error("substitute", _decoded)
