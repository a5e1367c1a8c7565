"""How load, build and publication grow: simulate an account, run each step, print seconds and memory.

    make benchmark ARGS="--enrollments 103000"     about a million events

Then how the first build's seconds are shared out among the layers, and what all reports cost against the
facts that they are made of.

Every step runs in a process of its own, so that its peak memory is its own. The increment loads one
more small portal into the same warehouse: its cost against the first build is the figure to watch.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

from sequence_warehouse import history
from sequence_warehouse.database import connect
from sequence_warehouse.settings import PROJECT, Settings

STEPS = ("load", "validate_raw", "build", "validate_marts", "publish")
STEP = """
import os, sys
from sequence_warehouse import steps
from sequence_warehouse.settings import Settings
getattr(steps, sys.argv[1] + "_step")(Settings.from_environment(), sys.argv[2])
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--enrollments", type=int, default=103_000, help="about 10 events each")
    parser.add_argument("--format", default="jsonl", choices=["jsonl", "jsonl.gz", "parquet"])
    parser.add_argument("--folder", type=Path, default=PROJECT / ".cache" / "benchmark")
    options = parser.parse_args()

    shutil.rmtree(options.folder, ignore_errors=True)
    settings = Settings(options.folder / "landing", options.folder / "warehouse")
    seconds = _run(*_simulator(settings, "1001", options.enrollments, options.format))
    print(f"simulated {options.enrollments:,} enrollments in {seconds[0]:.1f} s, {seconds[1]} MB")
    first = _steps(settings, "first")
    _run(*_simulator(settings, "1002", 300, "jsonl"))
    second = _steps(settings, "increment")
    print(f"{'step':16}{'first s':>10}{'MB':>8}{'increment s':>14}{'MB':>8}{'ratio':>8}")
    for step in STEPS:
        ratio = second[step][0] / first[step][0]
        print(
            f"{step:16}{first[step][0]:10.1f}{first[step][1]:8}"
            f"{second[step][0]:14.1f}{second[step][1]:8}{ratio:8.2f}"
        )
    layers = _layers(settings, "first")
    facts = sum(layers.get(layer, 0) for layer in ("staging", "intermediate", "core"))
    print("first build, seconds of its nodes: " + ", ".join(f"{k} {v:.1f}" for k, v in layers.items()))
    print(f"reports / what they are made of: {layers['reports'] / facts:.2f}")


def _layers(settings: Settings, run_id: str) -> dict[str, float]:
    """Layer (tests: "tests") -> seconds of a run's dbt nodes, added up over dbt's threads."""
    layer_of = {path.stem: path.parent.name for path in (PROJECT / "models").rglob("*.sql")}
    seconds: dict[str, float] = defaultdict(float)
    results = history.relation(settings.history, "model_results")
    with connect() as connection:
        nodes = connection.execute(
            f"select node, resource_type, seconds from ({results}) where run_id = ?", [run_id]
        )
        for node, resource_type, spent in nodes.fetchall():
            seconds["tests" if resource_type == "test" else layer_of.get(node, "seeds")] += spent
    return dict(sorted(seconds.items()))


def _steps(settings: Settings, run_id: str) -> dict[str, tuple[float, int]]:
    os.environ.update(settings.environment())
    return {step: _run("-c", STEP, step, run_id) for step in STEPS}


def _simulator(settings: Settings, portal: str, enrollments: int, file_format: str) -> list[str]:
    return [
        *("-m", "sequence_warehouse.simulator", "--landing", str(settings.landing)),
        *("--portals", portal, "--enrollments", str(enrollments), "--format", file_format),
    ]


def _run(*arguments: str) -> tuple[float, int]:
    """Seconds and peak resident megabytes of one process."""
    started = time.monotonic()
    process = subprocess.Popen([sys.executable, *arguments], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"failed: {' '.join(arguments[:4])}")
    return time.monotonic() - started, usage.ru_maxrss // 1024


if __name__ == "__main__":
    main()
