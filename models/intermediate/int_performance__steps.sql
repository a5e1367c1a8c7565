with answers as (
    select * from {{ ref('stg_hubspot__sequence_performance') }}
),

steps as (
    select * from {{ ref('int_step_activity') }}
    semi join answers using (portal_id)
    where step_order is not null
),

-- a step once for each enrollment, whatever templates it was executed with
enrollment_steps as (
    select
        portal_id,
        sequence_id,
        step_order,
        enrollment_id,
        bool_or(is_executed) as is_executed,
        bool_or(is_meeting_booked) as is_meeting_booked,
        min(first_opened_at) as first_opened_at,
        min(first_clicked_at) as first_clicked_at,
        min(first_replied_at) as first_replied_at,
        sum(tasks_completed) as tasks_completed,
    from steps
    group by all
),

final as (
    select
        steps.portal_id,
        steps.sequence_id,
        steps.step_order,
        {{ step_measures() }}
    from enrollment_steps as steps
    group by all
)

select * from final
