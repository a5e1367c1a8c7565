with objects as (
    select * from {{ ref('stg_hubspot__objects') }}
    where object_type = 'sequences'
),

final as (
    select
        portal_id,
        object_id as sequence_id,
        {{ object_field('name') }} as sequence_name,
        {{ object_field('folderId') }} as folder_id,
        {{ object_field('userId') }} as user_id,
        {{ instant(object_field('createdAt')) }} as created_at,
        {{ object_field('steps') }} as steps,
        is_archived,
        updated_at,
    from objects
)

select * from final
