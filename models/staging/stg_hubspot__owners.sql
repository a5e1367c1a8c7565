with objects as (
    select * from {{ ref('stg_hubspot__objects') }}
    where object_type = 'owners'
),

final as (
    select
        portal_id,
        object_id as owner_id,
        is_archived,
        updated_at,
    from objects
)

select * from final
