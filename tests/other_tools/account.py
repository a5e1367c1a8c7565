"""One small account, in no tool's shape: what every tool's writer puts into a landing folder.

Eva was enrolled when she was contact 502, which was merged into 501 afterwards; Ola was enrolled too, Åse
never. Each enrolled contact has one deal to credit: the won stage of 6001 is that of everybody's pipeline,
the id of that of 6002 says nothing. 6004 was deleted, 6005 merged into 6001. Only the pipelines say which
deals are won.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Thing:
    """An object: properties by HubSpot's name, all text; linked objects by type; ids merged into it."""

    id: str
    properties: dict[str, str]
    created_at: str = "2026-01-01T09:00:00.000Z"
    updated_at: str = "2026-02-01T09:00:00.000Z"
    is_archived: bool = False
    links: dict[str, list[str]] = field(default_factory=dict)
    merged: tuple[str, ...] = ()


def _contact(identity: str, first: str, last: str, company: str | None, *merged: str) -> Thing:
    email = {"501": "eva@nord.test", "503": "ola@vest.test", "504": "aase@alene.test"}[identity]
    properties = {"firstname": first, "lastname": last, "email": email}
    properties |= {"associatedcompanyid": company} if company else {}
    links = {"companies": [company]} if company else {}
    return Thing(identity, properties, links=links, merged=merged)


CONTACTS = [
    _contact("501", "Eva", "Lie", "301", "502"),
    _contact("503", "Ola", "Dahl", "302"),
    _contact("504", "Åse", "Berg", None),
]
# what Ola was called before he married: tools that append versions land it after the newer one
EARLIER_CONTACT = Thing(
    "503",
    CONTACTS[1].properties | {"lastname": "Ugift"},
    updated_at="2026-01-02T09:00:00.000Z",
    links=CONTACTS[1].links,
)

COMPANIES = [
    Thing("301", {"name": "Nord, Sør AS", "domain": "nord.test"}),
    Thing("302", {"name": 'Vest "V" AS', "domain": "vest.test"}),
]


def _deal(identity: str, name: str, amount: str, stage: str, pipeline: str, **others) -> Thing:
    properties = {
        "dealname": name,
        "amount": amount,
        "dealstage": stage,
        "pipeline": pipeline,
        "createdate": "2026-01-10T09:00:00.000Z",
        "hubspot_owner_id": "71",
    }
    if stage != "offer":
        properties["closedate"] = "2026-01-20T12:30:00.000Z"
    return Thing(identity, properties, "2026-01-10T09:00:00.000Z", **others)


DEALS = [
    _deal("6001", "Avtale; stor", "1000.5", "closedwon", "default",
          links={"contacts": ["501"], "companies": ["301"]}, merged=("6005",)),
    _deal("6002", "Fornyelse", "2500", "signed_7", "renewals",
          links={"contacts": ["503", "504"], "companies": ["302"]}),
    _deal("6003", "Kald", "300", "offer", "default", links={"contacts": ["504"]}),
    _deal("6004", "Slettet", "7777", "closedwon", "default", is_archived=True, links={"contacts": ["501"]}),
    _deal("6005", "Slått sammen", "8888", "closedwon", "default", links={"contacts": ["503"]}),
]  # fmt: skip
PRESENT_DEALS = [deal for deal in DEALS if deal.id not in ("6004", "6005")]

TASKS = [
    Thing(
        "8001",
        {
            "hs_task_sequence_step_enrollment_id": "9001",
            "hs_task_sequence_step_order": "1",
            "hs_task_is_completed": "1",
            "hs_task_status": "COMPLETED",
            "hs_task_completion_date": "2026-01-07T09:00:00.000Z",
            "hs_timestamp": "2026-01-07T08:00:00.000Z",
        },
        links={"contacts": ["501"]},
    )
]
MEETINGS = [
    Thing(
        "8101",
        {
            "hs_createdate": "2026-01-08T10:00:00.000Z",
            "hs_timestamp": "2026-01-12T10:00:00.000Z",
            "hs_meeting_start_time": "2026-01-12T10:00:00.000Z",
            "hs_meeting_outcome": "SCHEDULED",
        },
        created_at="2026-01-08T10:00:00.000Z",
        links={"contacts": ["501"]},
    )
]

# the id of the owner is not the id of the user, who enrolls
OWNER = {"id": "71", "userId": "77", "firstName": "Kari", "lastName": "Nes", "email": "kari@selger.test"}

# (pipeline, stage, label, closed, probability)
STAGES = [
    ("default", "offer", "Tilbud", False, "0.4"),
    ("default", "closedwon", "Vunnet", True, "1.0"),
    ("renewals", "signed_7", "Signert", True, "1.0"),
    # the same id in two pipelines, won in one
    ("renewals", "offer", "Tilbud", True, "1.0"),
]
PIPELINES = {"default": "Salg", "renewals": "Fornyelser"}

SEQUENCE = {
    "id": "7",
    "name": "Vinter",
    "userId": "77",
    "folderId": "3",
    "createdAt": "2026-01-01T09:00:00.000Z",
    "updatedAt": "2026-01-02T09:00:00.000Z",
    "steps": [
        {"id": "70", "stepOrder": 0, "actionType": "EMAIL", "delayMillis": 0,
         "emailPattern": {"id": "1", "templateId": "4712"}},
        {"id": "71", "stepOrder": 1, "actionType": "TASK", "delayMillis": 86400000,
         "taskPattern": {"id": "2", "taskType": "CALL", "taskPriority": "HIGH"}},
        {"id": "72", "stepOrder": 2, "actionType": "FINISH_ENROLLMENT", "delayMillis": 0},
    ],
}  # fmt: skip

ENROLLED = "e_v2_contact_enrolled_in_sequence"
EXECUTED = "e_v2_sequence_step_executed"
OPENED = "e_opened_tracked_inbox_email_v8"
REPLIED = "e_v2_contact_replied_sequence_email"


def _event(identity: str, kind: str, contact: str, at: str, **properties: str) -> dict:
    shared = {"hs_sequence_id": "7", "hs_enrollment_id": identity.split("-")[0], "hs_enrolled_by": "77"}
    return {
        "id": identity,
        "eventType": kind,
        "objectType": "CONTACT",
        "objectId": contact,
        "occurredAt": f"2026-01-{at}:00.000Z",
        "properties": shared | properties,
    }


EVENTS = [
    _event("9001-1", ENROLLED, "502", "05T09:00"),
    _event("9001-2", EXECUTED, "502", "05T10:00", hs_step_order="0", hs_template_id="4712"),
    _event("9001-3", OPENED, "502", "05T12:00", hs_template_id="4712"),
    _event("9001-4", EXECUTED, "502", "06T10:00", hs_step_order="1"),
    _event("9001-5", REPLIED, "502", "08T09:00"),
    _event("9002-1", ENROLLED, "503", "06T09:00"),
    _event("9002-2", EXECUTED, "503", "06T11:00", hs_step_order="0", hs_template_id="4712"),
]
