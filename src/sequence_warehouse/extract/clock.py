"""The time and the waits of an extraction, in one place so that tests can move them."""

from __future__ import annotations

import time
from datetime import UTC, datetime


class Clock:
    """The machine's clock. Seconds since 1970, as every time in this package unless it says ``_ms``."""

    def now(self) -> float:
        return time.time()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


# the end of the year 9999, after which there are no dates
LATEST_MS = 253_402_300_799_999


def milliseconds(seconds: float) -> int:
    return int(seconds * 1000)


def iso(time_ms: int) -> str:
    """2026-06-30T12:00:00.000Z, as HubSpot writes times."""
    return (
        datetime.fromtimestamp(time_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{time_ms % 1000:03}Z"
    )


def compact(time_ms: int) -> str:
    """20260630T120000Z, for the names of files."""
    return datetime.fromtimestamp(time_ms / 1000, UTC).strftime("%Y%m%dT%H%M%SZ")


def read_ms(text: str | None) -> int | None:
    """A time of HubSpot's, ISO 8601 or epoch milliseconds; None when it cannot be read."""
    if not text:
        return None
    try:
        if str(text).lstrip("-").isdigit():
            return time_ms if abs(time_ms := int(text)) <= LATEST_MS else None
        moment = datetime.fromisoformat(text)
        return milliseconds((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
    except (ValueError, TypeError, OverflowError):
        return None
