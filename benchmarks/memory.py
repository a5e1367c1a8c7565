"""Run a command under a bound on memory: all of its processes together, killed above it.

    python -m benchmarks.memory --limit-mib 4096 -- python -m sequence_warehouse run …

Summed is PSS (proportional set size: a page that several processes share counts once), four times a second;
a peak shorter than that may be missed, so the highest resident size of the largest process (VmHWM, which
the kernel keeps) is told too. Prints peak, wall and CPU seconds; the exit status is the command's, or 137
when it was killed.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

INTERVAL_SECONDS = 0.25


@dataclass(frozen=True)
class Watched:
    """How a command ran. peak_mib: highest sum of PSS, resident_mib: highest VmHWM of one process, in MiB."""

    status: int
    was_killed: bool
    peak_mib: int
    resident_mib: int
    wall_seconds: float
    cpu_seconds: float

    def __str__(self) -> str:
        return (
            f"{'KILLED above the limit; ' if self.was_killed else ''}"
            f"peak of all processes {self.peak_mib:,} MiB (PSS), "
            f"largest process {self.resident_mib:,} MiB (VmHWM), "
            f"{self.wall_seconds:.1f} s wall, {self.cpu_seconds:.1f} s CPU"
        )


def watch(command: list[str], limit_mib: int | None = None, **options: object) -> Watched:
    """Run a command to its end, or until its processes together hold more than ``limit_mib`` MiB.

    options: as subprocess.Popen takes them.
    """
    started, before = time.monotonic(), _children_cpu()
    process = subprocess.Popen(command, **options)
    peak = resident = 0
    was_killed = False
    while process.poll() is None:
        tree = _tree(process.pid)
        peak = max(peak, sum(_kib(member, "smaps_rollup", "Pss:") for member in tree))
        resident = max([resident, *(_kib(member, "status", "VmHWM:") for member in tree)])
        if limit_mib is not None and peak > limit_mib * 1024 and not was_killed:
            was_killed = True
            for member in tree:
                _kill(member)
        try:
            process.wait(INTERVAL_SECONDS)
        except subprocess.TimeoutExpired:
            continue
    return Watched(
        137 if was_killed else process.returncode,
        was_killed,
        peak // 1024,
        resident // 1024,
        time.monotonic() - started,
        _children_cpu() - before,
    )


def _tree(pid: int) -> list[int]:
    try:
        root = psutil.Process(pid)
        return [pid, *(child.pid for child in root.children(recursive=True))]
    except psutil.NoSuchProcess:
        return []


def _kib(pid: int, file: str, field: str) -> int:
    """A figure of /proc/<pid>, in KiB; 0 when the process has ended meanwhile."""
    try:
        text = Path(f"/proc/{pid}/{file}").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in text.splitlines() if line.startswith(field)), 0)


def _kill(pid: int) -> None:
    with suppress(psutil.NoSuchProcess):
        psutil.Process(pid).kill()


def _children_cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--limit-mib", type=int, help="kill above this; default: only measure")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    watched = watch([word for word in options.command if word != "--"], options.limit_mib)
    print(watched, file=sys.stderr)
    sys.exit(watched.status)


if __name__ == "__main__":
    main()
