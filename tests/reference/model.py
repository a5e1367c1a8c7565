"""Landed records in, tables out."""

from __future__ import annotations

from . import attribution, endings, facts, steps
from .enrollments import enrollment_row, event_row
from .funnel import step_funnel
from .landed import LandedRecord, events, objects
from .reports import monthly_enrollments, sender_score

TABLES = (
    "fct_enrollments",
    "fct_sequence_events",
    "step_funnel",
    "monthly_enrollments",
    "sender_score",
    "sender_score_by_sequence",
)


def build(
    records: list[LandedRecord], accounts: dict[str, dict], metric_rules: str = "current"
) -> dict[str, list[dict]]:
    """Table name -> rows, over all accounts.

    accounts: portal id -> {"time_zone", "plan", "created_on", "currency"}; an account that is
    not named is in UTC and not on Starter.
    """
    events_of: dict[str, list[LandedRecord]] = {}
    for landed in events(records):
        events_of.setdefault(landed.portal_id, []).append(landed)
    objects_of: dict[str, list[LandedRecord]] = {}
    for landed in objects(records):
        objects_of.setdefault(landed.portal_id, []).append(landed)

    tables: dict[str, list[dict]] = {name: [] for name in TABLES}
    for portal_id in sorted(events_of):
        account = accounts.get(portal_id) or {}
        of_portal = _build_account(events_of[portal_id], objects_of.get(portal_id, []), account, metric_rules)
        for name in TABLES:
            tables[name] += of_portal[name]
    return tables


def _build_account(
    landed_events: list[LandedRecord],
    landed_objects: list[LandedRecord],
    account: dict,
    metric_rules: str,
) -> dict[str, list[dict]]:
    """Table name -> rows of one account, from its de-duplicated records."""
    of_objects = facts.read_objects(landed_objects)
    of_events = facts.read_events(landed_events, of_objects.edges)
    enrollments = attribution.make_enrollments(of_events)
    attribution.attribute(of_events, enrollments, of_objects)
    for enrollment in enrollments.values():
        endings.start(enrollment)
        steps.resolve(enrollment, of_objects)

    rows = [
        enrollment_row(enrollment, of_objects, account, metric_rules) for enrollment in enrollments.values()
    ]
    return {
        "fct_enrollments": rows,
        "fct_sequence_events": [event_row(event, enrollments) for event in of_events],
        "step_funnel": step_funnel(list(enrollments.values()), of_objects, metric_rules),
        "monthly_enrollments": monthly_enrollments(rows, account),
        "sender_score": sender_score(rows, by_sequence=False),
        "sender_score_by_sequence": sender_score(rows, by_sequence=True),
    }
