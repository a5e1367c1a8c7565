"""CRM objects in the shape of HubSpot's API, as queries whose rows are the objects.

Every query yields id, properties (a struct of strings, '' for missing), createdAt, updatedAt,
archived and, where HubSpot gives them, associations. Owners, pipelines and sequences have shapes
of their own, in ``definitions``.
"""

from string import Template

MACROS = """
    create or replace temp macro contact_link(contact_id, kind) as {
        'contacts': {'results': [{'id': contact_id, 'type': kind}]}
    };
    create or replace temp macro company_domain(company_no) as
        'company-' || company_no || if(company_no % 3 = 0, '.test', '.example');
    create or replace temp macro first_name(h) as
        ['Anna', 'Bo', 'Carla', 'Dag', 'Elin', 'Frank', 'Grete', 'Hugo', 'Iris', 'Jan', 'Kari',
        'Łukasz', 'Måns', 'Nora', 'Odd', 'Piotr'][1 + draw_int(h, 'first name', 16)];
    create or replace temp macro last_name(h) as
        ['Aas', 'Berg', 'Cole', 'Dunn', 'Eide', 'Foss', 'Grant', 'Holm', 'Ivers', 'Jensen',
        'Kowalska', 'Lund', 'Møller', 'Nilsen', 'O''Hara', 'Price'][1 + draw_int(h, 'last', 16)];
"""

# Contact n0 of each hundred swallowed the next one, sometimes two, sometimes by a chain: 7 into 6
# and 8 into 7, where only the archived 7 still names 8. A merged contact is gone from the API.
_CONTACTS = Template(
    """
    with people as (
        select
            n,
            key_hash(n + 100000000) as h,
            contact_id_of(n) as id,
            company_no_of(n) as company_no,
            window_start() + floor(n / $contacts.0 * 31536000000)::bigint
            - 3600000 * (1 + draw_int(key_hash(n), 'known for', 2000)) as created_ms,
            $quirks = 1 and n % 400 = 7 as is_archived_link,
        from range($first, $last) as numbers (n)
        where
            $quirks = 0
            or n % 400 = 7
            or not (n % 100 = 7 or n % 200 = 8)
    ),

    versions as (
        select
            *,
            case
                when $quirks = 0 then '""'
                when n % 400 = 206
                    then '"' || contact_id_of(n + 1) || ';' || contact_id_of(n + 2) || '"'
                -- A single id is a number in some answers, text in others.
                when n % 400 = 6 then contact_id_of(n + 1)
                when n % 100 = 6 or is_archived_link then '"' || contact_id_of(n + 1) || '"'
                else '""'
            end::json as merged_ids,
            lower(strip_accents(first_name(h))) as local_part,
            case
                when company_no is null then 'mail-' || (n % 4) || '.example'
                else company_domain(company_no)
            end as domain,
        from people
    )

    select
        id,
        {
            'email': case
                when draw(h, 'no address') < 0.01 then ''
                -- Addresses are not unique: some contacts share their company's.
                when draw(h, 'shared') < 0.01 then 'info@' || domain
                else local_part || '.' || n || '@' || domain
            end,
            'firstname': first_name(h),
            'lastname': last_name(h) || $suffix,
            'associatedcompanyid': company_id_of(company_no),
            'hs_merged_object_ids': merged_ids,
            'lastmodifieddate': iso(created_ms + $age_ms),
        } as properties,
        iso(created_ms) as "createdAt",
        iso(created_ms + $age_ms) as "updatedAt",
        is_archived_link or draw(h, 'archived') < 0.01 as archived,
    from versions
    where $which
    order by n
    """
)

_COMPANIES = Template(
    """
    select
        company_id_of(n) as id,
        {
            'name': 'Company ' || n || [' AS', ' Ltd', ' & Sons', ' Sp. z o.o.'][1 + n % 4],
            'domain': company_domain(n),
            'industry': ['COMPUTER_SOFTWARE', 'RETAIL', 'SHIPPING', ''][1 + n % 4],
            'country': ['Norway', 'Poland', 'United States', 'Sweden'][1 + n // 4 % 4],
            'hubspot_owner_id': '',
        } as properties,
        iso(window_start() - 86400000 * (1 + n % 700)) as "createdAt",
        iso(window_start() + 86400000 * (n % 300)) as "updatedAt",
        false as archived,
    from range($first, $last) as numbers (n)
    order by n
    """
)

_DEALS = """
    select
        deal_id as id,
        {
            'dealname': 'Deal ' || enrollment_no,
            'amount': amount,
            'dealstage': stage,
            'pipeline': pipeline,
            'hubspot_owner_id': owner_id,
            'createdate': if(draw(h, 'undated') < 0.01, '', iso(created_ms)),
            'closedate': if(is_closed, iso(close_ms), ''),
            -- Where it is empty the stage has to say so.
            'hs_is_closed_won': if(draw(h, 'unsaid') < 0.3, '', is_won::varchar),
        } as properties,
        iso(created_ms) as "createdAt",
        iso(if(is_closed, close_ms, created_ms)) as "updatedAt",
        archived,
        {'contacts': {'results': [
            {'id': linked, 'type': 'deal_to_contact'}
            for linked in [contact_id, other_contact_id] if linked is not null
        ]}} as associations,
    from sim_deals
    order by enrollment_no
"""

