-- The filters of "Step performance" add up to it, and the rows behind its numbers are as many as they say.
with days as (
    select
        portal_id,
        sequence_id,
        step_order,
        template_id,
        sum(steps_executed) as steps_executed,
        sum(meeting_booked) as meeting_booked,
        sum(opened) as opened,
        sum(clicked) as clicked,
        sum(replied) as replied,
        sum(tasks_completed) as tasks_completed,
    from {{ ref('step_metrics_daily') }}
    group by all
),

contacts as (
    select
        portal_id,
        sequence_id,
        step_order,
        template_id,
        count(*) filter (where is_executed) as steps_executed,
        count(*) filter (where is_meeting_booked) as meeting_booked,
        count(first_opened_at) as opened,
        count(first_clicked_at) as clicked,
        count(first_replied_at) as replied,
        sum(tasks_completed) as tasks_completed,
    from {{ ref('step_contacts') }}
    group by all
),

funnel as (
    select
        portal_id,
        sequence_id,
        step_order,
        template_id,
        steps_executed,
        meeting_booked,
        opened,
        clicked,
        replied,
        tasks_completed,
    from {{ ref('step_funnel') }}
),

days_differ as (
    {{ difference('days', 'funnel') }}
),

contacts_differ as (
    {{ difference('contacts', 'funnel') }}
)

select * from days_differ
union all
select * from contacts_differ
