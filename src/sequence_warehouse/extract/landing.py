"""Pages become files of the landing folder, each durable before the state knows of it."""

from __future__ import annotations

import gzip
import logging
import re
import zlib
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path
from typing import Any

import msgspec

from sequence_warehouse.extract.state import StreamState
from sequence_warehouse.storage import durable

log = logging.getLogger(__name__)

_ENCODER = msgspec.json.Encoder()
_SORTED = msgspec.json.Encoder(order="sorted")
# Pages are small and many: level 6 takes twice the time for a tenth less.
_GZIP_LEVEL = 3


class Landing:
    """The files of one stream. Names start with a number that grows: the order of paths is that of pages.

    at: a record's time in milliseconds after which it may be forgotten, or None to remember it for good.
    notes: what else a page of records, and those of them that are new or changed, are to the state, as
    arguments of its ``commit``. counter: the state's value that holds the number of the last file.
    key: what a record is a version of. content: what of a record makes it another one.
    """

    def __init__(
        self,
        folder: Path,
        state: StreamState,
        at: Callable[[dict[str, Any]], int | None] = lambda record: None,
        notes: Callable[
            [list[dict[str, Any]], list[dict[str, Any]]], dict[str, Any]
        ] = lambda records, changed: {},
        counter: str = "files",
        key: Callable[[dict[str, Any]], str] = lambda record: str(record.get("id")),
        content: Callable[[dict[str, Any]], object] = lambda record: record,
    ) -> None:
        self._folder = folder
        self._state = state
        self._at = at
        self._notes = notes
        self._counter = counter
        self._key = key
        self._content = content
        self._number: int = state.get(counter, 0)
        self._recover()

    def land(self, records: list[dict[str, Any]], label: str, **values: Any) -> int:
        """Land the records that are new or changed, then commit ``values``. Returns how many those were."""
        entries = [self._entry(record) for record in records]
        known = self._state.landed([key for (key, _, _), _ in entries])
        new: list[dict[str, Any]] = []
        kept: list[tuple[int, int, int | None]] = []
        for entry, record in entries:
            key, content, _ = entry
            if known.get(key) != content:
                known[key] = content
                new.append(record)
                kept.append(entry)
        if new:
            self._write(new, label)
            self._number += 1
            values[self._counter] = self._number
        values |= self._notes(records, new)
        if values:
            self._state.commit(kept, **values)
        return len(new)

    def known(self, ids: list[str]) -> set[str]:
        """Those of the ids of which a record was landed."""
        keys = {hashed(one.encode()): one for one in ids}
        return {keys[key] for key in self._state.landed(list(keys))}

    def _entry(self, record: dict[str, Any]) -> tuple[tuple[int, int, int | None], dict[str, Any]]:
        # an event is identified by its type and id; a stream holds one type
        return (
            hashed(self._key(record).encode()),
            hashed(_SORTED.encode(self._content(record))),
            self._at(record),
        ), record

    def _write(self, records: list[dict[str, Any]], label: str) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        # a label may hold an id of HubSpot's; it is for people, the number tells files apart
        label = re.sub(r"[^\w-]", "_", label[:80], flags=re.ASCII)
        path = self._folder / f"{self._number + 1:08}-{label}.jsonl.gz"
        building = path.with_name(path.name + ".tmp")
        with building.open("wb") as file, gzip.GzipFile("", "wb", _GZIP_LEVEL, file, mtime=0) as lines:
            lines.write(b"".join(_ENCODER.encode(record) + b"\n" for record in records))
        durable.replace(building, path)

    def _recover(self) -> None:
        """Remove what a killed run was writing; take over pages that landed but are not noted down.

        After a kill that is one; when the state was lost or is an older copy, all that are younger.
        """
        if not self._folder.is_dir():
            return
        for building in self._folder.glob("*.tmp"):
            building.unlink()
        for path in sorted(self._folder.glob(f"{'[0-9]' * 8}-*.jsonl.gz")):
            number = int(path.name.partition("-")[0])
            if number > self._number:
                try:
                    with gzip.open(path) as lines:
                        records = [msgspec.json.decode(line) for line in lines]
                except (EOFError, OSError, zlib.error, msgspec.DecodeError) as error:
                    log.warning("%s is damaged (%s): what was in it is asked for again.", path, error)
                    records = []
                entries = [self._entry(record)[0] for record in records]
                self._number = number
                noted: dict[str, Any] = {self._counter: number, **self._notes(records, records)}
                self._state.commit(entries, **noted)


def hashed(content: bytes) -> int:
    """64 bits, signed as SQLite has them. A record is only taken for landed when two of them agree."""
    return int.from_bytes(blake2b(content, digest_size=8).digest(), "big", signed=True)