_TASKS = """
    with tasks as (
        select
            *,
            executed_ms + 1800000 + draw_int(th, 'done after', 345600000) as done_ms,
            draw(th, 'done') < 0.85 and done_ms <= window_end()
            and not (outcome = 'stuck' and step_order = outcome_step) as is_done,
            draw(th, 'by hand') < 0.02 as is_by_hand,
        from sim_touches
        where action = 'TASK'
    )

    select
        (31000000000 + enrollment_no * 8 + step_order)::varchar as id,
        {
            'hs_task_subject': 'Step ' || (step_order + 1),
            'hs_task_type': task_type,
            'hs_task_status': if(is_done, 'COMPLETED', 'NOT_STARTED'),
            'hs_task_is_completed': is_done::varchar,
            'hs_task_completion_date': if(is_done, iso(done_ms), ''),
            -- A few were written by hand and belong to no sequence.
            'hs_task_sequence_step_enrollment_id': if(is_by_hand, '', enrollment_id),
            'hs_task_sequence_step_order': if(is_by_hand, '', step_order::varchar),
            'hs_timestamp': iso(executed_ms + 86400000),
        } as properties,
        iso(executed_ms) as "createdAt",
        iso(if(is_done, done_ms, executed_ms)) as "updatedAt",
        draw(th, 'task archived') < 0.01 as archived,
        contact_link(contact_id, 'task_to_contact') as associations,
    from tasks
    order by enrollment_no, step_order
"""

# Meetings of answered enrollments, and one-off meetings of anybody.
BOOKED_MEETINGS = """
        select
            *,
            if(
                outcome = 'meeting', end_ms - 3000, enrolled_ms + draw_int(h, 'one-off', 4000000000)
            ) as booked_ms,
            booked_ms + 86400000 * (1 + draw_int(h, 'ahead', 12)) as start_ms_of_meeting,
        from sim_enrollments
        where
            booked_ms <= window_end()
            and draw(h, 'meeting object') < if(outcome = 'meeting', 0.7, 0.01)
"""

_MEETINGS = f"""
    with meetings as ({BOOKED_MEETINGS})

    select
        (35000000000 + enrollment_no * 3)::varchar as id,
        {{
            'hs_meeting_title': 'Demo',
            'hs_createdate': if(draw(h, 'undated meeting') < 0.02, '', iso(booked_ms)),
            'hs_timestamp': iso(start_ms_of_meeting),
            'hs_meeting_start_time': iso(start_ms_of_meeting),
            'hs_meeting_outcome': case
                when start_ms_of_meeting > window_end() then 'SCHEDULED'
                when draw(h, 'show') < 0.7 then 'COMPLETED'
                when draw(h, 'show') < 0.85 then 'NO_SHOW'
                else ''
            end,
            'hubspot_owner_id': '',
        }} as properties,
        iso(booked_ms) as "createdAt",
        iso(booked_ms) as "updatedAt",
        draw(h, 'meeting archived') < 0.02 as archived,
        contact_link(contact_id, 'meeting_event_to_contact') as associations,
    from meetings
    order by enrollment_no
"""

_EMAILS = """
    select
        (41000000000 + enrollment_no * 8 + step_order)::varchar as id,
        {
            'hs_timestamp': iso(executed_ms),
            'hs_sequence_id': sequence_id,
            'hs_template_id': template_id,
            'hs_email_direction': 'EMAIL',
            'hs_email_open_count': if(draw(th, 'open') < 0.3, '1', '0'),
            'hs_email_click_count': if(draw(th, 'click') < 0.05, '1', '0'),
            'hs_email_reply_count': '0',
            'hs_incoming_email_is_out_of_office': '',
        } as properties,
        iso(executed_ms) as "createdAt",
        iso(executed_ms) as "updatedAt",
        false as archived,
        contact_link(contact_id, 'email_to_contact') as associations,
    from sim_touches
    where is_email and draw(th, 'email object') < 0.1
    order by enrollment_no, step_order
"""

# Snapshots of some enrollments that are still going on: the only source of "paused".
_SNAPSHOTS = """
    select
        enrollment_id as id,
        {
            'hs_enrollment_id': enrollment_id,
            'hs_sequence_id': sequence_id,
            'hs_contact_id': contact_id,
            'hs_enrolled_by': user_id,
            'hs_enrollment_state': if(outcome = 'stuck', 'PAUSED', 'EXECUTING'),
            'hs_dependency_type': case
                when outcome <> 'stuck' then '' when draw(h, 'paused') < 0.8 then 'TASK_COMPLETION'
                else 'MANUAL_PAUSE'
            end,
        } as properties,
        iso(enrolled_ms) as "createdAt",
        iso(window_end()) as "updatedAt",
        false as archived,
    from sim_enrollments
    where stop_ms <= window_end() and end_ms is null or end_ms > window_end()
    order by enrollment_no
"""

# Written by the slice as JSON lines; e-mails, snapshots and pages for small accounts only.
SLICED = {"deals": _DEALS, "tasks": _TASKS, "emails": _EMAILS}
SLICED_LARGE = {"deals": _DEALS, "tasks": _TASKS, "meetings": _MEETINGS}
PAGED_SMALL = {"meetings": _MEETINGS, "sequence_enrollments": _SNAPSHOTS}


def contacts(first: int, last: int, total: int, quirks: bool, newer: bool = False) -> str:
    """Query of contacts first <= n < last; ``newer``: later versions of the few that changed."""
    return _CONTACTS.substitute(
        first=first,
        last=last,
        contacts=total,
        quirks=int(quirks),
        suffix="'-Renamed'" if newer else "''",
        age_ms=31_536_000_000 if newer else 7_200_000,
        which="draw(h, 'changed') < 0.03" if newer else "true",
    )


def companies(first: int, last: int) -> str:
    """Query of companies first <= n < last."""
    return _COMPANIES.substitute(first=first, last=last)
