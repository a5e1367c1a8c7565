"""Clients that others wrote page through the account and get exactly its records.

HubSpot's own SDK turns answers into objects of its models: a member that HubSpot would give and this
account does not, or of another type, fails here.
"""

from __future__ import annotations

from datetime import datetime

import hubspot as hubspot_sdk
import pytest
from dlt.sources.helpers.rest_client import RESTClient
from dlt.sources.helpers.rest_client.auth import BearerTokenAuth
from dlt.sources.helpers.rest_client.paginators import JSONResponseCursorPaginator

from tests.hubspot_simulator.api.conftest import CRM_KINDS, all_properties, by_id, landed

pytestmark = pytest.mark.clients

OWN_MODULES = ("contacts", "companies", "deals")


@pytest.fixture
def sdk(hubspot):
    return hubspot_sdk.HubSpot(access_token=hubspot.token, host=hubspot.base_url)


@pytest.fixture
def dlt_client(hubspot):
    return RESTClient(
        base_url=hubspot.base_url,
        auth=BearerTokenAuth(hubspot.token),
        paginator=JSONResponseCursorPaginator(cursor_path="paging.next.after", cursor_param="after"),
    )


def _plain(thing) -> dict:
    """An SDK object as the JSON it came from; the SDK makes texts of properties and times of times."""
    plain = {
        "id": thing.id,
        "properties": thing.properties,
        "createdAt": thing.created_at,
        "updatedAt": thing.updated_at,
        "archived": thing.archived,
    }
    if getattr(thing, "associations", None):
        plain["associations"] = {
            name: {"results": [{"id": link.id, "type": link.type} for link in found.results]}
            for name, found in thing.associations.items()
        }
    return plain


def _expected(record: dict) -> dict:
    return record | {
        "properties": {name: str(value) for name, value in record["properties"].items()},
        "createdAt": datetime.fromisoformat(record["createdAt"]),
        "updatedAt": datetime.fromisoformat(record["updatedAt"]),
    }


@pytest.mark.parametrize("kind", CRM_KINDS)
def test_the_sdk_gets_all_objects_live_and_archived(hubspot, sdk, kind):
    asked = {"properties": all_properties(hubspot, kind).split(","), "associations": ["contacts"]}
    if kind in OWN_MODULES:
        module = getattr(sdk.crm, kind)
        found = [*module.get_all(**asked), *module.get_all(archived=True, **asked)]
    else:
        found = [
            *sdk.crm.objects.get_all(object_type=kind, **asked),
            *sdk.crm.objects.get_all(object_type=kind, archived=True, **asked),
        ]
    assert by_id(map(_plain, found)) == by_id(map(_expected, landed(hubspot, kind)))


def test_the_sdk_searches_and_reads_batches(hubspot, sdk):
    from hubspot.crm import contacts

    expected = [_expected(record) for record in landed(hubspot, "contacts") if not record["archived"]]
    properties = all_properties(hubspot, "contacts").split(",")
    found, after = [], None
    while True:
        request = contacts.PublicObjectSearchRequest(
            filter_groups=[
                contacts.FilterGroup(
                    filters=[contacts.Filter(property_name="hs_object_id", operator="GT", value="0")]
                )
            ],
            sorts=["hs_object_id"],
            properties=properties,
            limit=90,
            after=after,
        )
        page = sdk.crm.contacts.search_api.do_search(public_object_search_request=request)
        found += page.results
        if page.paging is None:
            break
        after = page.paging.next.after
    assert page.total == len(found)
    assert by_id(map(_plain, found)) == by_id(expected)

    inputs = contacts.BatchReadInputSimplePublicObjectId(
        inputs=[contacts.SimplePublicObjectId(id=record["id"]) for record in expected[:50]],
        properties=properties,
        properties_with_history=[],
    )
    batch = sdk.crm.contacts.batch_api.read(batch_read_input_simple_public_object_id=inputs)
    assert by_id(map(_plain, batch.results)) == by_id(expected[:50])


