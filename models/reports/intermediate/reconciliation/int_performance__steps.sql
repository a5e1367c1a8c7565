with periods as (
    select * from {{ ref('int_performance__periods') }}
),

-- a step once for each enrollment, whatever templates it was executed with
enrollment_steps as (
    select
        portal_id,
        sequence_id,
        step_order,
        enrollment_id,
        false as is_earlier,
        bool_or(is_executed) as is_executed,
        min(least(executed_at, first_opened_at, first_clicked_at, first_replied_at)) as first_at,
        bool_or(is_meeting_booked) as is_meeting_booked,
        min(first_meeting_booked_at) as first_meeting_booked_at,
        min(first_opened_at) as first_opened_at,
        min(first_clicked_at) as first_clicked_at,
        min(first_replied_at) as first_replied_at,
        sum(tasks_completed) as tasks_completed,
    from {{ ref('fct_enrollment_steps') }}
    semi join periods using (portal_id)
    where step_order is not null
    group by all
),

later_tasks as (
    select
        portal_id,
        enrollment_id,
        step_order,
        count(*) as tasks_completed,
    from {{ ref('stg_hubspot__tasks') }} as tasks
    inner join enrollment_steps using (portal_id, enrollment_id, step_order)
    inner join periods using (portal_id, sequence_id)
    where tasks.is_completed and not tasks.is_archived and tasks.completed_at > periods.earlier_at
    group by all
),

earlier as (
    select
        steps.* replace (
            true as is_earlier,
            steps.is_executed and steps.first_at <= periods.earlier_at as is_executed,
            -- known by the unenrollment alone, it has no time: it was so then, which explains nothing
            steps.is_meeting_booked
            and coalesce(steps.first_meeting_booked_at <= periods.earlier_at, true) as is_meeting_booked,
            if(first_opened_at <= earlier_at, first_opened_at, null) as first_opened_at,
            if(first_clicked_at <= earlier_at, first_clicked_at, null) as first_clicked_at,
            if(first_replied_at <= earlier_at, first_replied_at, null) as first_replied_at,
            steps.tasks_completed - coalesce(later_tasks.tasks_completed, 0) as tasks_completed
        ),
    from enrollment_steps as steps
    inner join periods using (portal_id, sequence_id)
    left join later_tasks using (portal_id, enrollment_id, step_order)
    where periods.earlier_at is not null
),

moments as (
    select * from enrollment_steps
    union all
    select * from earlier
),

final as (
    select
        steps.portal_id,
        steps.sequence_id,
        steps.step_order,
        steps.is_earlier,
        {{ step_measures() }}
    from moments as steps
    group by all
)

select * from final
