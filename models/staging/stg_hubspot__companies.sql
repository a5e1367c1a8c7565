{%- set names = ['name', 'domain'] -%}

with objects as (
    select
        *,
        {{ object_texts(names) }} as texts,
    from {{ ref('stg_hubspot__objects') }}
    where object_type = 'companies'
),

final as (
    select
        portal_id,
        object_id as company_id,
        {{ object_field(names, 'name') }} as company_name,
        {{ object_field(names, 'domain') }} as domain,
        is_archived,
        updated_at,
    from objects
)

select * from final
