"""Objects that HubSpot no longer has: deleted for good, merged into another, or out of the token's sight.

No endpoint tells of them. What a stream landed once and a complete sweep lists no more, neither among the
live nor among the archived, is missing: one object of the type ``removals`` says so, and another version of
it, archived, takes it back when the object is listed again.

    {"id": "deals/602", "objectType": "deals", "objectId": "602", "updatedAt": …, "archived": false}

A sweep is complete when every page of it was answered; the state then says so (``is_swept``), and only
then is anything told missing. A sweep that failed, was refused or killed tells nothing; it is gone on with,
or begun anew. What any answer has held since a sweep began, of an hourly run too, is not missing.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from sequence_warehouse.extract.clock import iso, read_ms

if TYPE_CHECKING:
    from sequence_warehouse.extract.running import Run

log = logging.getLogger(__name__)

FOLDER = "removals"
_PAGE = 1000


def begin_sweep(run: Run, **values: Any) -> None:
    """From here on the state tells which objects this sweep has listed."""
    run.state.commit(sweeps=run.state.sweeps + 1, is_swept=None, **values)


def land(run: Run) -> None:
    """Land which objects are missing after a complete sweep, and which are there again; safe to repeat."""
    if run.state.get("is_swept"):
        missing = _land_all(run, is_missing=True)
        run.state.commit(is_swept=None)
        if missing:
            log.info("%s: %s objects that HubSpot no longer lists", run.stream, f"{missing:,}")
    _land_all(run, is_missing=False)


def notes(records: list[dict[str, Any]], changed: list[dict[str, Any]]) -> dict[str, Any]:
    """What a page of removals is to the state."""
    return {
        "missed": [record["objectId"] for record in records if not record["archived"]],
        "found": [record["objectId"] for record in records if record["archived"]],
        "told_ms": read_ms(records[-1]["updatedAt"]),
    }


def _land_all(run: Run, is_missing: bool) -> int:
    # a later version has a later time even where the clock has gone back
    told_ms = max(run.now_ms, run.state.get("told_ms", 0) + 1)
    read, label = (run.state.missing, "missing") if is_missing else (run.state.found_again, "found-again")
    assert run.removals is not None  # `land` is for streams of objects
    landed = 0
    while ids := read(_PAGE):
        records = [
            {
                "id": f"{run.stream}/{object_id}",
                "objectType": run.stream,
                "objectId": object_id,
                "updatedAt": iso(told_ms),
                "archived": not is_missing,
            }
            for object_id in ids
        ]
        landed += run.removals.land(records, label)
    return landed
