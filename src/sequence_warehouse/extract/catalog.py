"""What HubSpot has and what of it is asked for: object types, properties, scopes.

The properties are those that ``models/staging`` reads (a test compares) and those that describe a record
to a person; more by the setting EXTRA_PROPERTIES.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from sequence_warehouse.seeds import Seeds


@dataclass(frozen=True)
class ObjectType:
    """properties: asked for. scopes: what the token needs. modified: the property that search filters by."""

    properties: tuple[str, ...]
    scopes: tuple[str, ...]
    modified: str = "hs_lastmodifieddate"


OBJECTS = {
    "contacts": ObjectType(
        (
            "email",
            "firstname",
            "lastname",
            "associatedcompanyid",
            "hs_merged_object_ids",
            "hs_calculated_merged_vids",
        ),
        ("crm.objects.contacts.read",),
        modified="lastmodifieddate",
    ),
    "companies": ObjectType(
        ("name", "domain", "industry", "country", "hs_merged_object_ids"), ("crm.objects.companies.read",)
    ),
    "deals": ObjectType(
        (
            "dealname",
            "amount",
            "deal_currency_code",
            "amount_in_home_currency",
            "hs_exchange_rate",
            "dealstage",
            "pipeline",
            "createdate",
            "closedate",
            "hs_is_closed_won",
            "hubspot_owner_id",
            "hs_merged_object_ids",
        ),
        ("crm.objects.deals.read",),
    ),
    "tasks": ObjectType(
        (
            "hs_task_sequence_step_enrollment_id",
            "hs_task_sequence_step_order",
            "hs_task_is_completed",
            "hs_task_completion_date",
            "hs_task_type",
            "hs_task_status",
            "hs_timestamp",
            "hubspot_owner_id",
        ),
        ("crm.objects.contacts.read",),
    ),
    "meetings": ObjectType(
        ("hs_createdate", "hs_timestamp", "hs_meeting_start_time", "hs_meeting_outcome", "hubspot_owner_id"),
        ("crm.objects.contacts.read",),
    ),
    "emails": ObjectType(
        (
            "hs_sequence_id",
            "hs_template_id",
            "hs_timestamp",
            "hs_email_direction",
            "hs_email_subject",
            "hs_email_open_count",
            "hs_email_click_count",
            "hs_email_reply_count",
            "hs_incoming_email_is_out_of_office",
        ),
        ("crm.objects.contacts.read", "sales-email-read"),
    ),
}

# Streams with an endpoint of their own.
SCOPES = {
    "owners": "crm.objects.owners.read",
    "pipelines": "crm.objects.deals.read",
    "sequences": "automation.sequences.read",
    "sequence_performance": "automation.sequences.read",
}
# What an account tells about itself and about each contact in a sequence. An account may have none of it, or
# not yet: then the stream is skipped.
DESCRIPTIONS = {
    "accounts": "oauth",
    "exchange_rates": "settings.currencies.read",
    "templates": "sales-templates-public-read",
}
# What is asked for by the ids of objects: its turn comes after theirs.
AFTER_OBJECTS = {
    "associations": ("crm.objects.deals.read", "crm.objects.contacts.read", "sales-email-read"),
}
# By the contacts of landed events: last of all.
ENROLLMENTS = {"enrollment_status": "automation.sequences.read"}
EVENTS_SCOPE = "oauth"
# lands nothing: planned only where the account's event types could not be read, so that this is told
EVENT_TYPES = "event_types"


@cache
def linked() -> dict[str, str]:
    """Type -> word for one object, of those whose records name their contacts (seed ``object_types``).

    The shipped one: what the connector asks for is code, and no row of a user's own adds to it.
    """
    rows = Seeds().rows("object_types")
    return {
        row["object_type"]: row["singular"]
        for row in rows
        if row["linked_type"] == "contacts" and row["object_type"] in OBJECTS
    }


def is_of_objects(stream: str) -> bool:
    """Whether a stream is of objects, which can vanish: not events, nor HubSpot's own numbers."""
    return stream in {*OBJECTS, *SCOPES, "templates"} - {"sequence_performance"}


def streams() -> list[str]:
    """Every stream that is not of events, in the order in which one process reads them."""
    return [*SCOPES, *DESCRIPTIONS, *OBJECTS, *AFTER_OBJECTS, *ENROLLMENTS]


def scopes(stream: str) -> tuple[str, ...]:
    """The scopes that a stream needs, as HubSpot's documents name them."""
    if stream.startswith("events/"):
        return (EVENTS_SCOPE,)
    if stream in OBJECTS:
        return OBJECTS[stream].scopes
    others = SCOPES | DESCRIPTIONS | ENROLLMENTS
    return AFTER_OBJECTS.get(stream) or ((others[stream],) if stream in others else ())
