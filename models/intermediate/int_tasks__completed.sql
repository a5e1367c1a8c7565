with tasks as (
    select
        portal_id,
        enrollment_id,
        step_order,
        count(*) as tasks_completed,
        max(completed_at) as last_completed_at,
    from {{ ref('stg_hubspot__tasks') }}
    where
        is_completed
        and not is_archived
        and enrollment_id is not null
    group by all
),

-- a step that was executed with two templates has its tasks on the later one
templates as (
    select
        portal_id,
        enrollment_id,
        step_order,
        template_id,
    from {{ ref('int_enrollment_steps') }}
    where executed_at is not null
    qualify row_number() over (
        partition by portal_id, enrollment_id, step_order
        order by last_execution desc
    ) = 1
),

final as (
    select
        tasks.*,
        templates.template_id,
    from tasks
    left join templates using (portal_id, enrollment_id, step_order)
)

select * from final
