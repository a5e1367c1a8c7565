"""Which streams an account has: what the tasks of an extraction are made of."""

from __future__ import annotations

import logging
from typing import Any

from sequence_warehouse.config.errors import UserError
from sequence_warehouse.extract import catalog, events, names
from sequence_warehouse.extract.clock import Clock
from sequence_warehouse.extract.connection import Account
from sequence_warehouse.extract.errors import HubspotError, Refused
from sequence_warehouse.extract.options import Options
from sequence_warehouse.extract.running import hubspot_of, readable, state_folder
from sequence_warehouse.extract.state import StreamState
from sequence_warehouse.extract.transport import Hubspot

log = logging.getLogger(__name__)


def plan(
    account: Account,
    options: Options,
    clock: Clock | None = None,
    only: tuple[str, ...] = (),
    run_id: str = "",
) -> list[str]:
    """The streams of an account: object types and ``events/<type>``, what is odd in a type escaped.

    only: those of them, or ``events``.

    Asks HubSpot for the account's event types. When it does not tell, those that it told last and those of
    the seed are planned, and besides, unless each stream will say by itself that it is refused, the stream
    ``event_types``, which fails as long as that lasts. Raises UserError for a name that is no stream, and
    HubspotError when HubSpot could not be reached at all; the outcome is kept like a stream's.
    """
    known = catalog.streams()
    wanted = only or options.streams
    for name in wanted:
        if name != "events" and not name.startswith(names.EVENTS) and name not in known:
            raise UserError(f"There is no stream {name!r}: choose from events, {', '.join(known)}.")
    if wanted and "events" not in wanted:
        return list(wanted)
    with (
        StreamState(state_folder(options.landing, account.portal), "plan") as stream_state,
        hubspot_of(account, options, clock or Clock(), "events") as hubspot,
    ):
        summary: dict[str, Any] = {
            "portal": account.portal,
            "stream": "plan",
            "run_id": run_id,
            "outcome": "failed",
        }
        try:
            types, unknown = _types(options, hubspot, stream_state), []
            summary |= {"outcome": "done", "requests": hubspot.requests}
        except Exception as error:
            error = readable(error, "The event types", hubspot)
            summary["message"] = account.token.scrub(str(error))
            if not isinstance(error, HubspotError) or not (hubspot.is_reached or isinstance(error, Refused)):
                raise error from None
            log.warning("%s", summary["message"])
            types = list(dict.fromkeys([*stream_state.get("types", []), *options.seed_types()]))
            unknown = [] if isinstance(error, Refused) else [catalog.EVENT_TYPES]
        finally:
            stream_state.write_summary(summary)
    listed = [names.events_of(name) for name in types] + unknown
    streams = [name for name in wanted if name != "events"] + listed if wanted else known + listed
    return sorted(streams, key=lambda name: name in catalog.ENROLLMENTS)


def _types(options: Options, hubspot: Hubspot, state: StreamState) -> list[str]:
    """The event types that the settings ask for; those of the account are noted for when it does not tell."""
    types: dict[str, None] = {}
    for name in options.event_types:
        if name == "account":
            listed = events.account_types(hubspot)
            state.commit(types=listed)
            types |= dict.fromkeys(listed or options.seed_types())
        else:
            types |= dict.fromkeys(options.seed_types() if name == "seed" else [name])
    return list(types)
