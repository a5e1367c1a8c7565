"""Random objects of a random account: contacts, sequences, tasks, meetings, owners."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from .random_links import links

if TYPE_CHECKING:
    from .random_pools import Account

ACTIONS = (*("EMAIL", "TASK") * 3, "FINISH_ENROLLMENT", "finish_enrollment", None)
FINISHING = ("FINISH_ENROLLMENT", "finish_enrollment")
DELAYS = (0, 0, 3_600_000, 86_400_000, "86400000", 7 * 86_400_000, "")
# Of steps whose delay does not count: no sequence is known to be as long as these say.
ABSURD_DELAYS = (-1, 315_360_000_001, "a day")

COMPLETED = (["true"], ["false", "1"], ["0"], [1], [0, True], ["perhaps"])
STATUSES = ("COMPLETED", "completed", "NOT_STARTED", "WAITING")
# As bytes a capital comes before a small letter, and that before any with an accent.
SUBJECTS = ("A question", "a question", "Ærlig talt", "Zebras", " ")
DIRECTIONS = ("EMAIL", "EMAIL", "FORWARDED_EMAIL", "INCOMING_EMAIL", "incoming_email")
EMAILS = (
    *(" kari@example.com ", '"Ola Nes" <ola@Mail.example.com>', "ola@example.com (work)", "a@", "<a@>"),
    *("ann@example.com", "Bo@Example.COM", "kari@mail.example.com", '"o@o"@example.org', "no address"),
)


def add_objects(account: Account) -> None:
    """Add 0 or more objects of each type to the account's records."""
    _contacts(account)
    _sequences(account)
    _tasks(account)
    _meetings(account)
    _owners(account)
    _templates(account)
    _emails(account)
    _removals(account)


def add_object(account: Account, kind: str, object_id: str, versions: list[dict], seconds: int = 0) -> None:
    """Add versions of one object, each with a later updatedAt than the one before.

    seconds: 0 to 59, of every updatedAt: objects of different seconds never have the same.
    """
    updated_at = min(account.times) + timedelta(seconds=seconds)
    for version in versions:
        updated_at += timedelta(minutes=account.rng.randint(1, 3))
        if version.get("archived") and account.chance(0.3):
            name = account.rng.choice(["archived", "is_deleted", "isDeleted", "_fivetran_deleted"])
            version = version | {"archived": False} | {name: account.rng.choice([1, "1", "TRUE", "yes"])}
        record = {
            "id": account.id_value(object_id),
            "createdAt": account.time_value(min(account.times)),
            "updatedAt": account.time_value(updated_at),
            "archived": False,
        }
        account.add(kind, record | version)


def missing_or(account: Account, name: str, value: object, probability: float) -> dict:
    """{name: value}, or {name: ""}, or nothing."""
    if account.chance(probability):
        return {name: value}
    return {name: ""} if account.chance(0.5) else {}


def _owners(account: Account) -> None:
    """Users who left have no names and no userId any more; some have two owners, some none at first."""
    rng = account.rng
    for number in range(rng.randint(0, 3)):
        user = rng.choice([31, "32", 33.0])
        versions = []
        for _ in range(rng.randint(1, 3)):
            has_left = account.chance(0.4)
            version = {"userId": rng.choice([None, ""]) if has_left else user, "archived": has_left}
            version |= missing_or(account, "userIdIncludingInactive", user, 0.7)
            for field, names in (("email", ["a@b.example", "c@d.example"]), ("firstName", ["Kari", "Ola"])):
                version |= missing_or(account, field, rng.choice(names), 0.2 if has_left else 0.8)
            last_name = rng.choice(["Nes", "Moe"])
            versions.append(version | missing_or(account, "lastName", last_name, 0.1 if has_left else 0.8))
        add_object(account, "owners", str(number), versions, seconds=number)


