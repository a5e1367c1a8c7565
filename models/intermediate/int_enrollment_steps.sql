{{ config(materialized = 'incremental', incremental_strategy = 'touched_entities') }}
{{ require_everything_touched() }}

with enrollments as (
    select
        identified.*,
        ended.ended_at,
        ended.end_reason,
    from {{ ref('int_enrollments__identified') }} as identified
    left join {{ ref('int_enrollments__ended') }} as ended using (portal_id, enrollment_id)
),

activities as (
    select
        *,
        kind = 'unenrolled' and unenrolled_source = 'MEETING' as is_unenrolled_by_meeting,
    from {{ ref('int_activities__placed') }}
),

steps as (
    select * from {{ ref('int_steps__executed') }}
),

-- one enrollment is unenrolled by a meeting once: where its first such event stands
unenrolments as (
    select activity_key from activities
    where is_unenrolled_by_meeting
    qualify row_number() over (
        partition by portal_id, enrollment_id
        order by occurred_at, event_id
    ) = 1
),

timed as (
    select
        activities.*,
        enrollments.entity_key as enrollment_entity_key,
        activities.kind in ({{ meeting_kinds() }})
        and activities.occurred_at >= enrollments.enrolled_at
        and coalesce(activities.occurred_at <= enrollments.ended_at + {{ end_tolerance() }}, true)
            as is_meeting_while_enrolled,
        steps.is_email_step,
        unenrolments.activity_key is not null
        and coalesce(enrollments.end_reason = 'meeting_booked', false) as is_meeting_unenrolment,
    from activities
    inner join enrollments
        on
            activities.portal_id = enrollments.portal_id
            and activities.enrollment_id = enrollments.enrollment_id
    left join unenrolments on activities.activity_key = unenrolments.activity_key
    left join steps on activities.activity_key = steps.activity_key
),

final as (
    select
        portal_id,
        enrollment_id,
        enrollment_entity_key as entity_key,
        step_order,
        template_id,
        min(occurred_at) filter (where kind = 'step_executed') as executed_at,
        max(struct_pack(occurred_at, event_id)) filter (where kind = 'step_executed')
            as last_execution,
        min(occurred_at) filter (where kind = 'opened') as first_opened_at,
        min(occurred_at) filter (where kind = 'clicked') as first_clicked_at,
        min(occurred_at) filter (where kind = 'replied') as first_replied_at,
        min(occurred_at) filter (where is_meeting_while_enrolled) as first_meeting_booked_at,
        min(occurred_at) filter (
            where is_meeting_while_enrolled and kind = 'meeting_booked_through_sequence'
        ) as first_meeting_booked_through_sequence_at,
        max(occurred_at) filter (where is_email_step) as last_email_sent_at,
        count(*) filter (where is_email_step) as emails_sent,
        count(*) filter (where kind in ('step_executed', 'opened', 'clicked', 'replied')) > 0
            as is_executed,
        count(*) filter (where is_meeting_while_enrolled or is_meeting_unenrolment) > 0
            as is_meeting_booked,
    from timed
    where
        kind in ('step_executed', 'opened', 'clicked', 'replied')
        -- a meeting on no known step is the enrollment's alone
        or (
            (is_meeting_while_enrolled or is_meeting_unenrolment)
            and coalesce(cast(step_order as varchar), template_id) is not null
        )
    group by all
)

select * from final
