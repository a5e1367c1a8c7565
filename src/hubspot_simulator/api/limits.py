"""HubSpot's three limits, each a setting: requests in ten seconds and in a day, searches in a second."""

from __future__ import annotations

import math
import threading
from collections import deque

from hubspot_simulator.api.clock import Clock
from hubspot_simulator.api.errors import too_many

_DAY = 86_400.0


class _Window:
    """At most ``most`` requests (None: any number) in any ``length`` seconds."""

    def __init__(self, most: int | None, length: float, policy: str) -> None:
        self.most = most
        self.length = length
        self.policy = policy
        self._times: deque[float] = deque()

    def wait(self, now: float) -> float:
        """Seconds until there is room; 0 if there is."""
        while self._times and self._times[0] <= now - self.length:
            self._times.popleft()
        if self.most is None or len(self._times) < self.most:
            return 0.0
        return self._times[0] + self.length - now

    def count(self, now: float) -> None:
        if self.most is not None:
            self._times.append(now)

    @property
    def remaining(self) -> int:
        return (self.most or 0) - len(self._times)


class Limits:
    """Admits requests; None lifts a limit. A refused request does not count."""

    def __init__(
        self, clock: Clock, requests_per_10s: int | None, searches_per_second: int | None, daily: int | None
    ) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._daily = _Window(daily, _DAY, "DAILY")
        self._rolling = _Window(requests_per_10s, 10.0, "TEN_SECONDLY_ROLLING")
        self._searches = _Window(searches_per_second, 1.0, "SECONDLY")

    def admit(self, is_search: bool) -> dict[str, str]:
        """Headers that say what is left (none for searches, as with HubSpot); raises the 429."""
        with self._lock:
            now = self._clock.seconds
            windows = [self._daily, self._searches if is_search else self._rolling]
            for window in windows:
                wait = window.wait(now)
                if wait:
                    # HubSpot gives no time for the daily one: it ends at midnight of the account.
                    raise too_many(window.policy, None if window is self._daily else math.ceil(wait))
            for window in windows:
                window.count(now)
            if is_search or self._rolling.most is None:
                return {}
            headers = {
                "X-HubSpot-RateLimit-Max": str(self._rolling.most),
                "X-HubSpot-RateLimit-Remaining": str(self._rolling.remaining),
                "X-HubSpot-RateLimit-Interval-Milliseconds": "10000",
            }
            if self._daily.most is not None:
                headers["X-HubSpot-RateLimit-Daily"] = str(self._daily.most)
                headers["X-HubSpot-RateLimit-Daily-Remaining"] = str(self._daily.remaining)
            return headers
