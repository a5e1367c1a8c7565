"""How load, build and publication grow: simulate an account, run each step, print seconds and memory.

    make benchmark ARGS="--enrollments 103000"     about a million events

Then how the first build's seconds are shared out among the layers, and what all reports cost against the
facts that they are made of.

Every step runs in a process of its own, so that its peak memory is its own: of it and of those that it
starts, killed above --limit-mib. The account has all that the sample has, pauses and e-mails too: what a
join costs shows only where there is something to join. The small account beside it has what small ones
alone have, HubSpot's own performance numbers and damaged files. The increment loads one more such portal
into the same warehouse: its cost against the first build is the figure to watch.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

from benchmarks.memory import Watched, watch
from sequence_warehouse.config.project import PROJECT
from sequence_warehouse.config.settings import Settings
from sequence_warehouse.storage import history
from sequence_warehouse.storage.database import connect

STEPS = ("load", "validate_raw", "build", "validate_marts", "publish")
STEP = """
import os, sys
from sequence_warehouse.runs import steps
from sequence_warehouse.config.settings import Settings
getattr(steps, sys.argv[1] + "_step")(Settings.from_environment(), sys.argv[2])
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--enrollments", type=int, default=103_000, help="about 10 events each")
    parser.add_argument("--format", default="jsonl", choices=["jsonl", "jsonl.gz", "parquet"])
    parser.add_argument("--limit-mib", type=int, default=4096, help="memory of all processes together")
    parser.add_argument("--folder", type=Path, default=PROJECT / ".cache" / "benchmark")
    options = parser.parse_args()

    shutil.rmtree(options.folder, ignore_errors=True)
    settings = replace(
        Settings.from_environment(),
        landing=options.folder / "landing",
        warehouse=options.folder / "warehouse",
        project=PROJECT,
    )
    simulated = _run(*_simulator(settings, "1001", options.enrollments, options.format))
    print(f"simulated {options.enrollments:,} enrollments: {simulated}")
    _run(*_simulator(settings, "1002", 3000))
    first = _steps(settings, "first", options.limit_mib)
    _run(*_simulator(settings, "1003", 300))
    second = _steps(settings, "increment", options.limit_mib)
    print(f"DuckDB: {settings.threads} threads, {settings.memory_limit // 2**20:,} MiB")
    print(f"{'step':16}{'first s':>10}{'CPU s':>8}{'MiB':>8}{'increment s':>14}{'MiB':>8}{'ratio':>8}")
    for step in STEPS:
        one, two = first[step], second[step]
        print(
            f"{step:16}{one.wall_seconds:10.1f}{one.cpu_seconds:8.1f}{one.peak_mib:8}"
            f"{two.wall_seconds:14.1f}{two.peak_mib:8}{two.wall_seconds / one.wall_seconds:8.2f}"
        )
    layers = _layers(settings, "first")
    facts = sum(layers.get(layer, 0) for layer in ("staging", "intermediate", "core"))
    print("first build, seconds of its nodes: " + ", ".join(f"{k} {v:.1f}" for k, v in layers.items()))
    print(f"reports / what they are made of: {layers['reports'] / facts:.2f}")


def _layers(settings: Settings, run_id: str) -> dict[str, float]:
    """Layer (tests: "tests") -> seconds of a run's dbt nodes, added up over dbt's threads."""
    models = PROJECT / "models"
    layer_of = {path.stem: path.relative_to(models).parts[0] for path in models.rglob("*.sql")}
    seconds: dict[str, float] = defaultdict(float)
    results = history.relation(settings.history, "model_results")
    with connect() as connection:
        nodes = connection.execute(
            f"select node, resource_type, seconds from ({results}) where run_id = ?", [run_id]
        )
        for node, resource_type, spent in nodes.fetchall():
            seconds["tests" if resource_type == "test" else layer_of.get(node, "seeds")] += spent
    return dict(sorted(seconds.items()))


def _steps(settings: Settings, run_id: str, limit_mib: int) -> dict[str, Watched]:
    os.environ.update(settings.environment())
    return {step: _run("-c", STEP, step, run_id, limit_mib=limit_mib) for step in STEPS}


def _simulator(
    settings: Settings, portal: str, enrollments: int, file_format: str | None = None
) -> list[str]:
    return [
        *("-m", "hubspot_simulator.landing", "--landing", str(settings.landing)),
        *("--portals", portal, "--enrollments", str(enrollments)),
        *(("--format", file_format) if file_format else ()),
    ]


def _run(*arguments: str, limit_mib: int | None = None) -> Watched:
    """Run Python; ends this program when that fails or needs more memory than it may."""
    watched = watch([sys.executable, *arguments], limit_mib, stdout=subprocess.DEVNULL)
    if watched.status:
        sys.exit(f"failed: {' '.join(arguments[:4])}: {watched}")
    return watched


if __name__ == "__main__":
    main()
