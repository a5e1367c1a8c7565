"""Random answers of HubSpot's sequence performance endpoint, with small numbers that are often ours."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from .random_objects import add_object

if TYPE_CHECKING:
    from .random_pools import Account

SUMMARY = (
    *("contacts", "enrolled", "engaged", "noResponse", "opened", "clicked", "replied", "bounced"),
    *("unsubscribed", "meetingsBooked", "associatedDeals", "dealsClosed", "totalRevenue", "somethingNew"),
)
STEP = (
    *("executionCount", "opened", "clicked", "replied", "meetingsBooked", "tasksCompleted"),
    "personalizationRateAvg",
)
COMPANY = (
    *("companiesEnrolled", "companiesEngaged", "companiesScheduledMeeting"),
    "contactsEnrolledWithCompanyId",
)
NUMBERS = (*(0, 1, 2, 3) * 4, 4, 7, "1", "2.0", 1.5, 1000.25)
NO_NUMBERS = ("", "abc", None, True, {"value": 1}, [1])
STATUSES = ("EXECUTING", "executing", "PAUSED", "FINISHED", "UNENROLLED", "SOMETHING_NEW", "")


def add_answers(account: Account) -> None:
    """Add answers for some sequences, some of them twice under ids of their own."""
    if account.chance(0.3):
        return
    rng = account.rng
    for sequence in (*account.sequences, "900", "no such"):
        if not account.chance(0.6):
            continue
        ids = rng.sample([sequence, f"{sequence}-1", f"{sequence}-2"], rng.choice([1, 1, 2]))
        for position, object_id in enumerate(ids):
            versions = [_answer(account, sequence, object_id, position) for _ in range(rng.choice([1, 1, 2]))]
            add_object(account, "sequence_performance", object_id, versions)


def _answer(account: Account, sequence: str, object_id: str, position: int) -> dict:
    rng = account.rng
    answer: dict[str, object] = {"archived": account.chance(0.1)}
    if object_id != sequence or account.chance(0.5):
        answer["sequenceId"] = sequence
    # which of two answers at one time counts is decided by the order of their arrival
    if position or account.chance(0.9):
        answer["fetchedAt"] = _fetched_at(account, position) if position or account.chance(0.9) else ""
    if account.chance(0.95):
        answer["summary"] = _figures(account, SUMMARY)
    if account.chance(0.6):
        answer["companyMetrics"] = _figures(account, COMPANY) if account.chance(0.9) else None
    if account.chance(0.8):
        answer["steps"] = [
            {"stepKey": "7", "stepOrder": account.step_text(rng.randint(0, 3))} | _figures(account, STEP)
            for _ in range(rng.randint(0, 4))
        ]
    if account.chance(0.8):
        answer["statusByStep"] = [
            {
                "currentStepOrder": account.step_text(rng.randint(0, 2)),
                "enrollmentStatus": rng.choice(STATUSES),
            }
            | _figures(account, ("count",))
            for _ in range(rng.randint(0, 5))
        ]
    return answer


def _fetched_at(account: Account, position: int) -> object:
    """Amid the events, or up to days after the newest; never when another answer was."""
    if not position and account.chance(0.6):
        return account.time_value(account.near())
    hours = account.rng.choice([0.5, 1, 1.5, 24, 24 * 14])
    return account.time_value(max(account.times) + timedelta(hours=hours, seconds=position))


def _figures(account: Account, names: tuple[str, ...]) -> dict:
    return {
        name: account.rng.choice(NUMBERS if account.chance(0.95) else NO_NUMBERS)
        for name in names
        if account.chance(0.85)
    }
