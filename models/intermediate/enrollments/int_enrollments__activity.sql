with enrollments as (
    select * from {{ ref('int_enrollments__bounded') }}
),

activities as (
    select * from {{ ref('int_activities__placed') }}
),

steps as (
    select * from {{ ref('int_steps__executed') }}
),

timed as (
    select
        enrollments.portal_id,
        enrollments.enrollment_id,
        activities.kind,
        activities.occurred_at,
        steps.step_order,
        steps.is_email_step,
        activities.kind in ({{ kinds('meeting') }}) as is_meeting,
        {{ is_while_enrolled('activities.occurred_at') }} as is_while_enrolled,
        {{ is_soon_after_finish('activities.occurred_at') }} as is_soon_after_finish,
    from enrollments
    left join activities using (portal_id, enrollment_id)
    left join steps using (activity_key)
),

final as (
    select
        portal_id,
        enrollment_id,
        min(occurred_at) filter (where kind in ({{ kinds('starts') }})) as started_at,
        min(occurred_at) filter (where kind = 'step_executed') as first_step_executed_at,
        max(occurred_at) filter (where kind = 'step_executed') as last_step_executed_at,
        max(step_order) as last_step_order,
        count(distinct step_order) as steps_executed,
        count(*) filter (where is_email_step) as emails_sent,
        count(*) filter (where kind = 'opened') as opens,
        count(*) filter (where kind = 'clicked') as clicks,
        count(*) filter (where kind = 'replied') as replies,
        count(*) filter (where is_meeting) as meetings,
        min(occurred_at) filter (where is_email_step) as first_email_sent_at,
        min(occurred_at) filter (where kind = 'opened') as first_opened_at,
        min(occurred_at) filter (where kind = 'clicked') as first_clicked_at,
        min(occurred_at) filter (where kind = 'replied') as first_replied_at,
        min(occurred_at) filter (where is_meeting) as first_meeting_booked_at,
        max(occurred_at) filter (where kind in ({{ kinds('activity') }})) as last_activity_at,
        count(*) filter (where kind = 'replied' and is_while_enrolled) > 0
            as has_reply_while_enrolled,
        -- the first meeting by each version of the rule
        min(occurred_at) filter (where is_meeting and (is_while_enrolled or is_soon_after_finish))
            as first_meeting_while_enrolled_or_after_at,
        min(occurred_at) filter (where is_meeting and is_while_enrolled)
            as first_meeting_while_enrolled_at,
        min(occurred_at) filter (
            where kind = 'meeting_booked_through_sequence' and is_while_enrolled
        ) as first_meeting_through_sequence_at,
        count(*) filter (where kind = 'bounced') > 0 as has_bounce,
        count(*) filter (where kind = 'unsubscribed' and is_while_enrolled) > 0
            as has_unsubscribe_while_enrolled,
        opens > 0 as is_opened,
        clicks > 0 as is_clicked,
    from timed
    group by all
)

select * from final
