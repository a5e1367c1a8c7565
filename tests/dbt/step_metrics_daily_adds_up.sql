-- The filters of "Step performance" add up to it, and the rows behind its numbers are as many as they say.
with days as (
    select
        portal_id,
        sequence_id,
        step_order,
        template_id,
        sum(steps_executed) as steps_executed,
        sum(meetings) as meetings,
        sum(opens) as opens,
        sum(clicks) as clicks,
        sum(replies) as replies,
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
        count(*) filter (where is_meeting_booked) as meetings,
        count(first_opened_at) as opens,
        count(first_clicked_at) as clicks,
        count(first_replied_at) as replies,
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
        meetings,
        opens,
        clicks,
        replies,
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
