with enrollments as (
    select
        identified.portal_id,
        identified.enrollment_id,
        identified.enrolled_at,
        ended.ended_at,
        ended.meeting_unenrollment_key,
    from {{ ref('int_enrollments__identified') }} as identified
    left join {{ ref('int_enrollments__ended') }} as ended using (portal_id, enrollment_id)
),

-- a meeting on neither a step nor a template is the enrollment's alone
activities as (
    select * from {{ ref('int_activities__placed') }}
    where step_order is not null or template_id is not null
),

meetings as (
    select
        activities.activity_key,
        activities.portal_id,
        activities.enrollment_id,
        activities.kind,
        activities.occurred_at,
    from activities
    inner join enrollments using (portal_id, enrollment_id)
    where
        activities.kind in ({{ kinds('meeting') }})
        and activities.occurred_at >= enrollments.enrolled_at
        and coalesce(activities.occurred_at <= enrollments.ended_at + {{ end_tolerance() }}, true)
),

unenrollments as (
    select
        activities.activity_key,
        activities.portal_id,
        activities.enrollment_id,
        activities.occurred_at,
    from activities
    inner join enrollments on activities.activity_key = enrollments.meeting_unenrollment_key
),

told as (
    select unenrollments.activity_key
    from unenrollments
    inner join meetings using (portal_id, enrollment_id)
    where
        meetings.occurred_at between unenrollments.occurred_at - {{ end_tolerance() }}
        and unenrollments.occurred_at + {{ end_tolerance() }}
),

-- an unenrollment tells neither when the meeting was booked nor through what
final as (
    select
        activity_key,
        occurred_at as booked_at,
        kind = 'meeting_booked_through_sequence' as is_through_sequence,
    from meetings
    union all
    select
        activity_key,
        null as booked_at,
        false as is_through_sequence,
    from unenrollments
    anti join told using (activity_key)
)

select * from final
