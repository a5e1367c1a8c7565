"""What HubSpot's answers look like, as a table: each field, its spelling in JSON, whether it may be absent.

A spelling is a regular expression for the value's JSON text, so that quotes count: ``"7"`` is no ``7``.
A shape is a dict of fields; a list of one shape is a list of such; ``?`` after a name: may be absent.
"""

from __future__ import annotations

import json
import re

ANYTHING = ".*"
TEXT = r'"([^"\\]|\\.)*"'
NAME = r'"([^"\\]|\\.)+"'
COUNT = r"\d+"
RATE = r"\d+(\.\d+)?"
FLAG = "true|false"
ID = r'"\d+"'
EITHER_ID = r'"?\d+"?'  # drifts between versions of the API
NO_ID_OR = r'"\d*"'
TIME = r'"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"'
EPOCH = r"\d{13}"
EITHER_TIME = rf'{TIME}|"{EPOCH}"|""'
TIME_OR_NONE = rf'{TIME}|""'
FLAG_TEXT = '"(true|false|)"'
NUMBER_TEXT = r'"(\d+(\.\d+)?|)"'
MERGED = r'""|\d+|"\d+(;\d+)*"'

EVENT = {
    "eventType": r'"e_[a-z0-9_]+"',
    "id": NAME,
    "objectType": '"(CONTACT|DEAL)"',
    "objectId": ID,
    "occurredAt": TIME,
    "properties": {},
}
# Every property is text, and a missing one is "".
EVENT_PROPERTIES = {
    "hs_sequence_id?": NO_ID_OR,
    "hs_enrollment_id?": NO_ID_OR,
    "hs_enrolled_by?": NO_ID_OR,
    "hs_template_id?": NO_ID_OR,
    "hs_company_id?": NO_ID_OR,
    "hs_step_order?": rf"{NUMBER_TEXT}|\"first\"",  # the word is a quirk of the simulator
    "hs_unenrolled_source?": '"(MANUAL|WORKFLOW|MEETING|REPLY|THREAD_REPLY|ACCOUNT_REPLY|ACCOUNT_MEETING'
    '|SEQUENCE_DELETED|ERROR|)"',
    "hs_step_error_type?": '"[A-Z_]*"',
    "hs_closed_state?": '"CLOSED_(WON|LOST)"',
    "hs_amount?": NUMBER_TEXT,
    "hs_deal_owner?": ID,
    "hs_time_on_page?": r'"\d+\.0"',
    "hs_call_duration?": r'"\d+\.0"',
    "hs_timestamp?": rf'"{EPOCH}"',
}

LINKS = {"contacts?": {"results": [{"id": ID, "type": NAME}]}}
CRM_OBJECT = {
    "id": ID,
    "properties": {},
    "createdAt": TIME,
    "updatedAt": TIME,
    "archived": FLAG,
    "associations?": LINKS,
}
PROPERTIES = {
    "contacts": {
        "email": TEXT,
        "firstname": TEXT,
        "lastname": TEXT,
        "associatedcompanyid": NO_ID_OR,
        "hs_merged_object_ids": MERGED,
        "hs_calculated_merged_vids": rf'""|"\d+:{EPOCH}(;\d+:{EPOCH})*"',
    },
    "companies": {"name": TEXT, "domain": TEXT, "hs_merged_object_ids": MERGED},
    "deals": {
        "dealname": TEXT,
        "amount": NUMBER_TEXT,
        "deal_currency_code": '"([A-Z]{3}|)"',
        "amount_in_home_currency": NUMBER_TEXT,
        "hs_exchange_rate": NUMBER_TEXT,
        "dealstage": NAME,
        "pipeline": NAME,
        "createdate": TIME_OR_NONE,
        "closedate": EITHER_TIME,
        "hs_is_closed_won": FLAG_TEXT,
        "hs_merged_object_ids": MERGED,
    },
    "tasks": {
        "hs_task_sequence_step_enrollment_id": NO_ID_OR,
        "hs_task_sequence_step_order": NUMBER_TEXT,
        "hs_task_is_completed": '"[01]"',  # a number, beside a flag that is a word
        "hs_task_is_all_day": '"(true|false)"',
        "hs_task_status": '"(NOT_STARTED|IN_PROGRESS|WAITING|DEFERRED|COMPLETED)"',
        "hs_task_completion_date": EITHER_TIME,
        "hs_task_type": NAME,
        "hs_timestamp": TIME,
        "hubspot_owner_id": NO_ID_OR,
    },
    "emails": {
        "hs_sequence_id": NO_ID_OR,
        "hs_template_id": NO_ID_OR,
        "hs_timestamp": TIME,
        "hs_email_subject": TEXT,
        "hs_email_open_count": NUMBER_TEXT,
        "hs_email_click_count": NUMBER_TEXT,
        "hs_email_reply_count": NUMBER_TEXT,
        "hs_email_direction": '"(EMAIL|INCOMING_EMAIL|FORWARDED_EMAIL)"',
        "hs_incoming_email_is_out_of_office": FLAG_TEXT,
    },
    "meetings": {
        "hs_timestamp": TIME,
        "hs_meeting_outcome": '"[A-Z_]*"',
        "hs_meeting_start_time": TIME,
        "hs_createdate": TIME_OR_NONE,
    },
}

