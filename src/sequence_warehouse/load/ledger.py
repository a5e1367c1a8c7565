"""The ledger of files: what was loaded already, and what is new, grown or changed.

It has no table of its own: every load's folder holds the rows of the files it looked at, so a load's
records and its ledger become visible by the same rename.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from sequence_warehouse.load.discovery import LandedFile
from sequence_warehouse.storage.raw import load_ids, relation


@dataclass(frozen=True)
class Entry:
    """The last that is known of a path: size in bytes, modification time in ns, SHA-256."""

    size_bytes: int
    modified_ns: int
    content_hash: str


class Ledger:
    """Entries by source_file, read from the loads below ``raw``."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, raw: Path) -> None:
        self._entries: dict[str, Entry] = {}
        if not load_ids(raw):
            return
        rows = connection.execute(
            "select source_file, max_by((size_bytes, modified_ns, content_hash), load_id) "
            f"from {relation(raw, 'files')} group by source_file"
        )
        while batch := rows.fetchmany(10_000):
            self._entries.update((path, Entry(*entry)) for path, entry in batch)

    def is_known(self, file: LandedFile) -> bool:
        """Same path, size and modification time as loaded: no need to open the file.

        What could not be opened the last time (it has no hash) is tried again.
        """
        entry = self._entries.get(file.source_file)
        return (
            entry is not None
            and entry.content_hash != ""
            and (entry.size_bytes, entry.modified_ns) == (file.size_bytes, file.modified_ns)
        )

    def has_content(self, file: LandedFile, content_hash: str) -> bool:
        """Whether the path's last loaded content is this one (the file was only touched)."""
        entry = self._entries.get(file.source_file)
        return entry is not None and entry.content_hash == content_hash
