{%- set names = ['email', 'firstname', 'lastname', 'associatedcompanyid'] -%}

with objects as (
    select
        *,
        {{ object_texts(names) }} as texts,
    from {{ ref('stg_hubspot__objects') }}
    where object_type = 'contacts'
),

final as (
    select
        portal_id,
        object_id as contact_id,
        {{ object_field(names, 'email') }} as email,
        {{ object_field(names, 'firstname') }} as first_name,
        {{ object_field(names, 'lastname') }} as last_name,
        {{ id_text(object_field(names, 'associatedcompanyid')) }} as company_id,
        {{ field_issues([
            rounded_id('associatedcompanyid', object_field(names, 'associatedcompanyid'), 'company_id'),
        ]) }} as field_issues,
        source_file,
        is_archived,
        updated_at,
    from objects
)

select * from final
