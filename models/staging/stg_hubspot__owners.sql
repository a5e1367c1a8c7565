{%- set names = ['userId', 'userIdIncludingInactive'] -%}

with objects as (
    select
        *,
        {{ object_texts(names) }} as texts,
    from {{ ref('stg_hubspot__objects') }}
    where object_type = 'owners'
),

final as (
    select
        portal_id,
        object_id as owner_id,
        -- a user who left has only the second
        coalesce(
            {{ id_text(object_field(names, 'userId')) }},
            {{ id_text(object_field(names, 'userIdIncludingInactive')) }}
        ) as user_id,
        is_archived,
        updated_at,
    from objects
)

select * from final