def test_the_sdk_reads_associations(hubspot, sdk):
    from hubspot.crm.associations import v4

    deals = landed(hubspot, "deals")
    inputs = v4.BatchInputPublicFetchAssociationsBatchRequest(
        inputs=[v4.PublicFetchAssociationsBatchRequest(id=deal["id"]) for deal in deals]
    )
    answer = sdk.crm.associations.v4.batch_api.get_page(
        from_object_type="deals",
        to_object_type="contacts",
        batch_input_public_fetch_associations_batch_request=inputs,
    )
    found = {(one._from.id, str(link.to_object_id)) for one in answer.results for link in one.to}
    assert found == {
        (deal["id"], link["id"]) for deal in deals for link in deal["associations"]["contacts"]["results"]
    }


def test_the_sdk_gets_owners_and_pipelines(hubspot, sdk):
    owners = [*sdk.crm.owners.get_all(), *sdk.crm.owners.get_all(archived=True)]
    expected = {
        owner["id"]: (owner["email"], owner["userId"], owner["archived"])
        for owner in landed(hubspot, "owners")
    }
    assert {owner.id: (owner.email, owner.user_id, owner.archived) for owner in owners} == expected
    pipelines = sdk.crm.pipelines.pipelines_api.get_all("deals").results
    stages = {
        (pipeline["id"], stage["id"], stage["label"], tuple(sorted(stage["metadata"].items())))
        for pipeline in landed(hubspot, "pipelines")
        for stage in pipeline["stages"]
    }
    assert stages == {
        (pipeline.id, stage.id, stage.label, tuple(sorted(stage.metadata.items())))
        for pipeline in pipelines
        for stage in pipeline.stages
    }


def test_the_sdk_gets_events(hubspot, sdk):
    events = landed(hubspot, "events")
    found = []
    for name in sorted({event["eventType"] for event in events}):
        after = None
        while True:
            asked = {"event_type": name, "limit": 100} | ({"after": after} if after else {})
            page = sdk.events.events_api.get_page(**asked)
            found += page.results
            if page.paging is None:
                break
            after = page.paging.next.after
    assert by_id(
        {
            "eventType": event.event_type,
            "id": event.id,
            "objectId": event.object_id,
            "objectType": event.object_type,
            "occurredAt": event.occurred_at,
            "properties": event.properties,
        }
        for event in found
    ) == by_id(event | {"occurredAt": datetime.fromisoformat(event["occurredAt"])} for event in events)


def test_the_sdk_says_what_is_wrong_with_its_own_exceptions(hubspot, client):
    from hubspot.crm.contacts import ApiException

    wrong = hubspot_sdk.HubSpot(access_token="wrong", host=hubspot.base_url)
    with pytest.raises(ApiException) as raised:
        wrong.crm.contacts.basic_api.get_page()
    assert raised.value.status == 401


@pytest.mark.parametrize("kind", ("contacts", "tasks"))
def test_dlt_gets_all_objects(hubspot, dlt_client, kind):
    found = []
    for archived in ("false", "true"):
        asked = {
            "limit": 20, "archived": archived, "properties": all_properties(hubspot, kind),
            "associations": "contacts",
        }  # fmt: skip
        for page in dlt_client.paginate(f"/crm/v3/objects/{kind}", params=asked, data_selector="results"):
            found += page
    assert by_id(found) == by_id(landed(hubspot, kind))


def test_dlt_gets_all_events_in_spite_of_faults(hubspot, client, dlt_client):
    hubspot.faults = "503@3,429:0@5,half-page@9,seed=4"
    events = landed(hubspot, "events")
    found = []
    for name in sorted({event["eventType"] for event in events}):
        asked = {"eventType": name, "limit": 400}
        for page in dlt_client.paginate("/events/v3/events", params=asked, data_selector="results"):
            found += page
    assert by_id(found) == by_id(events)
    assert {200, 429, 503} <= {asked.status for asked in hubspot.requests}
