with tasks as (
    select * from {{ ref('stg_hubspot__tasks') }}
    where
        is_completed
        and not is_archived
        and enrollment_id is not null
),

final as (
    select
        portal_id,
        enrollment_id,
        step_order,
        count(*) as tasks_completed,
        max(completed_at) as last_completed_at,
    from tasks
    group by all
)

select * from final
