"""What HubSpot has and what of it is asked for: object types, their properties, links and scopes.

The properties are those that ``models/staging`` reads (a test compares) and those that describe a record
to a person; more by the setting EXTRA_PROPERTIES.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ObjectType:
    """properties: asked for. modified: the property that search filters by. contacts: whether the record
    names its contacts. scope: what the token needs."""

    properties: tuple[str, ...]
    scope: str
    contacts: bool = False
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
        "crm.objects.contacts.read",
        modified="lastmodifieddate",
    ),
    "companies": ObjectType(
        ("name", "domain", "industry", "country", "hs_merged_object_ids"), "crm.objects.companies.read"
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
        "crm.objects.deals.read",
        contacts=True,
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
        "crm.objects.contacts.read",
        contacts=True,
    ),
    "meetings": ObjectType(
        ("hs_createdate", "hs_timestamp", "hs_meeting_start_time", "hs_meeting_outcome", "hubspot_owner_id"),
        "crm.objects.contacts.read",
        contacts=True,
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
        "sales-email-read",
        contacts=True,
    ),
}

# Streams with an endpoint of their own.
SCOPES = {
    "owners": "crm.objects.owners.read",
    "pipelines": "crm.objects.deals.read",
    "sequences": "automation.sequences.read",
    "sequence_performance": "automation.sequences.read",
}
EVENTS_SCOPE = "business-intelligence"


def is_of_objects(stream: str) -> bool:
    """Whether a stream is of objects, which can vanish: not events, nor HubSpot's own numbers."""
    return stream in {*OBJECTS, *SCOPES} - {"sequence_performance"}


def scopes(stream: str) -> tuple[str, ...]:
    """The scopes that a stream needs, as HubSpot's documents name them."""
    if stream.startswith("events/"):
        return (EVENTS_SCOPE,)
    return (OBJECTS[stream].scope if stream in OBJECTS else SCOPES.get(stream, ""),)
