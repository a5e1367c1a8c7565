{%- set names = ['hs_enrollment_id', 'hs_enrollment_state', 'hs_dependency_type'] -%}

with objects as (
    select
        *,
        {{ object_texts(names) }} as texts,
    from {{ ref('stg_hubspot__objects') }}
    where object_type = 'sequence_enrollments'
),

final as (
    select
        portal_id,
        object_id as snapshot_id,
        coalesce({{ id_text(object_field(names, 'hs_enrollment_id')) }}, object_id) as enrollment_id,
        upper({{ object_field(names, 'hs_enrollment_state') }}) as enrollment_state,
        upper({{ object_field(names, 'hs_dependency_type') }}) as dependency_type,
        is_archived,
        updated_at,
    from objects
)

select * from final
