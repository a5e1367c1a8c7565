"""``python -m sequence_warehouse.hubspot_sim --port n --faults plan``: serves until it is interrupted.

Prints one line when it is ready, ``HUBSPOT_BASE_URL=... HUBSPOT_TOKEN=...``. The token is that of the
environment variable HUBSPOT_SIM_TOKEN, or random.
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import sys
import threading
from datetime import datetime
from pathlib import Path

from hubspot_simulator.api import faults
from hubspot_simulator.api.serving import BOUNDS, serve
from sequence_warehouse.config.errors import UserError
from sequence_warehouse.storage import permissions

DEFAULT_PORT = 8900


def main(arguments: list[str] | None = None) -> int:
    """Returns the exit status: 0 after an interrupt, 2 with the reason in one line."""
    given = _parser().parse_args(arguments)
    permissions.keep_private()
    stop, ready = threading.Event(), threading.Event()

    def interrupted(*_: object) -> None:
        # A large account takes a while to simulate; nobody should have to wait for it to stop.
        stop.set()
        if not ready.is_set():
            raise SystemExit(0)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupted)
    options = vars(given) | {"token": os.environ.get("HUBSPOT_SIM_TOKEN") or None}
    if given.port is None:
        options["port"] = DEFAULT_PORT if _is_free(DEFAULT_PORT) else 0
    try:
        with serve(**options) as hubspot:
            if hubspot.now is None and "late-events" in given.faults:
                # Else nothing would be late: the account's time would be after everything.
                hubspot.now = hubspot.newest
            ready.set()
            print(f"HUBSPOT_BASE_URL={hubspot.base_url} HUBSPOT_TOKEN={hubspot.token}", flush=True)
            stop.wait()
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except RuntimeError:
        # What DuckDB makes of an interrupt within a query.
        if not stop.is_set():
            raise
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m sequence_warehouse.hubspot_sim",
        description=(faults.__doc__ or "").replace("``", ""),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--port", type=int, help=f"default: {DEFAULT_PORT} if free, else any free one")
    parser.add_argument("--faults", default="", help="what goes wrong, see above")
    parser.add_argument(
        "--landing", type=Path, help="folder of JSON lines to serve; default: a simulated account"
    )
    parser.add_argument("--portal", default="1001", help="which portal=<id> of the landing folder")
    parser.add_argument("--enrollments", type=int, default=1000, help="of the simulated account")
    parser.add_argument("--seed", type=int, default=1, help="of the simulated account")
    parser.add_argument("--page-limit", type=int, help="no page is longer, whatever is asked for")
    parser.add_argument("--requests-per-10s", type=int, default=190)
    parser.add_argument("--searches-per-second", type=int, default=5)
    parser.add_argument("--daily", type=int, default=650_000, help="requests in 24 hours")
    parser.add_argument("--search-cap", type=int, default=10_000, help="results that search pages through")
    parser.add_argument(
        "--event-bounds", choices=BOUNDS, default="[)", help="of occurredAfter, occurredBefore"
    )
    parser.add_argument("--sequences-of", choices=("user", "account"), default="user")
    parser.add_argument("--now", type=datetime.fromisoformat, help="the account's present, ISO 8601")
    parser.add_argument("--clock-speed", type=float, default=1.0, help="its seconds for each real one")
    return parser


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


if __name__ == "__main__":
    sys.exit(main())
