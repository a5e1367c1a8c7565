"""Writes queries to the files of one portal, all of which appear at once.

The portal is built in a hidden folder beside its place and renamed when it is complete, so that a
loader never sees half of it. Modification times are fixed by the seed: equal runs give equal
folders, and a rerun under another seed is not mistaken for files already loaded.
"""

import os
import shutil
from pathlib import Path

import duckdb

from sequence_warehouse.storage.database import only_row

# 2026-07-01T00:00:00Z, just after the last simulated event.
_WRITTEN_AT = 1_782_864_000

# A line is one text column: the CSV writer with no quoting copies it out as it is, four times
# faster than the JSON writer. The delimiter only has to be a byte that never occurs.
_AS_LINES = "format csv, header false, quote '', escape '', delimiter '\x1f'"

EVENT_LINE = """
    '{"eventType":"' || event_type || '","id":"' || event_id || '","objectId":"' || object_id
    || '","objectType":"' || object_type || '","occurredAt":"' || occurred_at
    || '","properties":' || properties || '}'
"""


def refuse_existing(landing: Path, portal: str) -> Path:
    """The portal's place; raises FileExistsError if it is taken: nothing is overwritten."""
    place = landing / f"portal={portal}"
    if place.exists():
        raise FileExistsError(f"{place} exists; choose another landing folder")
    return place


class PortalFolder:
    """The files of ``landing/portal=<id>``; counts what it writes."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, landing: Path, portal: str) -> None:
        """Raises FileExistsError if the portal has a folder already."""
        self.connection = connection
        self.place = refuse_existing(landing, portal)
        self.building = landing / f".simulating-{portal}"
        shutil.rmtree(self.building, ignore_errors=True)
        self.building.mkdir(parents=True)
        self.files = 0
        self.events = 0
        self.objects = 0

    def path(self, name: str) -> Path:
        """Where to write the file of that name (with its folders); counts one file."""
        path = self.building / name
        path.parent.mkdir(parents=True, exist_ok=True)
        self.files += 1
        return path

    def _copy(self, query: str, name: str, options: str) -> int:
        target = str(self.path(name)).replace("'", "''")
        if name.endswith(".gz"):
            options += ", compression gzip"
        return int(only_row(self.connection.execute(f"copy ({query}) to '{target}' ({options})"))[0])

    def event_lines(self, name: str, where: str) -> None:
        """The events of ``sim_lines`` that match, one JSON object a line, in shuffled order."""
        # Sorted first and put together after: the sort carries the pieces, not whole lines.
        query = f"""
            select {EVENT_LINE}
            from (select * from sim_lines where {where} order by line_order, event_id)
        """
        self.events += self._copy(query, name, _AS_LINES)

    def event_table(self, name: str, query: str) -> None:
        """A CSV or Parquet file of events, by its name."""
        kind = "format parquet" if name.endswith(".parquet") else "format csv, header true"
        self.events += self._copy(query, name, kind)

    def object_lines(self, name: str, query: str) -> None:
        """Objects, one a line."""
        self.objects += self._copy(query, name, "format json")

    def object_pages(self, folder: str, query: str, limit: int = 100) -> None:
        """API pages of objects under the folder; for small types only."""
        self.objects += self._pages(folder, query, limit)

    def event_pages(self, folder: str, query: str, limit: int = 500) -> None:
        """API pages of events under the folder."""
        self.events += self._pages(folder, query, limit)

    def _pages(self, folder: str, query: str, limit: int) -> int:
        self.connection.execute(
            f"""
            create or replace temp table sim_page_rows as
            select row_number() over () - 1 as page_row, page_object
            from ({query}) as page_object
            """
        )
        count = int(only_row(self.connection.execute("select count(*) from sim_page_rows"))[0])
        for first in range(0, count, limit):
            after = first + limit
            link = f"https://api.hubapi.com/objects?limit={limit}&after={after}"
            paging = f", {{'next': {{'after': '{after}', 'link': '{link}'}}}} as paging"
            self._copy(
                f"""
                select
                    list(page_object order by page_row) as results
                    {paging if after < count else ""}
                from sim_page_rows
                where page_row >= {first} and page_row < {after}
                """,
                f"{folder}/page-{first // limit + 1:04}.json",
                "format json",
            )
        return count

    def text(self, name: str, content: str) -> None:
        """A file with exactly this content."""
        self.path(name).write_text(content, encoding="utf-8")

    def append(self, name: str, content: str) -> None:
        """Adds to a text file written before."""
        with (self.building / name).open("a", encoding="utf-8") as file:
            file.write(content)

    def publish(self, seed: int) -> None:
        """Fixes the modification times and moves the folder to its place."""
        at = _WRITTEN_AT + seed % 86_400
        for path in sorted(self.building.rglob("*"), reverse=True):
            os.utime(path, (at, at))
        os.utime(self.building, (at, at))
        self.building.rename(self.place)
