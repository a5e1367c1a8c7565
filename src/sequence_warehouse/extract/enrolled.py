"""Which contacts may be in a sequence now: what landed events say, and when HubSpot was last asked for each.

HubSpot has a contact in one sequence at a time. So no enrollment has to be told from another, by ids that
events may lack: a contact is in progress when it was enrolled, or a step was executed, after it last
finished or was unenrolled. Days are counted back from the newest such event, not from the clock: who was in
progress when an account fell silent still is.

The events are those that this connector landed, each file read once. The warehouse is not asked: a landing
folder may be loaded into several or into none, and another one may have a portal of the same number.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from sequence_warehouse.extract.clock import read_ms
from sequence_warehouse.extract.names import file_name
from sequence_warehouse.extract.options import Options
from sequence_warehouse.extract.state import StreamState

HOUR_MS = 3_600_000

# times in milliseconds, 0: never. active: enrolled or a step executed. none: HubSpot had no enrollment.
_TABLES = """
    create table if not exists contacts (
        id text primary key,
        enrolled_ms integer not null default 0,
        active_ms integer not null default 0,
        ended_ms integer not null default 0,
        asked_ms integer not null default 0,
        none_ms integer not null default 0
    ) without rowid;
    create index if not exists contacts_by_turn on contacts (asked_ms, id);
"""
_SEEN = """
    insert into contacts (id, enrolled_ms, active_ms, ended_ms) values (?, ?, ?, ?)
    on conflict (id) do update set
        enrolled_ms = max(enrolled_ms, excluded.enrolled_ms),
        active_ms = max(active_ms, excluded.active_ms),
        ended_ms = max(ended_ms, excluded.ended_ms)
"""
# once HubSpot has none, only a new beginning changes that; it may be told late
_IN_PROGRESS = """
    active_ms > ended_ms
    and active_ms >= :since
    and (none_ms = 0 or none_ms < active_ms + :overlap)
"""
_DUE = f"""
    select id from contacts
    where {_IN_PROGRESS}
    and (asked_ms < :before or (enrolled_ms > asked_ms and enrolled_ms <= :now) or asked_ms > :now)
    order by asked_ms, id
    limit :most
"""


class Contacts:
    """The contacts of one portal, kept in the state of the stream that asks for them."""

    def __init__(self, state: StreamState, options: Options) -> None:
        self._state = state
        self._options = options
        state.database.executescript(_TABLES)

    def see(self, portal: Path) -> None:
        """Take in the events that have landed since, below the folder of the portal."""
        for event_type, column in self._types():
            name = f"seen/{event_type}"
            last = self._state.get(name, 0)
            for number, path in _files(portal / "events" / file_name(event_type), last):
                with gzip.open(path) as lines:
                    times = _times(lines)
                rows = [
                    (
                        contact,
                        time if column == "enrolled" else 0,
                        0 if column == "ended" else time,
                        time if column == "ended" else 0,
                    )
                    for contact, time in times.items()
                ]
                database = self._state.database
                database.execute("begin immediate")
                database.executemany(_SEEN, rows)
                database.execute("commit")
                # seen twice is no harm: times are the greatest
                seen: dict[str, Any] = {name: number}
                self._state.commit(**seen)

    def due(self, most: int, now_ms: int, before_ms: int) -> list[str]:
        """Contacts in progress that were last asked for before a time, or before they were enrolled (again):
        those never asked for first, then by how long ago it was."""
        query = "select coalesce(max(max(active_ms, ended_ms)), 0) from contacts"
        newest_ms = min(self._state.database.execute(query).fetchone()[0], now_ms)
        values = {
            "since": newest_ms - int(self._options.enrollment_days * 24 * HOUR_MS),
            "overlap": int(self._options.overlap_hours * HOUR_MS),
            "before": before_ms,
            "now": now_ms,
            "most": most,
        }
        return [row[0] for row in self._state.database.execute(_DUE, values)]

    def asked(self, contacts: Iterable[str], none: Iterable[str], now_ms: int) -> None:
        """Note whom HubSpot was asked for, and who of them had no enrollment."""
        database = self._state.database
        database.execute("begin immediate")
        database.executemany(
            "update contacts set asked_ms = ?, none_ms = 0 where id = ?", [(now_ms, one) for one in contacts]
        )
        database.executemany("update contacts set none_ms = ? where id = ?", [(now_ms, one) for one in none])
        database.execute("commit")

    def _types(self) -> Iterator[tuple[str, str]]:
        kinds = {
            "enrolled": ("enrolled",),
            "active": ("step_executed",),
            "ended": ("finished", "unenrolled", "unenrolled_manually"),
        }
        for column, names in kinds.items():
            for event_type in self._options.seed_types(*names):
                yield event_type, column


class _Event(msgspec.Struct):
    objectId: str | int | None = None
    objectType: str | None = None
    occurredAt: str | int | None = None


_DECODER = msgspec.json.Decoder(_Event)


def _files(folder: Path, last: int) -> Iterator[tuple[int, Path]]:
    for path in sorted(folder.glob(f"{'[0-9]' * 8}-*.jsonl.gz")):
        number = int(path.name.partition("-")[0])
        if number > last:
            yield number, path


def _times(lines: Iterable[bytes]) -> dict[str, int]:
    """The time of each contact's last event."""
    times: dict[str, int] = {}
    for line in lines:
        event = _DECODER.decode(line)
        time = read_ms(str(event.occurredAt or "")) or 0
        contact = str(event.objectId or "")
        if contact and (event.objectType or "CONTACT").upper() in {"CONTACT", "0-1"}:
            times[contact] = max(times.get(contact, 0), time)
    return times
