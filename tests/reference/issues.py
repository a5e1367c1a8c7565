"""Rows of field_issues: what could not be used of good records."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from . import crm, stages, values
from .facts import property_aliases
from .landed import LandedRecord

# Loads are made while a test runs, all within minutes.
LOADED_AT = datetime.now(UTC)

TYPED = {
    ("deals", "createdate"): (values.time, "unreadable_time"),
    ("deals", "createdAt"): (values.time, "unreadable_time"),
    ("deals", "closedate"): (values.time, "unreadable_time"),
    ("deals", "amount"): (values.money, "unreadable_amount"),
    ("deals", "amount_in_home_currency"): (values.money, "unreadable_amount"),
    ("deals", "hs_exchange_rate"): (values.exchange_rate, "unreadable_amount"),
    ("deals", "hs_is_closed_won"): (values.truth, "unreadable_boolean"),
    ("exchange_rates", "conversionRate"): (values.exchange_rate, "unreadable_amount"),
    ("exchange_rates", "effectiveAt"): (values.time, "unreadable_time"),
    ("meetings", "hs_createdate"): (values.time, "unreadable_time"),
    ("meetings", "createdAt"): (values.time, "unreadable_time"),
    ("sequence_enrollments", "enrolledAt"): (values.time, "unreadable_time"),
    ("sequence_enrollments", "fetchedAt"): (values.time, "unreadable_time"),
    ("sequences", "createdAt"): (values.time, "unreadable_time"),
    ("tasks", "hs_task_is_completed"): (values.truth, "unreadable_boolean"),
    ("tasks", "hs_task_completion_date"): (values.time, "unreadable_time"),
    ("tasks", "hs_task_sequence_step_order"): (values.step_order, "not_a_number"),
}


ROUNDED = (
    *(("contacts", "associatedcompanyid"), ("deals", "pipeline"), ("deals", "dealstage")),
    ("emails", "hs_template_id"),
    *(("sequence_enrollments", "contactId"), ("sequence_enrollments", "sequenceId")),
    *(("sequences", "folderId"), ("sequences", "userId")),
    ("tasks", "hs_task_sequence_step_enrollment_id"),
)


def is_plausible(occurred_at: datetime) -> bool:
    """Not before HubSpot was there, and not days after it was loaded."""
    return datetime(2006, 1, 1, tzinfo=UTC) <= occurred_at <= LOADED_AT + timedelta(days=2)


def field_issues(
    portal_id: str,
    events: list[LandedRecord],
    objects: list[LandedRecord],
    deals: list[crm.Deal],
    unknown_time_zone: str | None,
) -> list[dict]:
    """One row for each source, field and reason; the example is the smallest text."""
    examples: dict[tuple[str, str, str], list[str]] = {}
    zones = [("accounts", "time_zone", "unknown_time_zone", unknown_time_zone)] if unknown_time_zone else []
    for found in (_of_events(events), _of_objects(objects), _of_deals(deals), zones):
        for source, field, reason, example in found:
            examples.setdefault((source, field, reason), []).append(example)
    return [
        {
            "portal_id": portal_id,
            "source": source,
            "field": field,
            "reason": reason,
            "records": len(texts),
            "example": min(texts),
        }
        for (source, field, reason), texts in sorted(examples.items())
    ]


def _of_events(events: list[LandedRecord]) -> Iterator[tuple[str, str, str, str]]:
    for one in events:
        event_type = one.record["eventType"]
        occurred_at = values.time(one.record["occurredAt"])
        if not is_plausible(occurred_at):
            yield event_type, "occurredAt", "implausible_time", _as_duckdb_writes(occurred_at)
        properties = one.record.get("properties") or {}
        for canonical, sources in property_aliases().items():
            for source in sources:
                text = values.text(properties.get(source))
                if canonical == "step_order" and text is not None and values.step_order(text) is None:
                    yield event_type, source, "not_a_number", text
                if canonical.endswith("_id") and values.is_rounded(text):
                    yield event_type, source, "rounded_number", text


def _of_objects(objects: list[LandedRecord]) -> Iterator[tuple[str, str, str, str]]:
    for one in objects:
        properties = one.record.get("properties") or {}
        for (kind, field), (read, reason) in TYPED.items():
            text = values.text(properties.get(field)) or values.text(one.record.get(field))
            if kind == one.kind and (text or "").strip() and _is_unread(read, text):
                yield one.kind, field, reason, text.strip() if read is values.truth else text
        for kind, field in ROUNDED:
            text = values.text(properties.get(field)) or values.text(one.record.get(field))
            if kind == one.kind and values.is_rounded(text):
                yield kind, field, "rounded_number", text
        for step in (one.record.get("steps") or []) if one.kind == "sequences" else []:
            order = values.text(step.get("stepOrder"))
            if order is not None and values.step_order(order) is None:
                yield one.kind, "steps.stepOrder", "not_a_number", order
            for pattern in ("emailPattern", "taskPattern"):
                template = values.text((step.get(pattern) or {}).get("templateId"))
                if values.is_rounded(template):
                    yield one.kind, "steps.templateId", "rounded_number", template
    for stage in stages.read_stages(objects):
        for field, text in stage.unread:
            yield stage.told_by, field, "unreadable_boolean", text


def _of_deals(deals: list[crm.Deal]) -> Iterator[tuple[str, str, str, str]]:
    for deal in deals:
        if deal.is_closed_won and deal.home_amount is None:
            if deal.amount is None:
                yield "deals", "amount_in_home_currency", "missing_amount", deal.deal_id
            else:
                example = f"{deal.amount} {deal.currency}"
                yield "deals", "amount_in_home_currency", "unknown_exchange_rate", example


def _is_unread(read: Callable[[object], object], text: str) -> bool:
    return read(text) is None


def _as_duckdb_writes(at: datetime) -> str:
    text = at.strftime("%Y-%m-%d %H:%M:%S").rjust(19, "0")
    return text + (f".{at.microsecond:06d}".rstrip("0") if at.microsecond else "") + "+00"
