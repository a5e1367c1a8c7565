"""How much memory is left, for the machine or for the container that this process is in."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import psutil

# DuckDB finishes little with less
LEAST = 256 * 2**20
# what a thread is given: the rows that it has in hand cannot go to disk
A_THREAD = 512 * 2**20


@cache
def half_of_what_is_left() -> int:
    """Half of the memory, in bytes, that was free when this process first asked; 256 MiB at the least.

    The same for the life of a process: DuckDB opens one file twice only with the same limit.
    """
    return max(LEAST, memory_left() // 2)


def memory_left(root: Path = Path("/")) -> int:
    """Bytes that can still be used: of the machine, or of a control group around this process if less.

    root: the folder below which ``proc`` and ``sys`` are looked for. What only caches files counts as free.
    """
    return max(0, min([psutil.virtual_memory().available, *_left_in_groups(root)]))


def _left_in_groups(root: Path) -> Iterator[int]:
    """What each control group, with its parents, leaves of its limit: version 2 and 1."""
    try:
        lines = (root / "proc/self/cgroup").read_text().splitlines()
    except OSError:  # not Linux
        return
    for line in lines:
        _, controllers, group = line.split(":", 2)
        if controllers == "":
            base, limit, usage, cached = "", "memory.max", "memory.current", "inactive_file"
        elif "memory" in controllers.split(","):
            base, limit, usage = "memory", "memory.limit_in_bytes", "memory.usage_in_bytes"
            cached = "total_inactive_file"
        else:
            continue
        top = root / "sys/fs/cgroup" / base
        # within a container the group's own folder may not be there: its files are in the top one
        own = top / group.strip("/")
        for folder in (own, *own.parents):
            try:
                bound = (folder / limit).read_text().strip()
                used = int((folder / usage).read_text())
                statistics = dict(row.split() for row in (folder / "memory.stat").read_text().splitlines())
            except (OSError, ValueError):
                bound = "max"
            if bound != "max":
                yield int(bound) - used + int(statistics.get(cached, 0))
            if folder == top:
                break
