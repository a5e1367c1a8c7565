"""CRM objects in the shape of HubSpot's API, as queries whose rows are the objects.

Every query yields id, properties (a struct of strings, '' for missing), createdAt, updatedAt,
archived and, where HubSpot gives them, associations. Owners, pipelines and sequences have shapes
of their own, in ``definitions``.
"""

from string import Template

from hubspot_simulator.landing import activities

MACROS = """
    create or replace temp macro contact_link(contact_id, kind) as {
        'contacts': {'results': [{'id': contact_id, 'type': kind}]}
    };
    create or replace temp macro merged_company_id(company_id) as (company_id::bigint + 1)::varchar;
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
                -- Named by the other property alone.
                when n % 400 = 306 then '""'
                when n % 400 = 206
                    then '"' || contact_id_of(n + 1) || ';' || contact_id_of(n + 2) || '"'
                -- A single id is a number in some answers, text in others.
                when n % 400 = 6 then contact_id_of(n + 1)
                when n % 100 = 6 or is_archived_link then '"' || contact_id_of(n + 1) || '"'
                else '""'
            end::json as merged_ids,
            array_to_string([
                contact_id_of(merged) || ':' || (created_ms + 3600000)
                for merged in if(n % 400 = 206, [n + 1, n + 2], [n + 1])
            ], ';') as merged_vids,
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
                when $quirks = 1 and draw(h, 'with name') < 0.005
                    then '"' || first_name(h) || ' ' || last_name(h) || '" <' || local_part || '.' || n
                        || '@' || domain || '> '
                else local_part || '.' || n || '@' || domain
            end,
            'firstname': first_name(h),
            'lastname': last_name(h) || $suffix,
            'associatedcompanyid': company_id_of(company_no),
            'hs_merged_object_ids': merged_ids,
            'hs_calculated_merged_vids': if(
                merged_ids <> '""' or $quirks = 1 and n % 400 = 306, merged_vids, ''
            ),
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

# Company 20 of each fifty swallowed another, which had the next id.
_COMPANIES = Template(
    """
    select
        $id as id,
        {
            'name': 'Company ' || n || [' AS', ' Ltd', ' & Sons', ' Sp. z o.o.'][1 + n % 4],
            'domain': company_domain(n),
            'industry': ['COMPUTER_SOFTWARE', 'RETAIL', 'SHIPPING', ''][1 + n % 4],
            'country': ['Norway', 'Poland', 'United States', 'Sweden'][1 + n // 4 % 4],
            'hubspot_owner_id': '',
            'hs_merged_object_ids': case
                when $merges = 0 or n % 50 <> 20 then '""'
                when n % 100 = 20 then merged_company_id(company_id_of(n))
                else '"' || merged_company_id(company_id_of(n)) || '"'
            end::json,
        } as properties,
        iso(window_start() - 86400000 * (1 + n % 700)) as "createdAt",
        iso(window_start() + 86400000 * (n % 300)) as "updatedAt",
        false as archived,
    from range($first, $last) as numbers (n)
    where $which
    order by n
    """
)

# One deal in fifty swallowed another of the same content, some two.
_DEALS = Template(
    """
    with deals as (
        select
            *,
            if(quirk(h, 'deal merged', 0.02), if(draw(h, 'merged twice') < 0.4, 2, 1), 0) as merges,
            [(deal_id::bigint + merge)::varchar for merge in range(1, merges + 1)] as merged_ids,
        from sim_deals
    )

    select
        $id as id,
        {
            'dealname': 'Deal ' || enrollment_no || if(draw(h, 'emoji') < 0.05, ' 🚀', ''),
            'amount': amount,
            'deal_currency_code': currency,
            'amount_in_home_currency': home_amount,
            'hs_exchange_rate': rate,
            'dealstage': stage,
            'pipeline': pipeline,
            'hubspot_owner_id': owner_id,
            'createdate': if(draw(h, 'undated') < 0.01, '', iso(created_ms)),
            -- Some answers give epoch milliseconds.
            'closedate': case
                when not is_closed then '' when draw(h, 'epoch') < 0.1 then close_ms::varchar
                else iso(close_ms)
            end,
            -- Where it is empty the stage has to say so.
            'hs_is_closed_won': if(draw(h, 'unsaid') < 0.3, '', is_won::varchar),
            'hs_merged_object_ids': case
                when $merged or merges = 0 then '""'
                when merges = 1 and draw(h, 'merged twice') < 0.7 then merged_ids[1]
                else '"' || array_to_string(merged_ids, ';') || '"'
            end::json,
        } as properties,
        iso(created_ms) as "createdAt",
        iso(if($merged or not is_closed, created_ms, close_ms)) as "updatedAt",
        archived,
        {'contacts': {'results': [
            {'id': linked, 'type': 'deal_to_contact'}
            for linked in [contact_id, other_contact_id] if linked is not null
        ]}} as associations,
    from deals$swallowed
    order by enrollment_no, id
    """
)
DEALS = _DEALS.substitute(id="deal_id", merged="false", swallowed="")
# As they were landed before they were merged.
MERGED_DEALS = _DEALS.substitute(
    id="merged_id", merged="true", swallowed=", unnest(merged_ids) as swallowed (merged_id)"
)

# Written by the slice as JSON lines; small accounts have some as pages.
SLICED = {"deals": DEALS, "tasks": activities.TASKS, "emails": activities.EMAILS}
PAGED_SMALL = {"meetings": activities.MEETINGS, "sequence_enrollments": activities.SNAPSHOTS}
SLICED_LARGE = {**SLICED, **PAGED_SMALL}


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


def companies(first: int, last: int, quirks: bool, merged: bool = False) -> str:
    """Query of companies first <= n < last; ``merged``: of those that they swallowed, as they were before."""
    return _COMPANIES.substitute(
        first=first,
        last=last,
        id="merged_company_id(company_id_of(n))" if merged else "company_id_of(n)",
        merges=int(quirks and not merged),
        which="n % 50 = 20" if merged else "true",
    )
