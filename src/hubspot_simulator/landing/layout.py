"""Which files a portal has: one a slice for large accounts, one of each kind for small ones."""

from hubspot_simulator.landing import broken, definitions, objects, performance
from hubspot_simulator.landing.enrollments import contact_counts
from hubspot_simulator.landing.writing import PortalFolder

# The fields of an occurrence under the API's names.
_API_FIELDS = """
    event_type as "eventType", event_id as id, object_id as "objectId",
    object_type as "objectType", occurred_at as "occurredAt"
"""

# A share table of one event type: nothing but its name says which.
_SHARE_TYPE = "e_v2_contact_replied_sequence_email"
_SHARE_TABLE = "EVENTS_V2_CONTACT_REPLIED_SEQUENCE_EMAIL"


def _share_query(time: str, properties: str, where: str, event_type: bool = True) -> str:
    return f"""
        select
            event_id as "ID",
            {'event_type as "EVENT_TYPE",' if event_type else ""}
            object_type as "OBJECT_TYPE",
            object_id as "OBJECT_ID",
            {time} as "OCCURRED_AT",
            {properties} as "PROPERTIES",
        from sim_lines
        where {where}
        order by line_order, event_id
    """


def write_slice(folder: PortalFolder, number: int, file_format: str) -> None:
    """The events of the slice as one file; duplicates and lateness stay within it."""
    name = f"events/slices/slice-{number:05}.{file_format}"
    if file_format == "parquet":
        query = f"select {_API_FIELDS}, properties from sim_lines order by line_order, event_id"
        folder.event_table(name, query)
    else:
        folder.event_lines(name, "true")


def write_months(folder: PortalFolder) -> None:
    """A file for each month of arrival, in every form that the landing folder may hold."""
    months = folder.connection.execute("select distinct arrival_month from sim_lines order by all").fetchall()
    for (month,) in months:
        here = f"arrival_month = '{month}'"
        as_map = "properties::json::map(varchar, varchar)"
        if month == "2025-09":
            # A time without offset is UTC.
            time = "replace(occurred_at[:-2], 'T', ' ')"
            query = _share_query(time, "properties", here)
            folder.event_table(f"events/share/{month}.csv", query)
        elif month == "2025-12":
            query = _share_query(
                "occurred_at::timestamp", as_map, f"{here} and event_type <> '{_SHARE_TYPE}'"
            )
            folder.event_table(f"events/share/{month}.parquet", query)
            query = _share_query(
                "epoch_ms(occurred_at::timestamp)",
                as_map,
                f"{here} and event_type = '{_SHARE_TYPE}'",
                event_type=False,
            )
            folder.event_table(f"events/share/{_SHARE_TABLE}/{month}.parquet", query)
        elif month == "2026-03":
            query = f"""
                select {_API_FIELDS}, properties::json as properties
                from sim_lines where {here} order by line_order, event_id
            """
            folder.event_pages(f"events/api/{month}", query)
        else:
            zipped = ".gz" if int(month[-1]) % 2 else ""
            folder.event_lines(f"events/monthly/{month}.jsonl{zipped}", here)


def write_broken(folder: PortalFolder) -> None:
    """Conflicting versions, unknown types, what must be rejected and what must be ignored."""
    conflicts = f"""
        select
            {_API_FIELDS},
            ('{{"hs_resent":"true",' || properties[2:])::json as properties,
        from sim_lines
        where event_type like 'e_v2%'
        order by line_order, event_id
        limit 5
    """
    folder.event_pages("events/resent", conflicts)
    good_file = "events/monthly/2025-08.jsonl"
    if (folder.building / good_file).exists():
        folder.append(good_file, broken.BAD_LINES_IN_GOOD_FILE)
    folder.text("events/broken/bad_lines.jsonl", broken.BAD_LINES)
    folder.text("events/broken/truncated_page.json", broken.TRUNCATED_PAGE)
    folder.text("events/unknown/later.jsonl", broken.UNKNOWN_LATER)
    folder.events += 1
    folder.text("objects/contacts/broken.jsonl", broken.BAD_OBJECTS)
    folder.text("objects/companies/cut.jsonl", broken.HALF_EMOJI)
    folder.objects += 1
    for name, content in broken.IGNORED.items():
        folder.text(name, content)


def write_definitions(folder: PortalFolder) -> None:
    """Owners, pipelines and sequences."""
    for name, query in definitions.PAGED.items():
        folder.object_pages(f"objects/{name}", query)
    folder.object_lines("objects/owners/before.jsonl", definitions.OWNERS_BEFORE)


def write_objects(folder: PortalFolder, number: int, slices: int, enrollments: int, quirks: bool) -> None:
    """The slice's share of the contacts and companies, and what its enrollments led to."""
    contacts, companies = contact_counts(enrollments)
    first, last = contacts * number // slices, contacts * (number + 1) // slices
    name = f"objects/contacts/contacts-{number:05}"
    folder.object_lines(f"{name}.jsonl", objects.contacts(first, last, contacts, quirks))
    if quirks:
        newer = objects.contacts(first, last, contacts, quirks, newer=True)
        folder.object_lines(f"{name}-newer.jsonl", newer)
    first, last = companies * number // slices, companies * (number + 1) // slices
    name = f"objects/companies/companies-{number:05}"
    folder.object_lines(f"{name}.jsonl", objects.companies(first, last, quirks))
    for kind, query in (objects.SLICED if slices == 1 else objects.SLICED_LARGE).items():
        folder.object_lines(f"objects/{kind}/{kind}-{number:05}.jsonl", query)
    if quirks:
        folder.object_lines(f"{name}-merged.jsonl", objects.companies(first, last, quirks, merged=True))
        folder.object_lines(f"objects/deals/deals-{number:05}-merged.jsonl", objects.MERGED_DEALS)
    if slices == 1:
        for kind, query in objects.PAGED_SMALL.items():
            folder.object_pages(f"objects/{kind}", query)
        folder.object_pages("objects/sequence_performance", performance.PERFORMANCE)
