"""Why HubSpot's number and ours may differ: a reason needs evidence that is big enough."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from .facts import Event

if TYPE_CHECKING:
    from .reconciliation import Account, Answer

GAP = timedelta(hours=1)
NOBODY: dict = {}
# Column of the seed with another way to count the same -> the reason when HubSpot's number is that.
OTHER_WAYS = {"current_metric": "rule version", "other_metric": "contacts or enrollments"}


def counted_as_we_do(rows: list[dict], mapped: dict, ours: dict, other: str) -> set[tuple]:
    """(level, metric) for which some answer is our number and not the one that is counted otherwise."""
    found = set()
    for row in rows:
        metric = mapped.get((row["level"], row["metric"]))
        if row["difference"] == 0 and metric[other]:
            otherwise = ours.get(place_of(row), NOBODY).get(metric[other])
            if otherwise is not None and float(otherwise) != row["our_value"]:
                found.add((row["level"], row["metric"]))
    return found


def place_of(row: dict) -> tuple:
    return (row["sequence_id"], row["level"], row["step_order"], row["status"])


def reason_of(
    account: Account, row: dict, metric: dict, ours: dict, then: dict, as_we_do: dict
) -> str | None:
    """The first reason of a difference that has evidence."""
    difference, hubspot_value = row["difference"], row["hubspot_value"]
    for other, reason in OTHER_WAYS.items():
        otherwise = ours.get(metric[other])
        is_equal = otherwise is not None and float(otherwise) == hubspot_value
        if is_equal and (row["level"], row["metric"]) not in as_we_do[other]:
            return reason
    fetched_at, as_of = row["fetched_at"], row["as_of"]
    are_timed = fetched_at is not None and as_of is not None
    gained = round(row["our_value"] - float(then.get(metric["our_metric"], 0)), 6)
    # the answer is a number that ours went through since then, or would come to at the same pace
    if are_timed and fetched_at < as_of and min(0, gained) <= difference <= max(0, gained):
        return "fetched before our newest event"
    answer = account.answers[row["sequence_id"]]
    if 0 < difference <= _loaded_later(account, row, answer, metric["event_kind"]):
        return "events loaded after it was fetched"
    if 0 < -difference <= row["unattributed_events"]:
        return "unattributed events"
    is_behind = are_timed and as_of < fetched_at - GAP and metric["counted_from"] == "events"
    if is_behind and min(0, gained) <= -difference <= max(0, gained):
        return "our newest event is older than the answer"
    return None


def unattributed(
    account: Account, sequence_id: str, level: str, step_order: int | None, answer: Answer, kind: str
) -> int:
    """Events of the kind without enrollment that may be of the sequence, and of the step."""
    enrolled = [e.enrolled_at for e in account.enrollments.values() if e.sequence_id == sequence_id]
    return len(
        [
            event
            for event in account.events
            if event.is_sequence_event
            and event.enrollment_id is None
            and _kind(event) == kind
            and event.sequence_id in (None, sequence_id)
            and (not enrolled or event.occurred_at >= min(enrolled))
            and (answer.fetched_at is None or event.occurred_at <= answer.fetched_at)
            and (level != "step" or event.sequence_id is None or event.own_step_order in (None, step_order))
        ]
    )


def _loaded_later(account: Account, row: dict, answer: Answer, kind: str) -> int:
    """Enrollments of which every event of the kind, at the step, came in a later load than the answer."""
    loads: dict[str, list[int]] = {}
    for event in account.events:
        if not event.is_sequence_event or event.enrollment_id is None or _kind(event) != kind:
            continue
        enrollment = account.enrollments[event.enrollment_id]
        if (enrollment.sequence_id or event.sequence_id) != row["sequence_id"]:
            continue
        if row["step_order"] is not None and event.step_order != row["step_order"]:
            continue
        if answer.fetched_at is None or event.occurred_at <= answer.fetched_at:
            load = account.loads[event.event_type, event.event_id]
            loads.setdefault(event.enrollment_id, []).append(load)
    return len([of_one for of_one in loads.values() if min(of_one) > answer.load])


def _kind(event: Event) -> str:
    return event.kind.removesuffix("_through_sequence")
