{{ config(materialized = 'view') }}

with contacts as (
    select * from {{ ref('stg_hubspot__contacts') }}
),

links as (
    select * from {{ ref('int_objects__links') }}
    where object_type = 'contacts' and linked_type = 'companies'
),

final as (
    select
        contacts.portal_id,
        contacts.contact_id,
        coalesce(contacts.company_id, links.linked_ids[1]) as company_id,
    from contacts
    left join links
        on
            contacts.portal_id = links.portal_id
            and contacts.contact_id = links.object_id
)

select * from final