def _templates(account: Account) -> None:
    """Names of some templates, of one that nothing else names, and versions that have lost theirs."""
    for template in (*account.templates, "599", "598"):
        if not account.chance(0.3):
            continue
        versions = []
        for _ in range(account.rng.randint(1, 2)):
            version = {"folderId": "61", "archived": account.chance(0.15)}
            version |= missing_or(account, "name", account.rng.choice(["Intro", "Last call", " "]), 0.7)
            versions.append(version)
        add_object(account, "templates", template, versions)


def _emails(account: Account) -> None:
    """E-mails of few templates with few subjects, so that some are equally frequent; answers among them."""
    rng = account.rng
    templates = [*account.templates, "597"]
    for number in range(rng.choice([0, 0, 2, 5, 9])):
        versions = []
        for _ in range(rng.choice([1, 1, 2])):
            template = account.id_value(rng.choice(templates)) if account.chance(0.95) else account.no_id()
            properties = missing_or(account, "hs_template_id", template, 0.95)
            properties |= missing_or(account, "hs_email_subject", rng.choice(SUBJECTS), 0.9)
            properties |= missing_or(account, "hs_email_direction", rng.choice(DIRECTIONS), 0.8)
            versions.append({"properties": properties, "archived": account.chance(0.3)})
        add_object(account, "emails", str(number), versions)


def _contacts(account: Account) -> None:
    merging = account.chance(0.4)
    for position, contact in enumerate(account.contacts):
        if not account.chance(0.8):
            continue
        versions = []
        for _ in range(account.rng.randint(1, 2)):
            company = account.rng.choice(account.companies)
            properties = missing_or(
                account, "associatedcompanyid", account.rng.choice([company, int(company), "8.01E+2"]), 0.6
            )
            properties |= missing_or(account, "email", account.rng.choice(EMAILS), 0.8)
            properties |= missing_or(account, "firstname", account.rng.choice(["Ann", "Bo", " "]), 0.6)
            properties |= missing_or(account, "lastname", account.rng.choice(["Berg", "Dahl"]), 0.6)
            properties |= _merged_contacts(account, position) if merging else {}
            version = {"properties": properties, "archived": account.chance(0.1)}
            if account.chance(0.4):
                companies = account.rng.choices(account.companies, k=account.rng.choice([0, 1, 2]))
                version["associations"] = {"companies": links(account, "companies", companies)}
            versions.append(version)
        add_object(account, "contacts", contact, versions)


def _merged_contacts(account: Account, position: int) -> dict:
    """Older contacts merged into this one; seldom itself, or any: that may make circles."""
    older = [*account.contacts[:position], "555"]
    if account.chance(0.15):
        older = account.contacts[: position + 1]
    if account.chance(0.12):
        older = account.contacts
    if account.chance(0.2):
        vids = [f"{vid}:{1577836800000 + place}" for place, vid in enumerate(older)]
        return {"hs_calculated_merged_vids": ";".join(vids)}
    return merged_ids(account, older)


def merged_ids(account: Account, older: list[str]) -> dict:
    """Some of these ids as the property in which a survivor lists whom it took in."""
    merged = account.rng.sample(older, account.rng.randint(0, min(2, len(older))))
    if len(merged) == 1 and account.chance(0.5):
        return {"hs_merged_object_ids": account.rng.choice([int(merged[0]), float(merged[0]), merged])}
    text: object = "; ".join(merged) if account.chance(0.3) else ";".join(merged)
    return missing_or(account, "hs_merged_object_ids", merged if account.chance(0.2) else text, 0.9)


