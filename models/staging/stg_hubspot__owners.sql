with objects as (
    select * from {{ ref('stg_hubspot__objects') }}
    where object_type = 'owners'
),

final as (
    select
        portal_id,
        object_id as owner_id,
        {{ object_field('userId') }} as user_id,
        {{ object_field('email') }} as email,
        {{ object_field('firstName') }} as first_name,
        {{ object_field('lastName') }} as last_name,
        is_archived,
        updated_at,
    from objects
)

select * from final
