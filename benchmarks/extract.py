"""How fast and how large is an extraction: a million events from the loopback HubSpot.

    python -m benchmarks.extract --events 1000000 [--requests-per-10s 190] [--page 1000]

Prints requests and records a second, beside the limit that the account has and how often it was exceeded,
peak memory of the extracting process, and the requests of a run in which nothing changed.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

# of a simulated account
EVENTS_AN_ENROLLMENT = 9.5

_CHILD = "from benchmarks.extract import child; child()"


def child() -> None:
    """Extract every event stream, then again; print the figures as JSON. The token is in the environment."""
    from sequence_warehouse.config.settings import Settings
    from sequence_warehouse.extract import Account, Options, extract, plan

    account = Account.find("1001")
    options = Options.of(Settings.from_environment())
    figures = []
    for _ in range(2):
        started = time.monotonic()
        names = [name for name in plan(account, options) if name.startswith("events/")]
        summaries = [extract(account, options, name) for name in names]
        figures.append(
            {name: sum(summary[name] for summary in summaries) for name in ("records", "landed", "requests")}
            | {"seconds": round(time.monotonic() - started, 1), "streams": len(names)}
        )
    # not ru_maxrss: it goes on from the process that started this one, which serves the account
    status = Path("/proc/self/status").read_text()
    peak = int(re.search(r"VmHWM:\s+(\d+) kB", status).group(1)) // 1024
    print(json.dumps({"first": figures[0], "again": figures[1], "peak_mb": peak}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--page", type=int, default=1000)
    parser.add_argument("--requests-per-10s", type=int, default=0, help="the account's limit; 0: none")
    options = parser.parse_args()
    from hubspot_simulator.api import serve

    with (
        tempfile.TemporaryDirectory() as folder,
        serve(
            enrollments=int(options.events / EVENTS_AN_ENROLLMENT),
            requests_per_10s=options.requests_per_10s or None,
        ) as hubspot,
    ):
        variables = os.environ | {
            "HUBSPOT_BASE_URL": hubspot.base_url,
            "HUBSPOT_TOKEN": hubspot.token,
            "SEQUENCE_WAREHOUSE_LANDING": folder,
            "SEQUENCE_WAREHOUSE_HUBSPOT_EVENT_PAGE": str(options.page),
            "SEQUENCE_WAREHOUSE_HUBSPOT_REQUESTS_PER_10_SECONDS": str(options.requests_per_10s),
        }
        done = subprocess.run(
            [sys.executable, "-c", _CHILD], env=variables, check=True, capture_output=True, text=True
        )
        found = json.loads(done.stdout.splitlines()[-1])
        first = found["first"]
        size = sum(path.stat().st_size for path in Path(folder).rglob("*.gz")) // 2**20
        exceeded = sum(status == 429 for _, _, status in hubspot.requests)
        limit = f"of {options.requests_per_10s / 10:,.0f} allowed" if options.requests_per_10s else "no limit"
        print(
            f"{first['records']:,} events in {first['seconds']} s: "
            f"{first['records'] / first['seconds']:,.0f} records/s, "
            f"{first['requests'] / first['seconds']:,.1f} requests/s ({limit}, exceeded {exceeded} times), "
            f"peak {found['peak_mb']} MB, "
            f"{size} MB landed; again: {found['again']['landed']} landed, "
            f"{found['again']['requests']} requests in {found['again']['seconds']} s"
        )


if __name__ == "__main__":
    main()
