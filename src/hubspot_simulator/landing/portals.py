"""Puts the simulator together: one portal after the other, one slice of enrollments at a time."""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from hubspot_simulator.landing import accounts, deals, definitions, events, layout, objects, randomness
from hubspot_simulator.landing import enrollments as enrollment_sql
from hubspot_simulator.landing import quirks as quirk_sql
from hubspot_simulator.landing.writing import PortalFolder, refuse_existing
from sequence_warehouse.config import memory
from sequence_warehouse.storage.database import Options
from sequence_warehouse.storage.origin import mark_simulated

# Enrollments in memory at a time: some 600,000 events. More is not faster.
SLICE_ENROLLMENTS = 40_000

# Event numbers are 64 to an enrollment and must stay below 2**32 for the mixer.
MOST_ENROLLMENTS = 2**32 // 64 - 1

FILE_FORMATS = ("mixed", "jsonl", "jsonl.gz", "parquet")


@dataclass(frozen=True)
class PortalReport:
    """What was written for one portal; events counts good records, duplicates included."""

    portal: str
    files: int
    events: int
    objects: int


def simulate(
    landing: Path,
    portals: list[str],
    enrollments: int,
    seed: int = 1,
    quirks: bool = True,
    file_format: str | None = None,
    threads: int | None = None,
    slice_enrollments: int = SLICE_ENROLLMENTS,
) -> list[PortalReport]:
    """Writes ``landing/portal=<id>`` for each portal and reports on each.

    enrollments: for each portal. file_format: ``mixed`` (each kind of file that the landing folder
    may hold; the default up to one slice), or ``jsonl`` (the default above), ``jsonl.gz``,
    ``parquet``: one file a slice. threads: of DuckDB, all cores by default; changes no byte.
    slice_enrollments bounds the memory and decides the files, not the enrollments.

    Raises FileExistsError if a portal has a folder there, UsageError if the folder holds other data,
    ValueError for arguments out of range;
    a portal is there whole or not at all.
    """
    single = enrollments <= slice_enrollments
    file_format = file_format or ("mixed" if single else "jsonl")
    if not 0 < enrollments <= MOST_ENROLLMENTS:
        raise ValueError(f"enrollments must be between 1 and {MOST_ENROLLMENTS}")
    if file_format not in FILE_FORMATS or (file_format == "mixed" and not single):
        raise ValueError(f"file format {file_format} is not for {enrollments} enrollments")
    if not portals or not all(portal.isdecimal() for portal in portals):
        raise ValueError("portal ids are digits")

    for portal in portals:
        refuse_existing(landing, portal)
    mark_simulated(landing)
    starts = range(0, enrollments, slice_enrollments)
    reports = []
    for portal in portals:
        with _connect(threads) as connection:
            folder = PortalFolder(connection, landing, portal)
            connection.execute(
                randomness.macros(seed, portal)
                + accounts.setup(portal)
                + enrollment_sql.setup(enrollments)
                + quirk_sql.setup(quirks)
                + objects.MACROS
                + deals.MACROS
                + definitions.MACROS
            )
            layout.write_definitions(folder)
            for number, first in enumerate(starts):
                last = min(first + slice_enrollments, enrollments)
                connection.execute(
                    enrollment_sql.slice_sql(first, last, enrollments)
                    + deals.SLICE
                    + events.slice_sql()
                    + quirk_sql.noise_sql()
                    + quirk_sql.lines_sql(seed)
                )
                if file_format == "mixed":
                    layout.write_months(folder)
                    if quirks:
                        layout.write_broken(folder)
                else:
                    layout.write_slice(folder, number, file_format)
                layout.write_objects(folder, number, len(starts), enrollments, quirks)
            folder.publish(seed)
            reports.append(PortalReport(portal, folder.files, folder.events, folder.objects))
    return reports


def _connect(threads: int | None) -> duckdb.DuckDBPyConnection:
    config: Options = {
        "memory_limit": f"{memory.half_of_what_is_left() // 2**10}KiB",
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    if threads:
        config["threads"] = threads
    connection = duckdb.connect(config=config)
    # The bar would go to standard output, where commands print their results.
    connection.execute("set TimeZone = 'UTC'; set enable_progress_bar = false")
    return connection
