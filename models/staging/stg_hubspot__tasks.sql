with objects as (
    select * from {{ ref('stg_hubspot__objects') }}
    where object_type = 'tasks'
),

final as (
    select
        portal_id,
        object_id as task_id,
        {{ object_field('hs_task_sequence_step_enrollment_id') }} as enrollment_id,
        {{ step_number(object_field('hs_task_sequence_step_order')) }} as step_order,
        coalesce(lower({{ object_field('hs_task_is_completed') }}) = 'true', false) as is_completed,
        {{ instant(object_field('hs_task_completion_date')) }} as completed_at,
        is_archived,
        updated_at,
    from objects
)

select * from final
