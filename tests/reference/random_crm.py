"""Random deals, pipelines, companies and snapshots of enrollments of a random account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import values
from .random_objects import add_object, created, merged_ids, missing_or

if TYPE_CHECKING:
    from .random_pools import Account

AMOUNTS = (
    *("1000", "99.99", "0.1", "0.2", "0.30", "-50", "1e3", " 75 ", 250, 12.5) * 2,
    *("$1,000.50", "1.000,50", "1000,5", "1 000", "1,000", {"value": "20", "timestamp": 5}),
    *("abc", "1,000.00", "NaN", "1e20", "-1e21", "1_000"),
    *("99999999999999999999", "1234567.123456", "0.1234567"),
)
CURRENCIES = ("EUR", "EUR", "eur", "NOK", "JPY")
RATES = ("11.5", "0.068", "1", "0", "-2", "a lot", 2, "0.123456789")
TRUTHS = (*("true", "false", " True ", True, "1", "0", 1, 0, "yes", "NO", "1.0") * 2, "perhaps", "2")
STATES = (*("PAUSED",) * 8, "paused", "EXECUTING", "FINISHED", "UNENROLLED", "")
DEPENDENCIES = (*("TASK_COMPLETION", "MANUAL_PAUSE") * 2, "SOMETHING_NEW", "")
STAGES = ("new", "closed", "closed", "3")
OUTCOMES = (
    *({"isClosed": "true", "probability": "1.0"}, {"isClosed": "TRUE", "probability": "1"}) * 2,
    *({"isClosed": True, "probability": 1}, {"isClosed": "true", "probability": "0.0"}),
    *({"isClosed": 1, "probability": 1.0}, {"isClosed": "perhaps", "probability": "1.0"}),
    *({"isClosed": "false", "probability": "1.0"}, {"isClosed": "true", "probability": ""}),
    *({"isClosed": "false", "probability": "0.2"}, {"isClosed": "true"}, {}, None),
)


def add_crm(account: Account) -> None:
    """Add 0 or more objects of each of these types to the account's records."""
    _companies(account)
    _pipelines(account)
    _deals(account)
    _snapshots(account)


def _companies(account: Account) -> None:
    merging = account.chance(0.3)
    for position, company in enumerate((*account.companies, "803")):
        if account.chance(0.6):
            older = [*account.companies[:position], "804"]
            versions = [
                {
                    "properties": missing_or(account, "name", name, 0.8)
                    | (merged_ids(account, older) if merging else {}),
                    "archived": account.chance(0.1),
                }
                for name in account.rng.choice([["Nordlys"], ["Harbor", "Harbor Supply"]])
            ]
            add_object(account, "companies", company, versions)


def _pipelines(account: Account) -> None:
    """The same stage ids in several pipelines, closed-won in some of them."""
    for pipeline in ("default", "88"):
        if not account.chance(0.8):
            continue
        versions = []
        for _ in range(account.rng.randint(1, 2)):
            stages = []
            for stage in dict.fromkeys(STAGES):
                if account.chance(0.85):
                    metadata = account.rng.choice(OUTCOMES)
                    stages.append({"id": int(stage) if stage == "3" else stage, "metadata": metadata})
            versions.append({"label": "Sales", "stages": stages, "archived": account.chance(0.15)})
        add_object(account, "pipelines", pipeline, versions)


def _deals(account: Account) -> None:
    rng = account.rng
    merging = account.chance(0.3)
    for number in range(rng.choice([0, 1, 2, 3, 5])):
        versions = []
        created_at = created(account)
        contacts = rng.choices([*account.contacts, "555"], k=rng.choice([0, 1, 1, 2, 3]))
        if account.chance(0.4):
            created_at, contact = _at_an_event(account)
            contacts.append(contact)
        for _ in range(rng.randint(1, 2)):
            version = {
                "properties": {"dealname": f"Deal {number}"}
                | missing_or(account, "amount", rng.choice(AMOUNTS), 0.85)
                | missing_or(account, "createdate", created_at, 0.75)
                | missing_or(account, "closedate", created(account), 0.5)
                | missing_or(account, "pipeline", rng.choice(["default", "default", "88", "99"]), 0.7)
                | missing_or(account, "dealstage", rng.choice(STAGES), 0.9)
                | missing_or(account, "hs_is_closed_won", rng.choice(TRUTHS), 0.4)
                | missing_or(account, "deal_currency_code", rng.choice(CURRENCIES), 0.5)
                | missing_or(account, "amount_in_home_currency", rng.choice(AMOUNTS), 0.3)
                | missing_or(account, "hs_exchange_rate", rng.choice(RATES), 0.4)
                | (merged_ids(account, [str(older) for older in range(number)]) if merging else {}),
                "archived": account.chance(0.1),
                "createdAt": rng.choice([created(account), created(account), ""]),
            }
            if account.chance(0.95):
                version["associations"] = {"contacts": {"results": _associated(account, contacts)}}
            versions.append(version)
        add_object(account, "deals", str(number), versions)


def _at_an_event(account: Account) -> tuple[str, str]:
    """When something happened to a contact: most often what started an enrollment."""
    happened = account.happened()
    if not happened:
        return (created(account), account.contacts[0])
    of_two = account.rng.sample(happened, min(2, len(happened)))
    contact, occurred_at = min(of_two, key=lambda event: values.time(event[1]))
    return (str(occurred_at), contact)


def _associated(account: Account, contacts: list[str]) -> list[dict]:
    """The contacts, some of them twice, merged or unknown; ids as text or as numbers."""
    return [{"id": account.id_value(contact), "type": "deal_to_contact"} for contact in contacts]


def _snapshots(account: Account) -> None:
    """Snapshots under ids of their own, or under the enrollment's where they name none."""
    rng = account.rng
    happened = [one["record"]["properties"] for one in account.records if one["kind"] == "event"]
    named = {values.id_text(properties.get("hs_enrollment_id")) or "no such" for properties in happened}
    named |= {account.enrollment_ids[0]}
    ids = [*sorted(named), "1", "2", "20"]
    for snapshot in rng.sample(ids, rng.randint(0, len(ids))):
        enrollment_id = rng.choice(sorted(named))
        versions = []
        for _ in range(rng.randint(1, 2)):
            properties = missing_or(account, "hs_enrollment_id", enrollment_id, 0.6)
            properties |= missing_or(account, "hs_enrollment_state", rng.choice(STATES), 0.95)
            properties |= missing_or(account, "hs_dependency_type", rng.choice(DEPENDENCIES), 0.9)
            versions.append({"properties": properties, "archived": account.chance(0.15)})
        add_object(account, "sequence_enrollments", snapshot, versions)
