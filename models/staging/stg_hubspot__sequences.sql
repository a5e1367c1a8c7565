{%- set names = ['createdAt', 'name', 'folderId', 'userId', 'steps'] -%}

with objects as (
    select
        *,
        {{ object_texts(names) }} as texts,
        {{ object_field(names, 'createdAt') }} as created_text,
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
        {{ object_field(names, 'name') }} as sequence_name,
        {{ id_text(object_field(names, 'folderId')) }} as folder_id,
        {{ id_text(object_field(names, 'userId')) }} as user_id,
        created_at,
        coalesce(
            {{ json_list('$.steps') }}, {{ object_field(names, 'steps') }}
        ) as steps,
        list_concat(
            {{ field_issues([
                ['createdAt', 'unreadable_time', 'created_text', 'created_at'],
                rounded_id('folderId', object_field(names, 'folderId'), 'folder_id'),
                rounded_id('userId', object_field(names, 'userId'), 'user_id'),
            ]) }},
            {{ step_issues('steps') }}
        ) as field_issues,
        source_file,
        is_archived,
        updated_at,
    from typed
)

select * from final
