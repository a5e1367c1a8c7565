with activities as (
    select * from {{ ref('int_activities__attributed') }}
),

unenrolled_sources as (
    select * from {{ ref('unenrolled_sources') }}
),

steps as (
    select * from {{ ref('int_steps__executed') }}
    where step_order is not null
),

-- an executed step and an enroll event say themselves which step they are, and so does any other event
-- that names its step, but a meeting, and what it unenrolled, are where the contact had come to
searching as (
    select
        activities.*,
        activities.kind in ({{ kinds('meeting') }})
        or (
            activities.kind = 'unenrolled'
            and coalesce(unenrolled_sources.end_reason = 'meeting_booked', false)
        ) as is_meeting,
    from activities
    left join unenrolled_sources on activities.unenrolled_source = unenrolled_sources.unenrolled_source
    where
        activities.enrollment_id is not null
        and (
            is_meeting
            or (activities.step_order is null and activities.kind not in ('step_executed', 'enrolled'))
        )
),

-- the step executed last at or before the event is nearest, then the first one after it
candidates as (
    select
        searching.activity_key,
        steps.step_order,
        steps.template_id = searching.template_id and not searching.is_meeting as has_its_template,
        steps.is_email_step or searching.kind not in ({{ kinds('of_step') }}) as is_eligible,
        steps.executed_at <= searching.occurred_at as is_before,
        row(
            is_before,
            epoch_us(steps.executed_at) * case when is_before then 1 else -1 end,
            steps.step_order,
            steps.event_id
        ) as nearness,
    from searching
    inner join steps
        on
            searching.portal_id = steps.portal_id
            and searching.enrollment_id = steps.enrollment_id
),

found as (
    select
        activity_key,
        coalesce(
            max_by(step_order, nearness) filter (where has_its_template),
            max_by(step_order, nearness) filter (where is_before and is_eligible)
        ) as step_order,
    from candidates
    group by all
),

final as (
    select activities.* replace (coalesce(found.step_order, activities.step_order) as step_order),
    from activities
    left join found on activities.activity_key = found.activity_key
)

select * from final
