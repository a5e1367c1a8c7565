{%- set names = ['hs_createdate', 'createdAt'] -%}

with objects as (
    select
        *,
        {{ object_texts(names) }} as texts,
        {{ object_field(names, 'hs_createdate') }} as booked_text,
        {{ object_field(names, 'createdAt') }} as created_text,
    from {{ ref('stg_hubspot__objects') }}
    where object_type = 'meetings'
),

typed as (
    select
        *,
        {{ instant('booked_text') }} as hs_createdate,
        {{ instant('created_text') }} as created_at,
    from objects
),

final as (
    select
        portal_id,
        object_id as meeting_id,
        coalesce(hs_createdate, created_at) as booked_at,
        {{ field_issues([
            ['hs_createdate', 'unreadable_time', 'booked_text', 'hs_createdate'],
            ['createdAt', 'unreadable_time', 'created_text', 'created_at'],
        ]) }} as field_issues,
        source_file,
        is_archived,
        updated_at,
    from typed
)

select * from final
