"""Every quirk of the table in the package's docstring is there, near its stated share."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

Objects = Callable[[str], list[dict]]


ENROLLED = "e_v2_contact_enrolled_in_sequence"
OPENED = "e_opened_tracked_inbox_email_v8"


def identity(event: dict) -> tuple[str, str]:
    return event["eventtype"], event["id"]


def content(event: dict) -> str:
    return json.dumps([event["objectid"], event["properties"]], sort_keys=True)


def share(events: list[dict], matches: object) -> float:
    return sum(map(matches, events)) / len(events)


def of_sequences(events: list[dict]) -> list[dict]:
    return [e for e in events if e["eventtype"].startswith("e_v2_")]


def test_duplicates_lie_in_several_files(events: list[dict]) -> None:
    files = defaultdict(list)
    for event in events:
        files[identity(event)].append(event["file"])
    repeated = [names for names in files.values() if len(names) > 1]
    assert 0.01 < len(repeated) / len(files) < 0.02
    assert sum(len(set(names)) > 1 for names in repeated) > len(repeated) / 3


def test_conflicts_have_one_identity_and_two_contents(events: list[dict]) -> None:
    versions = defaultdict(set)
    for event in events:
        versions[identity(event)].add(content(event))
    assert sum(len(found) > 1 for found in versions.values()) == 5


def test_some_events_arrive_late_and_lines_are_shuffled(events: list[dict]) -> None:
    monthly = [e for e in events if e["file"].endswith((".jsonl", ".jsonl.gz")) and "-" in e["file"]]
    late = share(monthly, lambda e: e["occurredat"][:7] < e["file"][:7])
    assert 0.01 < late < 0.06
    times = [e["occurredat"] for e in monthly if e["file"] == "2026-02.jsonl"]
    assert times != sorted(times)


def test_ids_are_missing_in_stated_shares(events: list[dict]) -> None:
    sequence = of_sequences(events)
    known = [(e["properties"]["hs_sequence_id"], e["properties"]["hs_enrollment_id"]) for e in sequence]
    assert 0.05 < share(known, lambda ids: ids[0] != "" and ids[1] == "") < 0.1
    assert 0 < share(known, lambda ids: ids == ("", "")) < 0.005
    opens = [e["properties"] for e in events if e["eventtype"] == OPENED]
    opens = [p for p in opens if "hs_flow_id" not in p]
    assert 0.25 < share(opens, lambda p: p["hs_sequence_id"] == "" != p["hs_template_id"]) < 0.35
    assert 0.03 < share(opens, lambda p: p["hs_sequence_id"] == "" == p["hs_template_id"]) < 0.07
    no_id = {e["objectid"] for e in sequence if e["eventtype"] == ENROLLED} & {
        e["objectid"]
        for e in sequence
        if e["eventtype"] == ENROLLED and not e["properties"]["hs_enrollment_id"]
    }
    assert no_id


def test_enroll_events_are_lost_and_repeated(events: list[dict]) -> None:
    ids = defaultdict(set)
    for event in of_sequences(events):
        ids[event["properties"]["hs_enrollment_id"]].add(identity(event))
    enrolls = {key: sum(kind == ENROLLED for kind, _ in found) for key, found in ids.items() if key}
    assert {0, 1, 2} == set(enrolls.values())


def test_users_companies_and_step_orders_are_imperfect(events: list[dict], objects: Objects) -> None:
    users = {str(owner["userId"]) for owner in objects("owners")}
    found = [e["properties"] for e in of_sequences(events)]
    assert {p["hs_enrolled_by"] for p in found} - users == {"", "999000111"}
    assert any(p["hs_company_id"] == "" for p in found)
    orders = Counter(p["hs_step_order"] for p in found)
    assert "1.0" in orders and "first" in orders and "1" in orders


def test_unenrollments_and_bounces_come_in_every_combination(events: list[dict]) -> None:
    kinds = defaultdict(set)
    for event in events:
        kinds[event["id"]].add(event["eventtype"].removeprefix("e_v2_"))
    manual = "contact_unenrolled_manually_from_sequence"
    general = "contact_unenrolled_from_sequence"
    assert {manual} in kinds.values() and {manual, general} in kinds.values()
    sources = {
        (p.get("hs_unenrolled_source"), p.get("hs_step_error_type"))
        for p in (e["properties"] for e in of_sequences(events))
    }
    for source in ("REPLY", "THREAD_REPLY", "MEETING", "ACCOUNT_REPLY", "ACCOUNT_MEETING"):
        assert (source, "") in sources
    for source in ("MANUAL", "WORKFLOW", "SEQUENCE_DELETED", ""):
        assert (source, "") in sources
    assert {("ERROR", "BOUNCED"), ("ERROR", "UNSUBSCRIBED"), ("", "BOUNCED")} <= sources


def test_contacts_are_enrolled_again(events: list[dict]) -> None:
    passes = {
        (e["objectid"], e["properties"]["hs_enrollment_id"]) for e in events if e["eventtype"] == ENROLLED
    }
    contacts = Counter(contact for contact, _ in passes)
    assert sum(count > 1 for count in contacts.values()) > 200


def test_foreign_events_and_traps(events: list[dict]) -> None:
    types = Counter(event["eventtype"] for event in events)
    assert types["e_visited_page"] > 1000
    assert types["e_webinar_attended"] and types["e_workflow_enrollment_v2"]
    assert types["e_custom_badge_scanned"] == 1
    assert {e["objecttype"] for e in events if e["eventtype"] == "e_deal_closed"} == {"DEAL"}
    traps = [e["properties"] for e in events if e["eventtype"] == OPENED]
    traps = [p for p in traps if p.get("hs_flow_id")]
    enrollments = {e["properties"]["hs_enrollment_id"] for e in events if e["eventtype"] == ENROLLED}
    assert traps
    assert any(p["hs_enrollment_id"] in enrollments for p in traps)


def test_event_ids_have_both_formats(events: list[dict]) -> None:
    assert {e["id"].startswith("leviathan-") for e in events if "badge" not in e["eventtype"]} == {
        True,
        False,
    }


def test_merged_contacts_are_gone_and_still_have_events(objects: Objects, events: list[dict]) -> None:
    contacts = {c["id"]: c for c in objects("contacts")}
    merged = {key: c["properties"]["hs_merged_object_ids"] for key, c in contacts.items()}
    lists = [ids for ids in merged.values() if ids != ""]
    assert any(isinstance(ids, int) for ids in lists)
    assert any(isinstance(ids, str) and ";" in ids for ids in lists)
    swallowed = {old for ids in lists for old in str(ids).split(";")}
    assert swallowed & {e["objectid"] for e in events}
    links = swallowed & contacts.keys()
    assert links and all(contacts[key]["archived"] and merged[key] != "" for key in links)


def test_merged_deals_and_companies_were_landed_before_and_are_named_in_every_spelling(
    objects: Objects, events: list[dict]
) -> None:
    for kind in ("deals", "companies"):
        found = {record["id"]: record for record in objects(kind)}
        lists = [record["properties"]["hs_merged_object_ids"] for record in found.values()]
        assert {type(ids) for ids in lists} == {int, str}
        swallowed = {old for ids in lists if ids != "" for old in str(ids).split(";")}
        assert swallowed and swallowed <= found.keys()
        assert kind == "companies" or any(";" in str(ids) for ids in lists)
    assert swallowed & {event["properties"].get("hs_company_id") for event in events}


def test_some_merges_are_told_by_the_calculated_property_alone(objects: Objects) -> None:
    merged = [contact["properties"] for contact in objects("contacts")]
    merged = [p for p in merged if p["hs_calculated_merged_vids"]]
    vids = [p["hs_calculated_merged_vids"] for p in merged if p["hs_merged_object_ids"] == ""]
    assert vids and any(";" in p["hs_calculated_merged_vids"] for p in merged)
    for properties in merged:
        if ids := str(properties["hs_merged_object_ids"]):
            told = [vid.partition(":")[0] for vid in properties["hs_calculated_merged_vids"].split(";")]
            assert told == ids.split(";")


def test_who_left_has_no_name_any_more_and_had_one(objects: Objects) -> None:
    before, after = sorted(
        (owner for owner in objects("owners") if owner["id"] == "65015585"), key=lambda o: o["updatedAt"]
    )
    assert (before["firstName"], before["userId"], before["archived"]) == ("Leif", 5013655, False)
    assert (after["firstName"], after["userId"], after["archived"]) == ("", None, True)
    assert before["userIdIncludingInactive"] == after["userIdIncludingInactive"] == 5013655


def test_deals_are_in_several_currencies_and_lack_what_hubspot_leaves_out(objects: Objects) -> None:
    deals = [deal["properties"] for deal in objects("deals")]
    currencies = Counter(deal["deal_currency_code"] for deal in deals)
    assert currencies.most_common(1)[0][0] == "NOK" and {"", "EUR", "USD"} < currencies.keys()
    foreign = [deal for deal in deals if deal["deal_currency_code"] in {"EUR", "USD"} and deal["amount"]]
    known = {(deal["amount_in_home_currency"] != "", deal["hs_exchange_rate"] != "") for deal in foreign}
    assert known == {(True, True), (False, True), (False, False)}
    for deal in foreign:
        if deal["amount_in_home_currency"]:
            exact = float(deal["amount"]) * float(deal["hs_exchange_rate"])
            assert abs(float(deal["amount_in_home_currency"]) - exact) < 0.01
    assert any("🚀" in deal["dealname"] for deal in deals)


def test_addresses_carry_display_names_and_a_name_half_an_emoji(objects: Objects, portal: Path) -> None:
    addresses = [contact["properties"]["email"] for contact in objects("contacts")]
    assert any(address.startswith('"') and address.endswith("> ") for address in addresses)
    assert '\\ud83d"' in (portal / "objects/companies/cut.jsonl").read_text()
    assert any(company["properties"]["name"].endswith("\ud83d") for company in objects("companies"))


def test_contacts_have_versions_and_shared_addresses(objects: Objects) -> None:
    contacts = objects("contacts")
    versions = Counter(contact["id"] for contact in contacts)
    assert set(versions.values()) == {1, 2}
    addresses = Counter(
        contact["properties"]["email"]
        for contact in contacts
        if not contact["properties"]["lastname"].endswith("-Renamed")
    )
    assert addresses[""] and max(n for a, n in addresses.items() if a) > 1


def test_broken_and_ignored_files_are_there(portal: Path) -> None:
    broken = portal / "events" / "broken"
    good = 0
    for line in (broken / "bad_lines.jsonl").read_text().splitlines():
        try:
            record = json.loads(line)
            good += isinstance(record, dict) and isinstance(record.get("properties"), dict)
        except json.JSONDecodeError:
            pass
    assert good == 6  # these lack an id, a type, an object or a time
    try:
        json.loads((broken / "truncated_page.json").read_text())
        raise AssertionError("the page is whole")
    except json.JSONDecodeError:
        pass
    assert "this is not JSON" in (portal / "events/monthly/2025-08.jsonl").read_text()
    names = {path.name for path in portal.rglob("*")}
    assert {"_SUCCESS", ".hidden.jsonl", "_draft.jsonl", "half-written.jsonl.tmp"} <= names
    assert not list(portal.parent.glob(".simulating-*"))


def test_every_kind_of_file_is_there(portal: Path) -> None:
    suffixes = {"".join(path.suffixes[-2:]) for path in (portal / "events").rglob("*.*")}
    assert {".jsonl", ".jsonl.gz", ".json", ".csv", ".parquet"} <= suffixes
    page = json.loads((portal / "events/api/2026-03/page-0001.json").read_text())
    assert page["paging"]["next"]["after"] == "500"
