"""``python -m hubspot_simulator.landing --landing DIR``: writes a simulated landing folder."""

import argparse
import sys
from pathlib import Path

from hubspot_simulator.landing.portals import FILE_FORMATS, simulate
from sequence_warehouse.config.errors import UserError
from sequence_warehouse.storage import permissions


def main(arguments: list[str] | None = None) -> int:
    """Returns the exit status: 0, or 2 with the reason in one line."""
    parser = argparse.ArgumentParser(prog="python -m hubspot_simulator.landing")
    parser.add_argument("--landing", type=Path, required=True, help="folder to write into")
    parser.add_argument("--portals", default="1001,1002", help="portal ids, with commas")
    parser.add_argument("--enrollments", type=int, default=3000, help="for each portal")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--format", choices=FILE_FORMATS, help="of the event files")
    parser.add_argument("--threads", type=int, help="of DuckDB; all cores by default")
    parser.add_argument("--no-quirks", action="store_true", help="clean data only")
    given = parser.parse_args(arguments)
    permissions.keep_private()
    try:
        reports = simulate(
            given.landing,
            given.portals.split(","),
            given.enrollments,
            seed=given.seed,
            quirks=not given.no_quirks,
            file_format=given.format,
            threads=given.threads,
        )
    except (FileExistsError, UserError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    for report in reports:
        print(
            f"portal {report.portal}: {report.files} files, {report.events} events, {report.objects} objects"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
