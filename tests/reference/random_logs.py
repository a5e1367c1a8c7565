"""Random small accounts, dense with ties and boundary cases, and random deliveries of them.

A record of an account is {"portal_id", "kind", "record"}: kind is "event" or an object type.
Everything is a function of a `random.Random`, so that one seed makes hundreds of accounts; the
Hypothesis strategies at the end draw the seed.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from . import calendars, random_answers, random_crm, random_objects, random_tables, values
from .landed import LandedRecord
from .random_pools import ACT, TIME_ZONES, TYPE_OF_KIND, WEEK, Account

AFTER_FINISH = (ACT, ACT + 1, 86400.0, WEEK, WEEK, WEEK + 0.001, WEEK + ACT, WEEK + ACT + 1)
# Seconds from an unenrollment by a meeting to the meeting.
TO_MEETING = (-ACT - 1, -ACT, -ACT, -4.0, -4.0, 0.0, 2.0, ACT, ACT + 1)
# Seconds between one thing and the next of the same story.
PACES = (0.0, 1.0, ACT, ACT + 1, 600.0, 3600.0, 3600.0, 86400.0, 86400.0, 2 * 86400.0)

SOURCES = (
    *("MANUAL", "WORKFLOW", "ACCOUNT_REPLY", "ACCOUNT_MEETING", "SEQUENCE_DELETED") * 7,
    *("MEETING", "REPLY", "ERROR") * 6,
    *("THREAD_REPLY", "reply", "Meeting"),
    *("SOMETHING_NEW", "") * 6,
)
QUIET_SOURCES = ("MANUAL", "WORKFLOW", "ACCOUNT_REPLY", "ERROR")
# One for each reason of an end.
REASONS = (
    "MANUAL",
    "WORKFLOW",
    "ACCOUNT_REPLY",
    "ACCOUNT_MEETING",
    "SEQUENCE_DELETED",
    "MEETING",
    "REPLY",
    "",
    "ERROR",
)
ERRORS = ("BOUNCED", "UNSUBSCRIBED", "bounced", "SEND_LIMIT", "SEND_LIMIT", "")
OTHER_TYPES = ("e_visited_page", "e_deal_closed", "e_call_ended", "e_some_new_event")
ENGAGEMENTS = ("opened", "opened", "clicked", "replied", "meeting_booked_through_sequence")


def _story(account: Account) -> None:
    """One enrollment from enrolling to its end, with everything that may go wrong."""
    rng = account.rng
    contact = rng.choice(account.contacts)
    sequence = rng.choice(account.sequences)
    has_id, has_sequence = rng.choice([(0.95, 0.8), (0.95, 0.3), (0.4, 0.7), (0.0, 0.9), (0, 0.4)])
    enrollment_id = rng.choice(account.enrollment_ids)
    at = account.near()

    def event(kind: str, when: datetime, **more: object) -> None:
        account.event(
            kind,
            account.use(when),
            contact if account.chance(0.95) else rng.choice(account.contacts),
            hs_enrollment_id=enrollment_id if account.chance(has_id) else None,
            hs_sequence_id=sequence if account.chance(has_sequence) else None,
            hs_enrolled_by=rng.choice(account.users) if account.chance(0.3) else None,
            hs_company_id=rng.choice(account.companies) if account.chance(0.15) else None,
            **more,
        )

    def pace() -> timedelta:
        return timedelta(seconds=rng.choice(PACES))

    if account.chance(0.85):
        event("enrolled", at)
        if account.chance(0.08):
            event("enrolled", account.near())
    for order in range(rng.choice([1, 2] if account.is_quiet else [0, 0, 1, 2, 3])):
        at += pace()
        template = rng.choice(account.templates) if account.chance(0.6) else None
        if account.chance(0.9):
            step = account.step_text(order) if account.chance(0.9) else None
            event("step_executed", at, hs_step_order=step, hs_template_id=template)
            if account.chance(0.15):
                twin = rng.choice(account.templates)
                event("step_executed", at, hs_step_order=step, hs_template_id=twin)
            if account.chance(0.12):
                when = at + timedelta(seconds=rng.choice([-1.0, 0.0, 0.0, 1.0]))
                event("errored", when, hs_step_error_type=rng.choice(ERRORS))
        for kind in rng.sample(ENGAGEMENTS, 0 if account.is_quiet else rng.choice([0, 0, 1, 2])):
            _engagement(account, event, kind, at + pace(), order, template)
    if account.is_bouncing or account.chance(0.75):
        at += pace()
        if not account.is_quiet and not account.is_bouncing and account.chance(0.2):
            _answer_beside_another_end(account, event, at)
        for _ in range(rng.choice([1, 1, 2, 2, 3])):
            _ending(account, event, at)
            at += timedelta(seconds=rng.choice([0.0, 0.0, ACT / 2, ACT, ACT + 0.001, ACT + 1, WEEK]))
    for kind in rng.sample(ENGAGEMENTS, 0 if account.is_quiet else rng.choice([0, 1, 1, 2])):
        _engagement(account, event, kind, account.near(), rng.randint(0, 2), None)


def _engagement(account: Account, event: Callable, kind: str, at, order: int, template) -> None:
    if kind == "meeting_booked_through_sequence":
        order = account.rng.randint(0, 2)  # whichever step it names
    step = account.step_text(order) if account.chance(0.3) else None
    if template is None and account.chance(0.6):
        template = account.rng.choice(account.templates)
    event(kind, at, hs_step_order=step, hs_template_id=template if account.chance(0.5) else None)


def _ending(account: Account, event: Callable, at) -> None:
    kind = account.rng.choices(
        ["finished", "unenrolled", "unenrolled_manually", "bounced", "unsubscribed", "errored"],
        [6, 8, 1, 1, 1, 2],
    )[0]
    more: dict[str, object] = {}
    if account.is_bouncing:
        kind = "bounced"
    if kind == "unenrolled":
        sources = QUIET_SOURCES if account.is_quiet and account.chance(0.9) else SOURCES
        more["hs_unenrolled_source"] = account.rng.choice(sources)
    if kind in ("unenrolled", "errored") and account.chance(0.8):
        more["hs_step_error_type"] = account.rng.choice(ERRORS)
    if account.chance(0.2):
        more["hs_step_order"] = account.step_text(account.rng.randint(0, 2))
    event(kind, at, **more)
    if kind == "finished" and account.chance(0.4):
        later = at + timedelta(seconds=account.rng.choice(AFTER_FINISH))
        event("meeting_booked_through_sequence", later)
    if more.get("hs_unenrolled_source") == "MEETING" and account.chance(0.6):
        _booking(account, event, at)


def _answer_beside_another_end(account: Account, event: Callable, at: datetime) -> None:
    """One act: a reply or a meeting unenrolls, and so does something that gives the reason."""
    rng = account.rng
    event(rng.choice(["bounced", "unsubscribed", "finished", "unenrolled_manually"]), at)
    for source in rng.sample(["REPLY", "THREAD_REPLY", *["MEETING"] * 3], rng.choice([1, 1, 2])):
        when = at + timedelta(seconds=rng.choice([-ACT / 2, 0.0, ACT / 2, ACT, ACT + 0.001]))
        event("unenrolled", when, hs_unenrolled_source=source)


def _booking(account: Account, event: Callable, unenrolled_at: datetime) -> None:
    """What unenrolled the contact by a meeting: booked at the same time, a step executed in between."""
    rng = account.rng
    booked_at = unenrolled_at + timedelta(seconds=rng.choice(TO_MEETING))
    step = account.step_text(rng.randint(0, 2)) if account.chance(0.5) else None
    template = rng.choice(account.templates) if account.chance(0.3) else None
    event("meeting_booked_through_sequence", booked_at, hs_step_order=step, hs_template_id=template)
    if account.chance(0.4):
        executed_at = booked_at + (unenrolled_at - booked_at) / 2
        event("step_executed", executed_at, hs_step_order=account.step_text(rng.randint(0, 2)))


def _exit(account: Account, number: int, source: str) -> None:
    """A step and the end after it: where more goes on, some reasons are hardly ever the first."""
    rng = account.rng
    contact, at = rng.choice(account.contacts), account.near()
    ids = {"hs_enrollment_id": f"88{number}", "hs_sequence_id": rng.choice(account.sequences)}
    error = {"hs_step_error_type": "SEND_LIMIT"} if source == "ERROR" else {}
    account.event("enrolled", at, contact, **ids)
    account.event("step_executed", at + timedelta(minutes=1), contact, hs_step_order="0", **ids)
    account.event(
        "unenrolled", at + timedelta(hours=1), contact, hs_unenrolled_source=source or None, **error, **ids
    )


def _stray(account: Account) -> None:
    """One event that knows no story: any kind, any contact, few properties."""
    rng = account.rng
    kind = rng.choice([*TYPE_OF_KIND, *ENGAGEMENTS, *ENGAGEMENTS, *OTHER_TYPES])
    account.event(
        kind,
        account.near(),
        rng.choice(account.contacts),
        hs_enrollment_id=rng.choice(account.enrollment_ids) if account.chance(0.2) else None,
        hs_sequence_id=rng.choice([*account.sequences, "404"]) if account.chance(0.3) else None,
        hs_template_id=rng.choice([*account.templates, "599"]) if account.chance(0.4) else None,
        hs_step_order=account.step_text(rng.randint(0, 3)) if account.chance(0.3) else None,
        hs_unenrolled_source=rng.choice(SOURCES) if account.chance(0.3) else None,
        hs_step_error_type=rng.choice(ERRORS) if account.chance(0.2) else None,
    )


def _newest_event(account: Account) -> None:
    """An event at, or next to, the moment at which the newest month of a sequence becomes mature."""
    rng = account.rng
    setting = {"time_zone": rng.choice(TIME_ZONES)}
    newest = max(values.time(occurred_at) for _, occurred_at in account.happened())
    at = calendars.end_of_month(calendars.month_of(newest, setting), setting)
    at += timedelta(milliseconds=rng.choice(account.lengths or [0]) + rng.choice([-1, 0, 0, 0, 0, 1]))
    account.event("e_visited_page", at, rng.choice(account.contacts))
    if account.chance(0.3):
        account.event("e_some_new_event", at + timedelta(days=60), rng.choice(account.contacts))
    if account.chance(0.3):  # of a clock that is off: such a time moves nothing
        absurd = rng.choice([datetime(2005, 12, 31, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)])
        account.event(rng.choice(["e_visited_page", "opened"]), absurd, rng.choice(account.contacts))


def random_account(rng: random.Random, portal_id: str, depends_on_loads: bool = False) -> list[dict]:
    """The records of one account, in no order; no two contradict each other.

    depends_on_loads: with records that do; what they say is decided by the loads that bring them.
    """
    account = Account(rng, portal_id)
    if account.chance(0.97):
        for _ in range(
            rng.choice([4, 6, 8] if account.is_quiet or account.is_bouncing else [1, 2, 3, 4, 6, 8])
        ):
            _story(account)
        for _ in range(0 if account.is_quiet else rng.choice([0, 2, 5])):
            _stray(account)
    if account.happened() and account.chance(0.4):
        for number, source in enumerate(rng.sample(REASONS, 2)):
            _exit(account, number, source)
    random_objects.add_objects(account)
    random_crm.add_crm(account)
    random_answers.add_answers(account)
    random_tables.add_tables(account)
    if depends_on_loads:
        random_tables.add_link_rows(account)
    if account.happened() and account.chance(0.6):
        _newest_event(account)
    rng.shuffle(account.records)
    return account.records


def random_setting(rng: random.Random) -> dict | None:
    """An account's row of the `accounts` seed; None when the seed does not name it."""
    if rng.random() < 0.25:
        return None
    return {
        "time_zone": rng.choice([*TIME_ZONES, "Europe/Nowhere", None, None]),
        "plan": rng.choice(["Sales Hub Starter", "Service Hub Starter", "Sales Hub Professional"]),
        "created_on": rng.choice(["2019-06-01", "2020-03-02", "2020-03-03", "2021-03-15"]),
        "currency": rng.choice(["EUR", "EUR", None]),
    }


