with objects as (
    select
        *,
        {{ object_field('createdAt') }} as created_text,
    from {{ ref('stg_hubspot__objects') }}
    where object_type = 'sequences'
),

typed as (
    select
        *,
        {{ instant('created_text') }} as created_at,
    from objects
),

final as (
    select
        portal_id,
        object_id as sequence_id,
        {{ object_field('name') }} as sequence_name,
        {{ object_id_field('folderId') }} as folder_id,
        {{ object_id_field('userId') }} as user_id,
        created_at,
        {{ list_or_text('$.steps') }} as steps,
        {{ field_issues([['createdAt', 'unreadable_time', 'created_text', 'created_at']]) }} as field_issues,
        source_file,
        is_archived,
        updated_at,
    from typed
)

select * from final