OWNER = {
    "id": ID,
    "email": TEXT,
    "type": '"PERSON"',
    "firstName": TEXT,
    "lastName": TEXT,
    "userId": r"\d+|null",
    "userIdIncludingInactive": COUNT,
    "teams": [{"id": ID, "name": NAME, "primary": FLAG}],
    "createdAt": TIME,
    "updatedAt": TIME,
    "archived": FLAG,
}
PIPELINE = {
    "id": NAME,
    "label": NAME,
    "displayOrder": COUNT,
    "stages": [
        {
            "id": NAME,
            "label": NAME,
            "displayOrder": COUNT,
            "metadata": {"isClosed": '"(true|false)"', "probability": r'"[01]\.\d"'},
            "archived": FLAG,
        }
    ],
    "createdAt": TIME,
    "updatedAt": TIME,
    "archived": FLAG,
}
LISTED_SEQUENCE = {
    "id": ID,
    "name": NAME,
    "createdAt": TIME,
    "updatedAt": TIME,
    "userId": ID,
    "folderId?": r'"\d+"|null',
}
SEQUENCE = {
    **LISTED_SEQUENCE,
    "settings": {},
    "dependencies": [{}],
    "steps": [
        {
            "id": ID,
            "stepOrder": COUNT,
            "delayMillis": COUNT,
            "actionType": '"(EMAIL|TASK|FINISH_ENROLLMENT|ADAPTIVE_CONTAINER)"',
            "emailPattern?": {"id": ID, "templateId": EITHER_ID, "threadEmailToStepOrder?": COUNT},
            "taskPattern?": {
                "id": ID,
                "taskType": '"(CALL|EMAIL|LINKED_IN_CONNECT|LINKED_IN_MESSAGE|MEETING|TODO)"',
                "taskPriority": '"[A-Z]+"',
                "subject?": TEXT,
                "templateId?": EITHER_ID,
            },
            "createdAt": TIME,
            "updatedAt": TIME,
        }
    ],
}
_SHOWN = ("contacts", "enrolled", "engaged", "noResponse", "opened", "clicked", "replied", "bounced")
_STEP_COUNTS = ("stepOrder", "executionCount", "opened", "clicked", "replied")
# What an account's plan does not show is absent, as everywhere in the simulated files.
_OF_SOME_PLANS = (
    *("meetingsBooked", "calls", "callsConnected", "tasksCompleted"),
    *("onTimeTaskCompletionCount", "onTimeTaskCompletionSum", "personalizationRateCount"),
)
PERFORMANCE = {
    "sequenceId": ID,
    "summary": {
        **dict.fromkeys((*_SHOWN, "unsubscribed", "meetingsBooked"), COUNT),
        **dict.fromkeys(("associatedDeals?", "dealsClosed?"), COUNT),
        "totalRevenue?": RATE,
    },
    "steps": [
        {
            "stepKey": NAME,
            **dict.fromkeys(_STEP_COUNTS, COUNT),
            **{f"{name}?": COUNT for name in _OF_SOME_PLANS},
            "personalizationRateAvg?": RATE,
        }
    ],
    "statusByStep": [
        {
            "currentStepOrder": r"\d+|null",
            "enrollmentStatus": '"(EXECUTING|PAUSED|FINISHED|UNENROLLED)"',
            "count": COUNT,
        }
    ],
    "timeline?": [{"enrolledAt": EPOCH, "enrollments": COUNT, "meetingsBooked": COUNT}],
    "companyMetrics?": dict.fromkeys(
        (
            "companiesEnrolled",
            "companiesEngaged",
            "companiesScheduledMeeting",
            "contactsEnrolledWithCompanyId",
        ),
        COUNT,
    ),
}


def differences(value: object, shape: object, path: str = "") -> list[str]:
    """Where a value is not of its shape: path and value."""
    if isinstance(shape, str):
        text = json.dumps(value)
        return [] if re.fullmatch(shape, text) else [f"{path} = {text[:80]}"]
    if isinstance(shape, list):
        if not isinstance(value, list):
            return [f"{path} is no list"]
        return [one for item in value for one in differences(item, shape[0], f"{path}[]")]
    if not isinstance(value, dict):
        return [f"{path} is no object"]
    found = []
    for name, field in shape.items():
        plain = name.removesuffix("?")
        if plain in value:
            found += differences(value[plain], field, f"{path}.{plain}")
        elif plain == name:
            found.append(f"{path}.{plain} is absent")
    return found
