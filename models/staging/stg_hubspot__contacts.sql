with objects as (
    select * from {{ ref('stg_hubspot__objects') }}
    where object_type = 'contacts'
),

final as (
    select
        portal_id,
        object_id as contact_id,
        {{ object_field('email') }} as email,
        {{ object_field('firstname') }} as first_name,
        {{ object_field('lastname') }} as last_name,
        {{ object_id_field('associatedcompanyid') }} as company_id,
        is_archived,
        updated_at,
    from objects
)

select * from final