def _sequences(account: Account) -> None:
    for sequence in (*account.sequences, "900"):
        if not account.chance(0.25 if sequence == "900" else 0.75):
            continue
        versions = []
        for _ in range(account.rng.randint(1, 2)):
            steps = []
            for order in range(account.rng.choice([0, 1, 2, 3, 3, 4, 4])):
                action = account.rng.choice(ACTIONS)
                step: dict = {"id": str(order), "stepOrder": order, "actionType": action}
                step |= missing_or(account, "delayMillis", account.rng.choice(DELAYS), 0.8)
                if account.chance(0.04):
                    step["delayMillis"] = account.rng.choice(ABSURD_DELAYS)
                if account.chance(0.2):
                    step["stepOrder"] = account.rng.choice([str(order), f"{order}.0", "first"])
                if action == "EMAIL":
                    template = account.rng.choice(account.templates)
                    step["emailPattern"] = {"templateId": account.rng.choice([template, int(template)])}
                if action == "TASK":
                    step["taskPattern"] = {"taskType": account.rng.choice(["CALL", "EMAIL", "email", None])}
                    if account.chance(0.3):
                        step["taskPattern"]["templateId"] = account.rng.choice(account.templates)
                if order and account.chance(0.05):  # an order that two steps have, in any order
                    step["stepOrder"] = order - 1
                steps.insert(account.rng.randint(0, len(steps)), step)
            version = {
                "name": f"Sequence {sequence}",
                "userId": account.rng.choice(account.users),
                "steps": steps,
            }
            version |= missing_or(account, "folderId", account.rng.choice(["61", 62, "6.1E+1"]), 0.6)
            versions.append(version | {"archived": account.chance(0.1)})
        account.lengths.append(_length(versions[-1]["steps"]))
        add_object(account, "sequences", sequence, versions)


def _length(steps: list[dict]) -> int:
    delays = [step.get("delayMillis") for step in steps if step["actionType"] not in FINISHING]
    return sum(int(delay or 0) for delay in delays if delay not in ABSURD_DELAYS)


def _tasks(account: Account) -> None:
    for number in range(account.rng.choice([0, 1, 2, 4])):
        order = account.step_text(account.rng.randint(0, 3))
        enrollment_id = account.rng.choice([*account.enrollment_ids, "no such"])
        versions = []
        for is_completed in account.rng.choice(
            [["true"], ["false", "1"], ["0"], [1], [0, True], ["perhaps"]]
        ):
            properties = {"hs_task_is_completed": is_completed}
            properties |= missing_or(account, "hs_task_status", account.rng.choice(STATUSES), 0.3)
            properties |= missing_or(account, "hs_task_sequence_step_enrollment_id", enrollment_id, 0.95)
            properties |= missing_or(account, "hs_task_sequence_step_order", order, 0.95)
            properties |= missing_or(account, "hs_task_completion_date", created(account), 0.8)
            versions.append({"properties": properties, "archived": account.chance(0.1)})
        add_object(account, "tasks", str(number), versions)


def _meetings(account: Account) -> None:
    for number in range(0 if account.is_quiet else account.rng.choice([0, 1, 2, 3])):
        created_at = account.near()
        meeting: dict = {
            "createdAt": account.time_value(created_at),
            "properties": missing_or(account, "hs_createdate", created(account), 0.5),
            "archived": account.chance(0.1),
        }
        if account.chance(0.95):
            contacts = account.rng.choices(account.contacts, k=account.rng.choice([1, 1, 2, 3]))
            meeting["associations"] = {"contacts": links(account, "contacts", contacts)}
        add_object(account, "meetings", str(number), [meeting])


def _removals(account: Account) -> None:
    """Objects, and some that were never there, which HubSpot lists no more, or lists again."""
    for kind, ids in (("contacts", account.contacts), ("sequences", account.sequences), ("deals", "01")):
        for object_id in (*ids, "999"):
            if account.chance(0.1):
                removal = {"objectType": kind, "objectId": object_id}
                versions = [removal, removal | {"archived": True}, removal]
                told = account.rng.choice([1, 1, 2, 3])
                add_object(account, "removals", f"{kind}/{object_id}", versions[:told])
    for kind in ("tasks", "meetings", "emails"):
        if account.chance(0.3):
            add_object(account, "removals", f"{kind}/0", [{"objectType": kind, "objectId": "0"}])


def created(account: Account) -> str:
    """A time as a property: always text, also when it is epoch milliseconds."""
    at: datetime = account.near()
    return str(account.time_value(at))