def random_snapshots(rng: random.Random) -> list[str]:
    """Types of objects that an account lands as snapshots: its rows of the `snapshot_streams` seed."""
    return rng.sample(random_tables.SNAPSHOTS, rng.choice([0, 0, 0, 0, 1, 2]))


def random_names(rng: random.Random) -> tuple[dict[str, str], dict[str, str]]:
    """Id -> name, an account's rows of the seeds `folders` and `templates`."""
    folders = {its_id: f"Folder {its_id}" for its_id in ("61", "62") if rng.random() < 0.4}
    return folders, {its_id: f"Seeded {its_id}" for its_id in ("501", "502", "596") if rng.random() < 0.25}


def deliver(rng: random.Random, records: list[dict]) -> list[LandedRecord]:
    """Duplicate, shuffle and split records over 1-4 loads with 1-3 files for each kind."""
    copies = [one for one in records for _ in range(rng.choice([1, 1, 1, 2, 3]))]
    rng.shuffle(copies)
    loads = rng.randint(1, 4)
    files = rng.randint(1, 3)
    lines: dict[str, int] = {}
    landed = []
    for one in copies:
        load = rng.randint(1, loads)
        folder = "events" if one["kind"] == "event" else f"objects/{one['kind']}"
        file = rng.choice(["b", "a/c", "d"][:files])
        path = f"portal={one['portal_id']}/{folder}/{file}_{load}.jsonl"
        lines[path] = lines.get(path, 0) + rng.choice([1, 1, 1, 2])
        landed.append(LandedRecord(load, path, lines[path], one["portal_id"], one["kind"], one["record"]))
    return landed


def smallest(records: list[dict], fails: Callable[[list[dict]], bool]) -> list[dict]:
    """Leave out records for as long as the rest still fails: an example a reader can follow."""
    left = list(records)
    shrinking = True
    while shrinking:
        shrinking = False
        for index in reversed(range(len(left))):
            fewer = left[:index] + left[index + 1 :]
            if fails(fewer):
                left, shrinking = fewer, True
    return left


seeds = st.integers(min_value=0, max_value=2**32 - 1)


@st.composite
def portal(draw: st.DrawFn, portal_id: str) -> list[dict]:
    """Strategy: the records of one random account."""
    return random_account(random.Random(draw(seeds)), portal_id)


@st.composite
def deliveries(draw: st.DrawFn, records: list[dict]) -> list[LandedRecord]:
    """Strategy: one way in which these records may land."""
    return deliver(random.Random(draw(seeds)), records)
