{%- set names = ['name'] -%}

with objects as (
    select
        *,
        {{ object_texts(names) }} as texts,
    from {{ ref('stg_hubspot__objects') }}
    where object_type = 'templates'
),

final as (
    select
        portal_id,
        object_id as template_id,
        nullif(trim({{ object_field(names, 'name') }}), '') as template_name,
        is_archived,
        updated_at,
    from objects
)

select * from final
