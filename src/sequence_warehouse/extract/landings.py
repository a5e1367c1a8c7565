"""Where each stream lands, and what of its records its state keeps."""

from __future__ import annotations

from typing import Any

from sequence_warehouse.extract import (
    catalog,
    descriptions,
    enrollments,
    events,
    linked,
    names,
    removals,
    state,
)
from sequence_warehouse.extract.associations import contact_ids, in_order
from sequence_warehouse.extract.clock import Clock, milliseconds, read_ms
from sequence_warehouse.extract.connection import Account
from sequence_warehouse.extract.landing import Landing
from sequence_warehouse.extract.options import Options
from sequence_warehouse.extract.state import StreamState


def of_stream(account: Account, options: Options, stream: str, state: StreamState, clock: Clock) -> Landing:
    """The files of a stream, below the folder of its portal."""
    portal = options.landing / names.portal_folder(account.portal)
    if stream.startswith(names.EVENTS):
        folder = portal / "events" / names.file_name(names.event_type(stream))
        return Landing(folder, state, at=events.occurred_ms)
    if stream == "accounts":
        return Landing(portal / "objects" / stream, state, content=descriptions.account_content)
    if stream in catalog.ENROLLMENTS:
        folder = portal / "objects" / enrollments.FOLDER
        return Landing(folder, state, key=enrollments.contact, content=enrollments.content)
    if stream == "associations":
        return Landing(portal / "objects" / stream, state, content=linked.content)
    if not catalog.is_of_objects(stream):
        return Landing(portal / "objects" / stream, state)

    def notes(records: list[dict[str, Any]], changed: list[dict[str, Any]]) -> dict[str, Any]:
        now_ms = milliseconds(clock.now())
        return {
            "listed": [str(record["id"]) for record in records],
            "changed": [_changed(record, now_ms) for record in changed],
        }

    # A state that counted "files" kept no ids: it takes all its files over again.
    return Landing(portal / "objects" / stream, state, notes=notes, counter="object_files", content=in_order)


def _changed(record: dict[str, Any], now_ms: int) -> state.Changed:
    return state.Changed(
        landed_ms=now_ms,
        updated_ms=read_ms(record.get("updatedAt")),
        links=linked.hash_of(contact_ids(record)),
        is_archived=bool(record.get("archived")),
        id=str(record["id"]),
    )


def of_removals(account: Account, options: Options, stream: str, state: StreamState) -> Landing | None:
    """The files that tell which of its objects are gone; None for a stream of no objects."""
    if not catalog.is_of_objects(stream):
        return None
    folder = options.landing / names.portal_folder(account.portal) / "objects" / removals.FOLDER / stream
    return Landing(folder, state, notes=removals.notes, counter="removal_files")
