with enrollments as (
    select * from {{ ref('int_enrollments__identified') }}
),

activities as (
    select * from {{ ref('int_activities__ending') }}
),

end_reasons as (
    select * from {{ ref('end_reasons') }}
),

ends as (
    select
        *,
        min(occurred_at) over (partition by portal_id, enrollment_id) as ended_at,
    from activities
),

-- several events of one act, written up to a minute apart, are one end: one reason, but all its flags
acts as (
    select
        ends.portal_id,
        ends.enrollment_id,
        ends.ended_at,
        min_by(end_reasons.end_reason, end_reasons.priority) as end_reason,
        min_by(end_reasons.status, end_reasons.priority) as end_status,
        min(ends.occurred_at) filter (where ends.end_reason = 'finished') as first_finished_at,
        min_by(ends.activity_key, row(ends.occurred_at, ends.event_id)) filter (
            where ends.end_reason = 'meeting_booked'
        ) as meeting_unenrollment_key,
        bool_or(ends.end_reason = 'replied') as is_ended_by_reply,
        bool_or(ends.end_reason = 'bounced') as is_ended_by_bounce,
        bool_or(ends.end_reason = 'unsubscribed') as is_ended_by_unsubscribe,
    from ends
    inner join end_reasons on ends.end_reason = end_reasons.end_reason
    where ends.occurred_at <= ends.ended_at + {{ end_tolerance() }}
    group by all
),

final as (
    select
        enrollments.*,
        acts.ended_at,
        acts.end_reason,
        acts.end_status,
        case when acts.end_reason = 'finished' then acts.first_finished_at end as finished_at,
        acts.meeting_unenrollment_key,
        coalesce(acts.is_ended_by_reply, false) as is_ended_by_reply,
        coalesce(acts.is_ended_by_bounce, false) as is_ended_by_bounce,
        coalesce(acts.is_ended_by_unsubscribe, false) as is_ended_by_unsubscribe,
    from enrollments
    left join acts using (portal_id, enrollment_id)
)

select * from final
