"""Landed records in, tables out."""

from __future__ import annotations

from datetime import datetime

from . import accounts as descriptions
from . import (
    attribution,
    deals,
    dimensions,
    emails,
    endings,
    facts,
    freshness,
    issues,
    names,
    people,
    performance,
    quality,
    reconciliation,
    reports,
    statements,
    step_reports,
    steps,
    users,
    values,
)
from .enrollments import enrollment_row, event_row
from .funnel import step_funnel
from .landed import LandedRecord, events, objects
from .responses import time_to_response

TABLES = (
    "fct_enrollments",
    "fct_sequence_events",
    "fct_deals",
    "fct_enrollment_steps",
    "dim_accounts",
    "dim_contacts",
    "dim_companies",
    "dim_users",
    "dim_templates",
    "dim_sequences",
    "dim_sequence_steps",
    "dim_days",
    "sequence_performance",
    "account_overview",
    "enrollment_metrics_daily",
    "step_funnel",
    "step_metrics_daily",
    "step_contacts",
    "enrollments_by_step",
    "step_exits",
    "email_performance",
    "enrollment_list",
    "engaged_contacts",
    "monthly_enrollments",
    "monthly_overview",
    "sender_score",
    "sender_score_by_sequence",
    "sender_score_daily",
    "contact_hygiene",
    "time_to_response",
    "engagement_by_hour",
    "send_hours",
    "deliverability",
    "reconciliation",
    "unmapped_properties",
    "field_issues",
    "freshness",
    "enrollment_status",
)


def build(
    records: list[LandedRecord],
    accounts: dict[str, dict],
    metric_rules: str = "current",
    snapshots: frozenset[tuple[str, str]] = frozenset(),
    folders: dict[tuple[str, str], str] | None = None,
    templates: dict[tuple[str, str], str] | None = None,
) -> dict[str, list[dict]]:
    """Table name -> rows, over all accounts.

    accounts: portal id -> {"account_name", "time_zone", "plan", "created_on", "currency"}, each of
    which may be missing: then its landed information says time zone and currency; never Starter by that.
    snapshots: (portal id or "*", object type) that the seed `snapshot_streams` names.
    folders, templates: (portal id, id) -> the name that the seed of this name gives.
    """
    events_of: dict[str, list[LandedRecord]] = {}
    for landed in events(records):
        events_of.setdefault(landed.portal_id, []).append(landed)
    objects_of: dict[str, list[LandedRecord]] = {}
    for landed in objects(records, snapshots):
        objects_of.setdefault(landed.portal_id, []).append(landed)

    tables: dict[str, list[dict]] = {name: [] for name in TABLES}
    for portal_id in sorted(events_of.keys() | objects_of.keys()):
        of_portal = _build_account(
            portal_id,
            events_of.get(portal_id, []),
            objects_of.get(portal_id, []),
            accounts.get(portal_id) or {},
            metric_rules,
            first_loads(records, portal_id),
            [one for one in records if one.portal_id == portal_id and one.kind == "owners"],
            _of_portal(folders or {}, portal_id),
            _of_portal(templates or {}, portal_id),
        )
        for name, rows in of_portal.items():
            tables[name] += rows
    tables["dim_days"] = dimensions.dim_days(tables["fct_enrollments"], tables["dim_accounts"])
    return tables


