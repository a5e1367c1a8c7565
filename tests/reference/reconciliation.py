"""Rows of reconciliation: HubSpot's own numbers beside the reference's."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from . import crm, earlier, reasons, values
from .facts import SEEDS, Enrollment, Event, Objects
from .landed import LandedRecord
from .performance import ENGAGED, RATES, distinct, groups, having, measures, started

KEYS_OF_PARTS = {"stepKey", "stepOrder", "currentStepOrder"}
NOBODY: dict = {}


@dataclass
class Answer:
    """The newest answer for a sequence."""

    fetched_at: datetime | None
    load: int
    object_id: str
    record: dict


@dataclass
class Account:
    """What is known of one account; loads: the load that brought each event first."""

    portal_id: str
    answers: dict[str, Answer]
    events: list[Event]
    loads: dict[tuple[str, str], int]
    enrollments: dict[str, Enrollment]
    rows: list[dict]
    current_rows: list[dict]
    steps: list[dict]
    objects: Objects
    as_of: datetime | None


def seed(name: str) -> list[dict]:
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def read_answers(landed: list[LandedRecord]) -> dict[str, Answer]:
    """Sequence id -> its newest answer."""
    found: dict[str, Answer] = {}
    for one in landed:
        record = one.record
        if one.kind != "sequence_performance" or crm.is_archived(record):
            continue
        fetched_at = values.time(record.get("fetchedAt")) or values.time(record.get("updatedAt"))
        answer = Answer(fetched_at, one.load, values.id_text(record["id"]), record)
        sequence_id = values.id_text(record.get("sequenceId")) or values.id_text(record["id"])
        known = found.get(sequence_id)
        if known is None or _age(answer) > _age(known):
            found[sequence_id] = answer
    return found


def _age(answer: Answer) -> tuple:
    return (answer.fetched_at or values.EPOCH, answer.load, answer.object_id)


def reconciliation(account: Account) -> list[dict]:
    """By (account, sequence, level, step, status, metric): what either side has."""
    if not account.answers:
        return []
    mapped = {(row["level"], row["metric"]): row for row in seed("performance_metrics")}
    theirs = _theirs(account.answers)
    ours = _ours(account)
    then = _then(account)
    keys = set(theirs)
    for place in ours:
        keys |= {(*place, metric) for level, metric in mapped if level == place[1]}
    known = {sequence_id for sequence_id, *_ in ours}
    # of the statuses at steps an answer lists those that have somebody
    listed = {(key[0], key[1], key[4]) for key in theirs if key[1] == "status_by_step"}

    def theirs_of(key: tuple) -> Decimal | None:
        return theirs.get(key, Decimal(0) if (key[0], key[1], key[4]) in listed else None)

    report = []
    for key in keys:
        at = key[:4]
        metric = mapped.get((key[1], key[4]))
        report.append(_row(account, key, theirs_of(key), metric, ours.get(at, NOBODY), known))
    as_we_do = {other: reasons.counted_as_we_do(report, mapped, ours, other) for other in reasons.OTHER_WAYS}
    for row in report:
        if row["difference"]:
            at = reasons.place_of(row)
            metric = mapped[row["level"], row["metric"]]
            row["likely_reason"] = reasons.reason_of(
                account, row, metric, ours.get(at, NOBODY), then.get(at, NOBODY), as_we_do
            )
    return report


def _theirs(answers: dict[str, Answer]) -> dict[tuple, Decimal]:
    """(sequence, level, step, status, metric) -> HubSpot's number."""
    found: dict[tuple, list[Decimal]] = {}

    def add(sequence_id: str, level: str, step_order, status, part: object) -> None:
        for name, value in part.items() if isinstance(part, dict) else ():
            number = values.money(value) if not isinstance(value, dict | list) else None
            if number is not None and name not in KEYS_OF_PARTS:
                key = (sequence_id, level, step_order, status, name)
                found.setdefault(key, []).append(number)

    for sequence_id, answer in answers.items():
        add(sequence_id, "summary", None, None, answer.record.get("summary"))
        add(sequence_id, "company", None, None, answer.record.get("companyMetrics"))
        for part in answer.record.get("steps") or []:
            add(sequence_id, "step", values.step_order(part.get("stepOrder")), None, part)
        for part in answer.record.get("statusByStep") or []:
            status = (values.text(part.get("enrollmentStatus")) or "").upper() or None
            add(
                sequence_id,
                "status_by_step",
                values.step_order(part.get("currentStepOrder")),
                status,
                part,
            )
    # averages do not add up
    return {
        key: sum(numbers) for key, numbers in found.items() if len(numbers) == 1 or not key[4].endswith("Avg")
    }


