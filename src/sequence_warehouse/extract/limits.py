"""The account's request limits, kept by all tasks of this machine together."""

from __future__ import annotations

import fcntl
from array import array
from pathlib import Path

from sequence_warehouse.extract.clock import Clock


class SlidingWindow:
    """At most ``limit`` requests in any ``seconds`` seconds, over every process that names the same file.

    The file holds the times of the latest requests. A limit of 0 is none.
    """

    def __init__(self, path: Path, limit: int, seconds: float, clock: Clock) -> None:
        self._path = path
        self._limit = limit
        self._seconds = seconds
        self._clock = clock

    def take(self) -> float:
        """Wait until one more request is within the limit, and count it. Returns the seconds waited."""
        waited = 0.0
        while self._limit and (wait := self._try()) > 0:
            self._clock.sleep(wait)
            waited += wait
        return waited

    def _try(self) -> float:
        with self._path.open("a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # given back by close, and by the system when killed
            file.seek(0)
            stored = file.read()
            times = array("d")
            times.frombytes(stored[: len(stored) // 8 * 8])  # a killed writer may leave a part of one
            now = self._clock.now()
            # times to come are of a clock that was set back
            recent = [time for time in times if now - self._seconds < time <= now]
            if len(recent) >= self._limit:
                return max(recent[-self._limit] + self._seconds - now, 0.001)
            file.truncate(0)
            file.write(array("d", [*recent, now]).tobytes())
            return 0.0


class Limits:
    """The limits of one account: all requests by ten seconds, searches by the second."""

    def __init__(self, folder: Path, requests: int, searches: int, clock: Clock) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._all = SlidingWindow(folder / "requests.limit", requests, 10.0, clock)
        self._search = SlidingWindow(folder / "searches.limit", searches, 1.0, clock)

    def take(self, is_search: bool) -> float:
        waited = self._search.take() if is_search else 0.0
        return waited + self._all.take()
