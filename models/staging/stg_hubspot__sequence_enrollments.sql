with objects as (
    select * from {{ ref('stg_hubspot__objects') }}
    where object_type = 'sequence_enrollments'
),

final as (
    select
        portal_id,
        object_id as snapshot_id,
        coalesce({{ object_id_field('hs_enrollment_id') }}, object_id) as enrollment_id,
        upper({{ object_field('hs_enrollment_state') }}) as enrollment_state,
        upper({{ object_field('hs_dependency_type') }}) as dependency_type,
        is_archived,
        updated_at,
    from objects
)

select * from final
