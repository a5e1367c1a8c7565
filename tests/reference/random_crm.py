"""Random deals, pipelines, companies and snapshots of enrollments of a random account."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from . import values
from .random_links import links
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
ZONES = ("US/Eastern", "europe/oslo", "Europe/Oslo", "UTC", "Asia/Kathmandu", "GMT+5", "Nowhere")
STAGES = ("new", "closed", "closed", "3")
# Labels of stages and pipelines: some are of several, one is the id of another.
LABELS = {"new": ("New", "new"), "closed": ("Closed won", "Signed"), "3": ("Signed", "closed", "")}
PIPELINES = {"default": "Sales Pipeline", "88": "Renewals"}
NAMED_STAGES = (*STAGES * 2, "Closed Won", " signed", "NEW")
NAMED_PIPELINES = (*("default",) * 3, "88", "99", "sales pipeline ", "Renewals")
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
    _answers(account)
    _information(account)


def _companies(account: Account) -> None:
    merging = account.chance(0.3)
    for position, company in enumerate((*account.companies, "803")):
        if account.chance(0.6):
            older = [*account.companies[:position], "804"]
            versions = [
                {
                    "properties": missing_or(account, "name", name, 0.8)
                    | missing_or(account, "domain", f"{name.lower().replace(' ', '-')}.example", 0.7)
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
                    stage_id = int(stage) if stage == "3" else stage
                    label = account.rng.choice(LABELS[stage])
                    id_name = account.rng.choice(["id", "id", "id", "stageId"])
                    stages.append({id_name: stage_id, "label": label, "metadata": metadata})
            label = account.rng.choice([PIPELINES[pipeline], *PIPELINES.values()])
            versions.append({"label": label, "stages": stages, "archived": account.chance(0.15)})
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
                | missing_or(account, "pipeline", rng.choice(NAMED_PIPELINES), 0.7)
                | missing_or(account, "dealstage", rng.choice(NAMED_STAGES), 0.9)
                | missing_or(account, "hs_is_closed_won", rng.choice(TRUTHS), 0.4)
                | missing_or(account, "deal_currency_code", rng.choice(CURRENCIES), 0.5)
                | missing_or(account, "amount_in_home_currency", rng.choice(AMOUNTS), 0.3)
                | missing_or(account, "hs_exchange_rate", rng.choice(RATES), 0.4)
                | (merged_ids(account, [str(older) for older in range(number)]) if merging else {}),
                "archived": account.chance(0.1),
                "createdAt": rng.choice([created(account), created(account), ""]),
            }
            if account.chance(0.95):
                version["associations"] = {"contacts": links(account, "contacts", contacts)}
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
            told = _told(account) if account.chance(0.4) else {}
            versions.append({"properties": properties, "archived": account.chance(0.15)} | told)
        add_object(account, "sequence_enrollments", snapshot, versions)


def _answers(account: Account) -> None:
    """Whether contacts are enrolled, as the endpoint told; of ids that events need not know."""
    rng = account.rng
    for contact in rng.sample(account.contacts, rng.randint(0, len(account.contacts))):
        if account.chance(0.4):
            none = {"enrolledAt": None, "contactId": contact, "fetchedAt": account.time_value(account.near())}
            add_object(account, "sequence_enrollments", f"contact/{contact}", [none])
    for answer in ("A-1", "A-2", "A-3", *account.enrollment_ids[1:3]):
        if account.chance(0.35):
            versions = [_told(account) | {"archived": account.chance(0.1)} for _ in range(rng.randint(1, 2))]
            # a snapshot of the same id at the same time would contradict it
            add_object(account, "sequence_enrollments", answer, versions, seconds=30)


def _told(account: Account) -> dict:
    """What an answer says: a beginning at, or at a telling distance from, what happened to the contact."""
    rng = account.rng
    contact, enrolled_at = rng.choice(account.contacts), account.time_value(account.near())
    if account.chance(0.6):
        enrolled_at, contact = _at_an_event(account)
        before = values.time(enrolled_at) - timedelta(seconds=rng.choice([0, 0, 1, 60, 61, 86400]))
        enrolled_at = account.time_value(before)
    told = missing_or(account, "contactId", account.id_value(contact), 0.9)
    told |= missing_or(account, "sequenceId", rng.choice([*account.sequences * 3, "7.1E+1"]), 0.95)
    told |= missing_or(account, "enrolledAt", rng.choice([enrolled_at] * 9 + ["some day"]), 0.95)
    return told | missing_or(account, "fetchedAt", account.time_value(account.near()), 0.8)


def _information(account: Account) -> None:
    """What an account says of itself, and rates into its own and into other currencies."""
    rng = account.rng
    if account.chance(0.5):
        versions = [
            missing_or(account, "timeZone", rng.choice(ZONES), 0.9)
            | missing_or(account, "companyCurrency", rng.choice(["EUR", "eur", "NOK", " NOK "]), 0.8)
            | {"archived": account.chance(0.1)}
            for _ in range(rng.randint(1, 2))
        ]
        add_object(account, "accounts", account.portal_id, versions)
    for number in range(rng.choice([0, 0, 2, 4, 6])):
        version = {
            "fromCurrencyCode": rng.choice([*CURRENCIES, ""]),
            "toCurrencyCode": rng.choice(["EUR", "eur", "NOK", "USD"]),
            "conversionRate": rng.choice(RATES),
            "archived": account.chance(0.1),
        }
        version |= missing_or(account, "effectiveAt", account.time_value(account.near()), 0.8)
        add_object(account, "exchange_rates", str(number), [version])
