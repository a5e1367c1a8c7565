{%- set names = ['hs_template_id', 'hs_email_subject', 'hs_email_direction'] -%}

with objects as (
    select
        *,
        {{ object_texts(names) }} as texts,
    from {{ ref('stg_hubspot__objects') }}
    where object_type = 'emails'
),

final as (
    select
        portal_id,
        object_id as email_id,
        {{ id_text(object_field(names, 'hs_template_id')) }} as template_id,
        nullif(trim({{ object_field(names, 'hs_email_subject') }}), '') as subject,
        coalesce(
            upper(trim({{ object_field(names, 'hs_email_direction') }})) = 'INCOMING_EMAIL', false
        ) as is_incoming,
        {{ field_issues([
            rounded_id('hs_template_id', object_field(names, 'hs_template_id'), 'template_id'),
        ]) }} as field_issues,
        source_file,
        is_archived,
        updated_at,
    from objects
)

select * from final
