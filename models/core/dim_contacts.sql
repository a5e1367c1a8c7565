with contacts as (
    select * from {{ ref('stg_hubspot__contacts') }}
),

companies as (
    select * from {{ ref('int_contacts__companies') }}
),

survivors as (
    select * from {{ ref('int_contacts__survivors') }}
),

seen as (
    select distinct
        portal_id,
        contact_id,
    from {{ ref('int_enrollments') }}
    where contact_id is not null
),

final as (
    select
        coalesce(contacts.portal_id, seen.portal_id) as portal_id,
        coalesce(contacts.contact_id, seen.contact_id) as contact_id,
        -- of a circle of merges, one is its own survivor
        nullif(survivors.survivor_contact_id, survivors.contact_id) as merged_into_contact_id,
        contacts.email,
        contacts.first_name,
        contacts.last_name,
        nullif(
            concat_ws(' ', nullif(trim(contacts.first_name), ''), nullif(trim(contacts.last_name), '')), ''
        ) as contact_name,
        companies.company_id,
        contacts.updated_at,
        coalesce(contacts.is_archived, false) as is_archived,
        contacts.contact_id is not null as is_known,
    from contacts
    full outer join seen
        on
            contacts.portal_id = seen.portal_id
            and contacts.contact_id = seen.contact_id
    left join companies
        on
            contacts.portal_id = companies.portal_id
            and contacts.contact_id = companies.contact_id
    left join survivors
        on
            contacts.portal_id = survivors.portal_id
            and contacts.contact_id = survivors.contact_id
)

select * from final
