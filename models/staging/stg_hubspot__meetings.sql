with objects as (
    select * from {{ ref('stg_hubspot__objects') }}
    where object_type = 'meetings'
),

final as (
    select
        portal_id,
        object_id as meeting_id,
        coalesce(
            {{ instant(object_field('hs_createdate')) }}, {{ instant(object_field('createdAt')) }}
        ) as booked_at,
        json_extract_string(record, '$.associations.contacts.results[*].id') as contact_ids,
        is_archived,
        updated_at,
    from objects
)

select * from final