def _ours(account: Account) -> dict[tuple, dict]:
    """(sequence, level, step, status) -> our measures there."""
    rows = started(account.rows)
    current = {row["enrollment_id"]: row for row in account.current_rows}
    known = set(account.objects.sequences) | {row["sequence_id"] for row in account.rows} - {None}
    of_sequence = groups(rows, lambda row: row["sequence_id"])
    rows = [row | {"won": len(earlier.won_deals(row, account.objects))} for row in rows]
    found = _statuses(rows)
    for sequence_id in known | set(of_sequence):
        group = [row for row in rows if row["sequence_id"] == sequence_id]
        whole = _measures(group, [current[row["enrollment_id"]] for row in group])
        found[sequence_id, "summary", None, None] = found[sequence_id, "company", None, None] = whole
    for key, group in groups(account.steps, lambda row: (row["sequence_id"], row["step_order"])).items():
        found[key[0], "step", key[1], None] = _step_measures(group)
    return found


def _then(account: Account) -> dict[tuple, dict]:
    """The same at an earlier moment, of sequences with an answer."""
    found: dict[tuple, dict] = {}
    for sequence_id, answer in account.answers.items():
        then = earlier.moment(answer.fetched_at, account.as_of)
        if then is None:
            continue
        rows = [row for row in account.rows if row["sequence_id"] == sequence_id]
        steps = [row for row in account.steps if row["sequence_id"] == sequence_id]
        rows = earlier.rows_then(rows, steps, account.objects, then)
        found |= _statuses(rows)
        whole = _measures(rows, [])
        found[sequence_id, "summary", None, None] = found[sequence_id, "company", None, None] = whole
        for step_order in {row["step_order"] for row in steps}:
            of_step = groups(
                [row for row in steps if row["step_order"] == step_order], lambda row: row["enrollment_id"]
            )
            had = [earlier.step_then(group, account.objects, then) for group in of_step.values()]
            found[sequence_id, "step", step_order, None] = _step_measures(had)
    return found


def _statuses(rows: list[dict]) -> dict[tuple, dict]:
    words = {row["status"]: row["enrollment_status"] for row in seed("performance_statuses")}

    def place(row: dict) -> tuple:
        return (row["sequence_id"], "status_by_step", row["last_step_order"], words[row["status"]])

    return {
        key: {"enrollments": len(group), "contacts": distinct(group, "contact_id")}
        for key, group in groups(rows, place).items()
    }


def _step_measures(group: list[dict]) -> dict:
    return {
        "steps_executed": _enrollments(group, "is_executed"),
        "meeting_booked": _enrollments(group, "is_meeting_booked"),
        "opened": _enrollments(group, "first_opened_at"),
        "clicked": _enrollments(group, "first_clicked_at"),
        "replied": _enrollments(group, "first_replied_at"),
        "tasks_completed": sum(row["tasks_completed"] for row in group),
    }


def _enrollments(group: list[dict], column: str) -> int:
    return len({row["enrollment_id"] for row in group if row[column]})


def _measures(group: list[dict], current: list[dict]) -> dict:
    engaged = [row for row in group if any(row[flag] for flag in ENGAGED)]
    engaged_now = [row for row in current if any(row[flag] for flag in ENGAGED)]
    found = measures(group)
    for metric in RATES.values():
        found[f"contact_{metric}"] = distinct(having(group, metric), "contact_id")
    return found | {
        "engaged": len(engaged),
        "contact_engaged": distinct(engaged, "contact_id"),
        "contacts_with_company": distinct([r for r in group if r["company_id"]], "contact_id"),
        "deals_closed_won": sum(row["won"] for row in group),
        "replied_by_current_rule": len(having(current, "replied")),
        "meeting_booked_by_current_rule": len(having(current, "meeting_booked")),
        "engaged_by_current_rule": len(engaged_now),
        "companies_engaged_by_current_rule": distinct(engaged_now, "company_id"),
        "companies_with_meeting_by_current_rule": distinct(having(current, "meeting_booked"), "company_id"),
    }


def _row(
    account: Account, key: tuple, theirs: Decimal | None, mapped: dict | None, ours: dict, known: set
) -> dict:
    """One row; why the two numbers differ is told when all rows are there."""
    sequence_id, level, step_order, status, metric = key
    answer = account.answers.get(sequence_id)
    hubspot_value = None if theirs is None else float(theirs)
    our_value = difference = reason = None
    if mapped and sequence_id in known:
        our_value = float(ours.get(mapped["our_metric"], 0))
    if our_value is not None and hubspot_value is not None:
        difference = round(our_value - hubspot_value, 6)
    unattributed = 0
    if answer and mapped and mapped["event_kind"]:
        unattributed = reasons.unattributed(
            account, sequence_id, level, step_order, answer, mapped["event_kind"]
        )
    if mapped is None:
        reason = "metric not mapped"
    elif sequence_id not in known:
        reason = "sequence not loaded"
    elif hubspot_value is None:
        reason = "not answered"
    return {
        "portal_id": account.portal_id,
        "sequence_id": sequence_id,
        "level": level,
        "step_order": step_order,
        "status": status,
        "metric": metric,
        "our_metric": mapped["our_metric"] if mapped else None,
        "hubspot_value": hubspot_value,
        "our_value": our_value,
        "difference": difference,
        "likely_reason": reason,
        "unattributed_events": unattributed,
        "fetched_at": answer.fetched_at if answer else None,
        "as_of": account.as_of,
    }
