"""A believable account: rates, users, and ids that hold between events and objects."""

from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

from hubspot_simulator.landing import PortalReport

Objects = Callable[[str], list[dict]]

SEQUENCE = "e_v2_"
ENROLLED = "e_v2_contact_enrolled_in_sequence"
STEP = "e_v2_sequence_step_executed"


def enrollments_with(events: list[dict], event_type: str) -> set[str]:
    return {e["properties"]["hs_enrollment_id"] for e in events if e["eventtype"] == event_type}


def test_reports_count_what_is_there(
    reports: list[PortalReport], portal: Path, objects: Objects, events: list[dict]
) -> None:
    assert reports[0].events == len(events)
    kinds = [folder.name for folder in (portal / "objects").iterdir()]
    assert reports[0].objects == sum(len(objects(kind)) for kind in kinds)
    assert reports[0].files == sum(path.is_file() for path in portal.rglob("*"))
    assert 50_000 < sum(report.events for report in reports) < 100_000


def test_rates_are_those_of_a_sales_team(clean: list[dict]) -> None:
    enrolled = len(enrollments_with(clean, ENROLLED))
    assert enrolled == 3000
    expected = {
        "e_opened_tracked_inbox_email_v8": (0.30, 0.60),
        "e_clicked_link_in_tracked_inbox_email_v8": (0.05, 0.15),
        "e_v2_contact_replied_sequence_email": (0.02, 0.18),
        "e_v2_sequence_email_bounced": (0.006, 0.06),
        "e_v2_contact_booked_meeting_through_sequence": (0.02, 0.06),
        "e_v2_contact_unsubscribed_sequence_email": (0.003, 0.02),
        "e_v2_contact_finished_sequence": (0.5, 0.8),
    }
    for event_type, (low, high) in expected.items():
        share = len(enrollments_with(clean, event_type)) / enrolled
        assert low <= share <= high, event_type


def test_users_differ_and_most_have_enough_for_a_score(clean: list[dict]) -> None:
    sizes, pairs, replies = Counter(), Counter(), Counter()
    for event in clean:
        properties = event["properties"]
        if event["eventtype"] == ENROLLED:
            sizes[properties["hs_enrolled_by"]] += 1
            pairs[properties["hs_enrolled_by"], properties["hs_sequence_id"]] += 1
        if event["eventtype"] == "e_v2_contact_replied_sequence_email":
            replies[properties["hs_enrolled_by"]] += 1
    assert len(sizes) == 6
    assert sum(size > 300 for size in sizes.values()) == 5
    assert min(sizes.values()) < 100
    assert sum(size > 130 for size in pairs.values()) >= 5
    rates = sorted(replies[user] / sizes[user] for user in sizes if sizes[user] > 300)
    assert rates[-1] > 2 * rates[0]


def test_each_enrollment_tells_a_story_in_order(clean: list[dict]) -> None:
    story = defaultdict(lambda: defaultdict(list))
    for event in clean:
        enrollment = event["properties"].get("hs_enrollment_id")
        if enrollment and event["eventtype"].startswith(SEQUENCE):
            story[enrollment][event["eventtype"]].append(str(event["occurredat"]))
    not_started = 0
    for told in story.values():
        assert len(told[ENROLLED]) == 1
        steps = told.get(STEP, [])
        not_started += not steps
        assert len(set(steps)) == len(steps)
    assert 0.005 < not_started / len(story) < 0.06


def test_ids_of_events_are_those_of_objects(objects: Objects, clean: list[dict]) -> None:
    contacts = {contact["id"] for contact in objects("contacts")}
    merged = set()
    for contact in objects("contacts"):
        merged |= set(str(contact["properties"]["hs_merged_object_ids"]).split(";")) - {""}
        vids = contact["properties"]["hs_calculated_merged_vids"].split(";")
        merged |= {vid.partition(":")[0] for vid in vids} - {""}
    companies = {company["id"] for company in objects("companies")} | {""}
    users = {str(owner["userId"]) for owner in objects("owners")}
    sequences = {sequence["id"] for sequence in objects("sequences")}
    deals = {deal["id"] for deal in objects("deals")}
    for event in clean:
        if event["objecttype"] == "DEAL":
            assert event["objectid"] in deals
        else:
            assert event["objectid"] in contacts | merged
        if event["eventtype"].startswith(SEQUENCE):
            assert event["properties"]["hs_sequence_id"] in sequences
            assert event["properties"]["hs_enrolled_by"] in users
            assert event["properties"]["hs_company_id"] in companies
    assert users.isdisjoint(owner["id"] for owner in objects("owners"))


def test_definitions_and_steps_agree_but_for_the_edited_sequence(objects: Objects, clean: list[dict]) -> None:
    defined = set()
    for sequence in objects("sequences"):
        assert sequence["steps"][-1]["actionType"] == "FINISH_ENROLLMENT"
        for step in sequence["steps"][:-1]:
            pattern = step.get("emailPattern") or step["taskPattern"]
            template = str(pattern.get("templateId", ""))
            defined.add((sequence["id"], str(step["stepOrder"]), template))
    executed = {
        (p["hs_sequence_id"], p["hs_step_order"], p["hs_template_id"])
        for p in (event["properties"] for event in clean if event["eventtype"] == STEP)
    }
    assert defined <= executed
    gone = executed - defined
    assert len({sequence for sequence, _, _ in gone}) == 1
    assert {order for _, order, _ in gone} == {"1", "4"}


def test_deals_refer_to_contacts_and_stages(objects: Objects) -> None:
    stages = {
        (pipeline["id"], stage["id"]) for pipeline in objects("pipelines") for stage in pipeline["stages"]
    }
    deals = objects("deals")
    assert len(deals) > 100
    for deal in deals:
        assert (deal["properties"]["pipeline"], deal["properties"]["dealstage"]) in stages
        assert deal["associations"]["contacts"]["results"]
    assert {deal["properties"]["hs_is_closed_won"] for deal in deals} == {"", "true", "false"}
    assert any(deal["properties"]["amount"] == "" for deal in deals)
