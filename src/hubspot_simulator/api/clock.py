"""Two clocks: of the limits (seconds that only grow) and of the account (what has happened by now)."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta


class Clock:
    """``seconds`` moves with the machine and with ``advance``; ``now`` is the account's time.

    now: None means after everything, late events too: nothing is hidden. Otherwise it stands still,
    or runs ``speed`` simulated seconds for each real one, and ``advance`` moves it as well.
    """

    def __init__(self, now: datetime | None = None, speed: float = 0.0) -> None:
        self._advanced = 0.0
        self._speed = speed
        self.now = now

    @property
    def seconds(self) -> float:
        return time.monotonic() + self._advanced

    @property
    def now(self) -> datetime | None:
        if self._now is None:
            return None
        return self._now + timedelta(seconds=(time.monotonic() - self._set_at) * self._speed)

    @now.setter
    def now(self, value: datetime | None) -> None:
        if value is not None and value.tzinfo is None:
            value = value.replace(tzinfo=UTC)
        self._now = value
        self._set_at = time.monotonic()

    @property
    def now_ms(self) -> int | None:
        """``now`` as epoch milliseconds."""
        now = self.now
        return None if now is None else int(now.timestamp() * 1000)

    def advance(self, seconds: float) -> None:
        """As if so many seconds had passed: limits recover and the account's time moves on."""
        self._advanced += seconds
        if (now := self.now) is not None:
            self.now = now + timedelta(seconds=seconds)
