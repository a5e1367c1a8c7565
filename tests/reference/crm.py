"""What CRM objects say: contacts, companies, sequences, snapshots of enrollments, deals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext

from . import merges, stages, values

LONGEST_DELAY = 315_360_000_000  # ten years


@dataclass
class Contact:
    """A contact as it is now."""

    email: str | None
    first_name: str | None
    last_name: str | None
    company_id: str | None


@dataclass
class Sequence:
    """A sequence as it is now; length is None when none of its steps is known."""

    name: str | None
    folder_id: str | None
    created_at: datetime | None
    length: timedelta | None


@dataclass
class Snapshot:
    """What somebody saw of an enrollment at a time: its state and what it waits for."""

    state: str | None
    dependency: str | None


@dataclass
class Deal:
    """A deal that counts; contacts are the last survivors of those it is associated with."""

    deal_id: str
    name: str | None
    pipeline_id: str | None
    stage_id: str | None
    created_at: datetime | None
    closed_at: datetime | None
    amount: Decimal | None
    currency: str | None
    home_amount: Decimal | None
    is_closed_won: bool
    contacts: set[str]
    credited_enrollment_id: str | None = None


def read_contacts(contacts: list[dict], linked: dict) -> dict[str, Contact]:
    """Contact id -> contact; its company is the one it names, else the first it is linked to."""
    read = {}
    for contact in contacts:
        properties = contact.get("properties") or {}
        contact_id = values.id_text(contact["id"])
        companies = linked.get(("contacts", contact_id, "companies"), [])
        read[contact_id] = Contact(
            values.text(properties.get("email")),
            values.text(properties.get("firstname")),
            values.text(properties.get("lastname")),
            values.id_text(properties.get("associatedcompanyid")) or next(iter(companies), None),
        )
    return read


def read_company_names(companies: list[dict]) -> dict[str, str | None]:
    """Company id -> name."""
    return {
        values.id_text(company["id"]): values.text((company.get("properties") or {}).get("name"))
        for company in companies
    }


def steps_of(sequence: dict) -> dict[int, dict]:
    """Step order -> step, of a sequence's present definition; finishing is no step.

    Of steps of the same order the one with the smallest id as text is there.
    """
    steps: dict[int, dict] = {}
    for step in sorted(sequence.get("steps") or [], key=lambda step: values.text(step.get("id")) or ""):
        if (values.text(step.get("actionType")) or "").upper() == "FINISH_ENROLLMENT":
            continue
        order = values.step_order(step.get("stepOrder"))
        if order is not None:
            steps.setdefault(order, step)
    return steps


def delay_of(step: dict) -> int | None:
    """Milliseconds to wait before a step; more than ten years, or less than none, are a mistake."""
    delay = values.number(step.get("delayMillis"))
    return int(delay) if delay is not None and 0 <= delay <= LONGEST_DELAY else None


def read_sequences(sequences: list[dict]) -> dict[str, Sequence]:
    """Sequence id -> sequence."""
    read = {}
    for sequence in sequences:
        length = None
        for step in steps_of(sequence).values():
            length = length or timedelta()
            length += timedelta(milliseconds=delay_of(step) or 0)
        read[values.id_text(sequence["id"])] = Sequence(
            values.text(sequence.get("name")),
            values.id_text(sequence.get("folderId")),
            values.time(sequence.get("createdAt")),
            length,
        )
    return read


def read_snapshots(snapshots: list[dict]) -> dict[str, Snapshot]:
    """Enrollment id -> its latest snapshot that is not archived."""

    def recency(snapshot: dict) -> tuple[datetime, str]:
        return (values.time(snapshot.get("updatedAt")) or values.EPOCH, values.id_text(snapshot["id"]))

    read = {}
    for snapshot in sorted(snapshots, key=recency):
        if not is_archived(snapshot):
            properties = snapshot.get("properties") or {}
            state = values.text(properties.get("hs_enrollment_state"))
            if state is None and values.id_text(snapshot.get("contactId")) is not None:
                continue  # the answer that names a contact's enrollment knows no states
            own_id = values.id_text(snapshot["id"])
            enrollment_id = values.id_text(properties.get("hs_enrollment_id")) or own_id
            read[enrollment_id] = Snapshot(
                (values.text(properties.get("hs_enrollment_state")) or "").upper() or None,
                (values.text(properties.get("hs_dependency_type")) or "").upper() or None,
            )
    return read


def read_deals(
    deals: list[dict],
    merged: dict[str, str],
    of_stages: list[stages.Stage],
    linked: dict,
    edges: dict[str, str],
    account_currency: str | None,
    rates: dict[str, Decimal],
) -> list[Deal]:
    """The deals that are neither archived nor merged into others, credited to nothing yet.

    merged: deal -> the one it was merged into. linked: see links.read_links. edges: the same of contacts.
    """
    read = []
    for deal in deals:
        deal_id = values.id_text(deal["id"])
        if is_archived(deal) or merges.is_merged(deal_id, merged):
            continue
        properties = deal.get("properties") or {}
        created_at = values.time(properties.get("createdate")) or values.time(deal.get("createdAt"))
        read.append(
            Deal(
                deal_id=deal_id,
                name=values.text(properties.get("dealname")),
                pipeline_id=values.id_text(properties.get("pipeline")),
                stage_id=values.id_text(properties.get("dealstage")),
                created_at=created_at,
                closed_at=values.time(properties.get("closedate")),
                amount=values.money(properties.get("amount")),
                currency=currency_of(properties),
                home_amount=home_amount(properties, account_currency, rates),
                is_closed_won=_is_closed_won(properties, of_stages),
                contacts={
                    merges.last_survivor(contact_id, edges)
                    for contact_id in linked.get(("deals", deal_id, "contacts"), [])
                },
            )
        )
    return read


def currency_of(properties: dict) -> str | None:
    """The code of the currency that a deal names, or None."""
    return (values.text(properties.get("deal_currency_code")) or "").strip().upper() or None


def home_amount(
    properties: dict, account_currency: str | None, rates: dict[str, Decimal] | None = None
) -> Decimal | None:
    """The deal's amount in the account's currency; None when nothing tells it.

    HubSpot's own conversion, else the amount in no or the account's currency, else by the deal's rate,
    else by the account's rate of that currency.
    """
    stated = values.money(properties.get("amount_in_home_currency"))
    if stated is not None:
        return stated
    amount = values.money(properties.get("amount"))
    if amount is None:
        return None
    currency = currency_of(properties)
    if currency is None or currency == (account_currency or "").upper():
        return amount
    rate = values.exchange_rate(properties.get("hs_exchange_rate")) or (rates or {}).get(currency)
    if rate is None:
        return None
    with localcontext(prec=60):
        return (amount * rate).quantize(Decimal("0.000001"), rounding=ROUND_HALF_UP)


def is_archived(one: dict) -> bool:
    """Whether an object is said to be gone, by HubSpot or by a tool."""
    names = ("archived", "is_deleted", "isDeleted", "_fivetran_deleted")
    return any(values.is_true(one.get(name)) for name in names)


def _is_closed_won(properties: dict, of_stages: list[stages.Stage]) -> bool:
    """The deal's own word; where it has none, its stage's."""
    own_word = values.truth(properties.get("hs_is_closed_won"))
    if own_word is not None:
        return own_word
    stage_id, pipeline_id = (values.id_text(properties.get(name)) for name in ("dealstage", "pipeline"))
    return stages.is_won(stage_id, pipeline_id, of_stages)
