"""Names that come from outside (event types, portals), as parts of paths and as names of streams.

HubSpot, or who asks in its name, may call an event type ``../x``, ``.``, ``A`` beside ``a``, or ten thousand
characters long. None of that is a path. What is escaped stays apart from everything else on any file system,
also on one that takes ``A`` for ``a``, and is no name that the load passes by (``_x``, ``.x``, ``x.tmp``).
"""

from __future__ import annotations

import re
from hashlib import blake2b
from urllib.parse import unquote

from sequence_warehouse.config.errors import UserError
from sequence_warehouse.storage.layout import PORTAL

EVENTS = "events/"
# with the ending of a state file and a temporary one, far from the 255 bytes that file systems take
_LONGEST = 150
_PLAIN = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789_-")
_PORTAL = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,63}", re.ASCII)


def escaped(name: str) -> str:
    """``name`` in lower-case letters, digits, ``_``, ``-`` and ``%XX`` for each other byte; none for another
    name. An underscore at the beginning is escaped too, as that hides a file from the load."""
    content = name.encode("utf-8", "surrogatepass")
    text = "".join(chr(byte) if byte in _PLAIN else f"%{byte:02X}" for byte in content)
    return f"%5F{text[1:]}" if text.startswith("_") else text


def file_name(name: str) -> str:
    """A part of a path for a name: escaped; the beginning and a hash of one that is long. Never empty."""
    text = escaped(name)
    if 0 < len(text) <= _LONGEST:
        return text
    # ~ is in no escaped name
    return f"{text[: _LONGEST // 2]}~{blake2b(text.encode(), digest_size=16).hexdigest()}"


def events_of(event_type: str) -> str:
    """The stream of an event type, in characters that every log and database takes."""
    return EVENTS + escaped(event_type)


def event_type(stream: str) -> str:
    """The event type of a stream; who writes ``events/pe1_Demo`` by hand means that type too."""
    return unquote(stream.removeprefix(EVENTS), errors="surrogatepass")


def state_name(stream: str) -> str:
    """What the state files of a stream are called, without their endings."""
    if stream.startswith(EVENTS):
        return f"events.{file_name(event_type(stream))}"
    return file_name(stream)


def portal_folder(portal: str) -> str:
    """``portal=1001``; what is no portal's name, of which only a failure is kept, is escaped."""
    return f"{PORTAL}{portal if _PORTAL.fullmatch(portal) else file_name(portal)}"


def check_portal(portal: str) -> str:
    """The same text; raises UserError when it is not what a portal can be called."""
    if not _PORTAL.fullmatch(portal):
        meant = portal.removeprefix(PORTAL)
        hint = f": write {meant}" if meant != portal and _PORTAL.fullmatch(meant) else ""
        raise UserError(
            f"{portal[:80]!r} is no portal{hint or ': give the number of the HubSpot account, as in 1001'}."
        )
    return portal