def _build_account(
    portal_id: str,
    landed_events: list[LandedRecord],
    landed_objects: list[LandedRecord],
    account: dict,
    metric_rules: str,
    loads: dict[tuple[str, str], int],
    owner_versions: list[LandedRecord],
    folders: dict[str, str],
    seeded: dict[str, str],
) -> dict[str, list[dict]]:
    """Table name -> rows of one account, from its de-duplicated records."""
    account = descriptions.described(account, landed_objects)
    of_objects = facts.read_objects(landed_objects, account)
    of_events = facts.read_events(landed_events, of_objects.edges)
    by_id = attribution.make_enrollments(of_events)
    told = statements.read(landed_objects, of_objects.edges)
    statements.move(by_id, told)
    attribution.attribute(of_events, by_id, of_objects)
    enrollments = list(by_id.values())
    for enrollment in enrollments:
        endings.start(enrollment)
        steps.resolve(enrollment, of_objects)
    deals.credit(of_objects.deals, enrollments)

    as_of = newest(of_events)
    rows = [enrollment_row(enrollment, of_objects, account, metric_rules) for enrollment in enrollments]
    of_steps = step_reports.enrollment_steps(enrollments, rows, of_objects, account, metric_rules)
    contacts = step_reports.step_contacts(of_steps)
    current_rows = [enrollment_row(enrollment, of_objects, account, "current") for enrollment in enrollments]
    beside = reconciliation.Account(
        portal_id,
        reconciliation.read_answers(landed_objects),
        of_events,
        loads,
        by_id,
        rows,
        current_rows,
        contacts,
        of_objects,
        as_of,
    )
    of_users = users.dim_users(portal_id, owner_versions, rows)
    templates = names.dim_templates(portal_id, landed_objects, of_events, seeded)
    tables = {
        "reconciliation": reconciliation.reconciliation(beside),
        "dim_accounts": dimensions.dim_accounts(portal_id, account, as_of, metric_rules),
        "dim_contacts": dimensions.dim_contacts(portal_id, landed_objects, rows, of_objects.edges),
        "dim_companies": dimensions.dim_companies(portal_id, landed_objects, rows, of_objects.company_edges),
        "dim_sequences": dimensions.dim_sequences(portal_id, landed_objects, rows, of_objects, folders),
        "dim_sequence_steps": dimensions.dim_sequence_steps(portal_id, landed_objects),
        "dim_users": of_users,
        "dim_templates": templates,
        "field_issues": issues.field_issues(
            portal_id, landed_events, landed_objects, of_objects.deals, account["unknown_time_zone"]
        ),
        "freshness": freshness.freshness(portal_id, landed_events, landed_objects, as_of),
        "enrollment_status": statements.enrollment_status(portal_id, by_id, told, as_of),
        "unmapped_properties": quality.unmapped_properties(landed_events),
        "fct_enrollments": rows,
        "fct_sequence_events": [event_row(event, by_id, of_objects, loads) for event in of_events],
        "fct_enrollment_steps": of_steps,
        "fct_deals": [deals.deal_row(portal_id, deal) for deal in of_objects.deals],
        "sequence_performance": performance.sequence_performance(portal_id, rows, of_objects, account),
        "account_overview": performance.account_overview(portal_id, rows, account, as_of),
        "enrollment_metrics_daily": performance.enrollment_metrics_daily(rows, account),
        "step_funnel": step_funnel(enrollments, of_objects, metric_rules),
        "step_metrics_daily": step_reports.step_metrics_daily(contacts),
        "step_contacts": contacts,
        "enrollments_by_step": step_reports.enrollments_by_step(rows),
        "step_exits": step_reports.step_exits(contacts, rows),
        "email_performance": emails.email_performance(enrollments, of_objects, metric_rules),
        "enrollment_list": people.enrollment_list(enrollments, rows, of_objects),
        "engaged_contacts": people.engaged_contacts(rows, of_objects),
        "monthly_enrollments": reports.monthly_enrollments(rows, of_objects, account, as_of),
        "monthly_overview": reports.monthly_overview(rows, of_objects, account, as_of),
        "sender_score": reports.sender_score(rows, by_sequence=False),
        "sender_score_by_sequence": reports.sender_score(rows, by_sequence=True),
        "sender_score_daily": reports.sender_score_daily(rows, account),
        "contact_hygiene": people.contact_hygiene(rows, of_objects),
        "time_to_response": time_to_response(enrollments, rows, contacts),
        "engagement_by_hour": emails.engagement_by_hour(enrollments, of_objects, account),
        "send_hours": emails.send_hours(enrollments, of_objects, account, metric_rules),
        "deliverability": emails.deliverability(rows, of_objects),
    }
    told = names.of_account(of_objects, of_users, templates, folders)
    return {table: names.beside_ids(table, found, told) for table, found in tables.items()}


def _of_portal(seeded: dict[tuple[str, str], str], portal_id: str) -> dict[str, str]:
    return {its_id: name for (portal, its_id), name in seeded.items() if portal == portal_id}


def first_loads(records: list[LandedRecord], portal_id: str) -> dict[tuple[str, str], int]:
    """(event type, event id) -> the load that brought the event first, of an account without conflicts."""
    found: dict[tuple[str, str], int] = {}
    for landed in records:
        if landed.portal_id == portal_id and landed.kind == "event":
            identity = (landed.record["eventType"], values.id_text(landed.record["id"]))
            found[identity] = min(landed.load, found.get(identity, landed.load))
    return found


def newest(of_events: list[facts.Event]) -> datetime | None:
    """What every status is as of: the newest event of a known type and plausible time, else the newest."""
    times = [event.occurred_at for event in of_events if event.kind != "unknown"]
    plausible = [at for at in times if issues.is_plausible(at)]
    return max(plausible or times, default=None)
