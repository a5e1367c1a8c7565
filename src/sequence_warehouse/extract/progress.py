"""How far an extraction is, told in the log now and then."""

from __future__ import annotations

import logging
import time
from typing import Any

from sequence_warehouse.extract.transport import Hubspot

log = logging.getLogger(__name__)

EVERY_SECONDS = 5.0


class Progress:
    """Counts of one stream. Rates are by the machine's clock: they tell a person what to expect."""

    def __init__(self, stream: str, hubspot: Hubspot) -> None:
        self._stream = stream
        self._hubspot = hubspot
        self._started = self._told = time.monotonic()
        self.pages = self.records = self.landed = 0

    def page(self, records: int, landed: int, remaining: int | None = None) -> None:
        """One more page; remaining: records still to come, where HubSpot tells how many there are."""
        self.pages += 1
        self.records += records
        self.landed += landed
        if time.monotonic() - self._told >= EVERY_SECONDS:
            self._told = time.monotonic()
            left = ""
            if remaining and self.records:
                left = f", about {remaining * self.seconds / self.records:,.0f} s left"
            log.info("%s%s", self._text(), left)

    @property
    def seconds(self) -> float:
        return max(time.monotonic() - self._started, 0.001)

    def summary(self) -> dict[str, Any]:
        """Counts as JSON: requests, retries and waited_seconds are the transport's."""
        return {
            "pages": self.pages,
            "records": self.records,
            "landed": self.landed,
            "requests": self._hubspot.requests,
            "retries": self._hubspot.retries,
            "waited_seconds": round(self._hubspot.waited, 1),
            "seconds": round(self.seconds, 2),
        }

    def tell_end(self) -> None:
        log.info(self._text())

    def _text(self) -> str:
        return (
            f"{self._stream}: {self.pages:,} pages, {self.records:,} records ({self.landed:,} new), "
            f"{self.records / self.seconds:,.0f} records/s, {self._hubspot.requests:,} requests"
        )
