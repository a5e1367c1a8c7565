with objects as (
    select * from {{ ref('stg_hubspot__objects') }}
    where object_type = 'companies'
),

final as (
    select
        portal_id,
        object_id as company_id,
        {{ object_field('name') }} as company_name,
        {{ object_field('domain') }} as domain,
        is_archived,
        updated_at,
    from objects
)

select * from final
