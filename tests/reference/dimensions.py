"""Rows of the dimensions, but for dim_users: what objects say now, and what enrollments alone know of."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from . import calendars, crm, links, merges, names, values
from .enrollments import is_legacy_starter
from .facts import Objects
from .landed import LandedRecord

# Days without which one absurd time would make a million of them.
FIRST_DAY, END_OF_DAYS = date(2000, 1, 1), date(2100, 1, 1)


def dim_accounts(portal_id: str, account: dict, as_of: datetime | None, metric_rules: str) -> list[dict]:
    """One row: the account, and whose rules are in force for it."""
    created_on = account.get("created_on") or None
    if isinstance(created_on, str):
        created_on = date.fromisoformat(created_on)
    follows_2022 = metric_rules == "current" and is_legacy_starter(account)
    return [
        {
            "portal_id": portal_id,
            "account_name": account.get("account_name") or None,
            "time_zone": account["time_zone"],
            "plan": account.get("plan") or None,
            "created_on": created_on,
            "currency": account["currency"],
            "as_of": as_of,
            "is_legacy_starter": is_legacy_starter(account),
            "metric_rules": "2022" if follows_2022 else metric_rules,
        }
    ]


def dim_contacts(
    portal_id: str, landed: list[LandedRecord], rows: list[dict], edges: dict[str, str]
) -> list[dict]:
    """rows: fct_enrollments. edges: old contact id -> the one it was merged into."""
    contacts = crm.read_contacts(_records(landed, "contacts").values(), links.read_links(landed))
    return [
        {
            "portal_id": portal_id,
            "contact_id": contact_id,
            "merged_into_contact_id": _merged_into(contact_id, edges),
            "email": contacts[contact_id].email if record else None,
            "first_name": contacts[contact_id].first_name if record else None,
            "last_name": contacts[contact_id].last_name if record else None,
            "contact_name": names.full_name(contacts[contact_id].first_name, contacts[contact_id].last_name)
            if record
            else None,
            "company_id": contacts[contact_id].company_id if record else None,
            **_state(record),
        }
        for contact_id, record in _known_or_seen(landed, "contacts", rows, "contact_id")
    ]


def dim_companies(
    portal_id: str, landed: list[LandedRecord], rows: list[dict], edges: dict[str, str]
) -> list[dict]:
    """rows: fct_enrollments. edges: old company id -> the one it was merged into."""
    report = []
    for company_id, record in _known_or_seen(landed, "companies", rows, "company_id"):
        properties = (record or {}).get("properties") or {}
        report.append(
            {
                "portal_id": portal_id,
                "company_id": company_id,
                "merged_into_company_id": _merged_into(company_id, edges),
                "company_name": values.text(properties.get("name")),
                "domain": values.text(properties.get("domain")),
                **_state(record),
            }
        )
    return report


def dim_sequences(
    portal_id: str,
    landed: list[LandedRecord],
    rows: list[dict],
    objects: Objects,
    folders: dict[str, str],
) -> list[dict]:
    """rows: fct_enrollments. folders: id -> name, as the seed says."""
    report = []
    for sequence_id, record in _known_or_seen(landed, "sequences", rows, "sequence_id"):
        sequence = objects.sequences.get(sequence_id)
        length = sequence.length if sequence else None
        report.append(
            {
                "portal_id": portal_id,
                "sequence_id": sequence_id,
                "sequence_name": sequence.name if sequence else None,
                "folder_id": sequence.folder_id if sequence else None,
                "folder_name": folders.get(sequence.folder_id) if sequence else None,
                "owner_user_id": values.id_text((record or {}).get("userId")),
                "length_milliseconds": None if length is None else length // timedelta(milliseconds=1),
                "created_at": sequence.created_at if sequence else None,
                **_state(record),
            }
        )
    return report


def dim_sequence_steps(portal_id: str, landed: list[LandedRecord]) -> list[dict]:
    """By (account, sequence, step order) of the present definitions."""
    return [
        {
            "portal_id": portal_id,
            "sequence_id": sequence_id,
            "step_order": order,
            "step_number": order + 1,
            "action_type": _upper(step.get("actionType")),
            "task_type": _upper((step.get("taskPattern") or {}).get("taskType")),
            "template_id": values.id_text((step.get("emailPattern") or {}).get("templateId"))
            or values.id_text((step.get("taskPattern") or {}).get("templateId")),
            "delay_milliseconds": crm.delay_of(step),
        }
        for sequence_id, record in _records(landed, "sequences").items()
        for order, step in crm.steps_of(record).items()
    ]


def dim_days(enrollments: list[dict], accounts: list[dict]) -> list[dict]:
    """Every day from the first that anything happened on to the last, over all accounts.

    enrollments: fct_enrollments. accounts: dim_accounts.
    """
    spans = [(row["enrolled_on"], row["ended_on"] or row["enrolled_on"]) for row in enrollments]
    newest = [calendars.day_of(row["as_of"], row) for row in accounts if row["as_of"] is not None]
    spans += [(day, day) for day in newest]
    spans = [(first, last) for first, last in spans if first >= FIRST_DAY and last < END_OF_DAYS]
    if not spans:
        return []
    day, last = min(first for first, _ in spans), max(last for _, last in spans)
    rows = []
    while day <= last:
        rows.append(
            {
                "date_day": day,
                "date_week": day - timedelta(days=day.weekday()),
                "date_month": day.replace(day=1),
                "date_quarter": day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1),
                "date_year": day.replace(month=1, day=1),
                "weekday": day.isoweekday(),
            }
        )
        day += timedelta(days=1)
    return rows


def _records(landed: list[LandedRecord], kind: str) -> dict[str, dict]:
    """Id -> object of one type."""
    return {values.id_text(one.record["id"]): one.record for one in landed if one.kind == kind}


def _known_or_seen(
    landed: list[LandedRecord], kind: str, rows: list[dict], column: str
) -> list[tuple[str, dict | None]]:
    """(id, its object or None) of all that was loaded or that an enrollment names."""
    records = _records(landed, kind)
    ids = records.keys() | {row[column] for row in rows} - {None}
    return [(one, records.get(one)) for one in sorted(ids)]


def _state(record: dict | None) -> dict:
    return {
        "updated_at": values.time(record.get("updatedAt")) if record else None,
        "is_archived": crm.is_archived(record) if record else False,
        "is_known": record is not None,
    }


def _merged_into(object_id: str, edges: dict[str, str]) -> str | None:
    """Whom it counts as; None where that is itself: never merged, or the survivor of a circle of merges."""
    survivor = merges.last_survivor(object_id, edges) if object_id in edges else object_id
    return None if survivor == object_id else survivor


def _upper(value: object) -> str | None:
    return (values.text(value) or "").upper() or None
