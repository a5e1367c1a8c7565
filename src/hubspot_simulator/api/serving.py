"""``serve``: starts the account's server in a thread and stops it again."""

from __future__ import annotations

import tempfile
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from hubspot_simulator.api.account import Account
from hubspot_simulator.api.asking import Settings
from hubspot_simulator.api.clock import Clock
from hubspot_simulator.api.faults import Plan
from hubspot_simulator.api.limits import Limits
from hubspot_simulator.api.server import Asked, Server
from sequence_warehouse.config.errors import UserError

BOUNDS = ("[)", "[]", "(]", "()")


class HubSpot:
    """A running server. base_url, token: for the client. landing: folder with ``portal=<id>``, which
    holds exactly the records that are served, as JSON lines; portal: that id."""

    def __init__(self, server: Server, clock: Clock, landing: Path, portal: str) -> None:
        self._server = server
        self._clock = clock
        self.base_url = server.base_url
        self.token = server.token
        self.landing = landing
        self.portal = portal

    @property
    def requests(self) -> list[Asked]:
        """What was answered so far, oldest first: (method, path with parameters, status)."""
        return list(self._server.asked)

    @property
    def faults(self) -> str:
        """The plan in force; setting another one starts its counting anew."""
        return self._server.plan.text

    @faults.setter
    def faults(self, text: str) -> None:
        self._server.plan = Plan(text)

    @property
    def now(self) -> datetime | None:
        """The account's present. None: after everything. Otherwise events that occurred (or, late ones,
        become visible) after it and objects changed after it are not there yet."""
        return self._clock.now

    @now.setter
    def now(self, value: datetime | None) -> None:
        self._clock.now = value

    @property
    def newest(self) -> datetime:
        """When the last event occurred or the last object was changed."""
        return datetime.fromtimestamp(self._server.account.newest_ms / 1000, UTC)

    def advance(self, seconds: float) -> None:
        """As if so many seconds had passed, for limits and ``now``: for clients whose waits are not real."""
        self._clock.advance(seconds)


@contextmanager
def serve(
    landing: Path | None = None,
    *,
    enrollments: int = 200,
    seed: int = 1,
    portal: str = "1001",
    faults: str = "",
    port: int = 0,
    token: str | None = None,
    page_limit: int | None = None,
    requests_per_10s: int | None = None,
    searches_per_second: int | None = None,
    daily: int | None = None,
    search_cap: int = 10_000,
    event_bounds: str = "[)",
    sequences_of: str = "user",
    associations_page: int = 100,
    now: datetime | None = None,
    clock_speed: float = 0.0,
) -> Iterator[HubSpot]:
    """Serves an account on loopback until the block ends.

    landing: serve its ``portal=<portal>`` (JSON lines and API pages only; the latest version of what
    is there more than once); None: simulate one (enrollments, seed). Limits: None lifts one; HubSpot's
    are 100 to 190 requests in 10 s, 5 searches a second, 250,000 to 1,000,000 requests a day. port 0:
    any free one. token: random if None. The others: see ``Settings``, ``HubSpot.now``, ``Clock``.

    Raises UserError: a port that is taken, a fault, folder or setting that cannot be.
    """
    if event_bounds not in BOUNDS:
        raise UserError(f"event_bounds must be one of {', '.join(BOUNDS)}, not {event_bounds!r}.")
    if sequences_of not in ("user", "account"):
        raise UserError(f"sequences_of must be user or account, not {sequences_of!r}.")
    plan = Plan(faults)
    clock = Clock(now, clock_speed)
    limits = Limits(clock, requests_per_10s, searches_per_second, daily)
    settings = Settings(page_limit, search_cap, event_bounds, sequences_of, associations_page)
    token = token or f"pat-eu1-{uuid.uuid4()}"
    # First the port: a large account takes a while, and for nothing if the port is taken.
    with (
        _listening(port, settings, limits, clock, token, plan) as server,
        tempfile.TemporaryDirectory(prefix="hubspot-sim-") as folder,
    ):
        work = Path(folder)
        if landing is None:
            account = Account.simulated(work / "landing", portal, work, enrollments, seed)
        else:
            account = Account(landing, portal, work)
        server.account = account
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield HubSpot(server, clock, account.landing, portal)
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
            account.close()


def _listening(port: int, settings: Settings, limits: Limits, clock: Clock, token: str, plan: Plan) -> Server:
    try:
        return Server(port, settings, limits, clock, token, plan)
    except (OSError, OverflowError) as error:
        raise UserError(f"Port {port} cannot be used ({error}): choose another one with PORT=n.") from error
