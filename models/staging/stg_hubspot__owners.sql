with objects as (
    select * from {{ ref('stg_hubspot__objects') }}
    where object_type = 'owners'
),

final as (
    select
        portal_id,
        object_id as owner_id,
        -- a user who left has only the second
        coalesce({{ object_id_field('userId') }}, {{ object_id_field('userIdIncludingInactive') }}) as user_id,
        is_archived,
        updated_at,
    from objects
)

select * from final
