{{ config(materialized = 'view') }}

with steps as (
    select * from {{ ref('int_step_activity') }}
),

final as (
    select
        portal_id,
        sequence_id,
        step_order,
        template_id,
        count(*) filter (where is_executed) as steps_executed,
        count(*) filter (where is_meeting_booked) as meetings,
        count(*) filter (where first_opened_at is not null) as opens,
        count(*) filter (where first_clicked_at is not null) as clicks,
        count(*) filter (where first_replied_at is not null) as replies,
        cast(sum(tasks_completed) as bigint) as tasks_completed,
    from steps
    group by all
    -- a step that only a meeting of a rule out of force knows is no step of the report
    having count(*) filter (where is_executed or is_meeting_booked) > 0 or sum(tasks_completed) > 0
)

select * from final
