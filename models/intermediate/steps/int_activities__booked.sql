with enrollments as (
    select * from {{ ref('int_enrollments__bounded') }}
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
        and {{ is_while_enrolled('activities.occurred_at') }}
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
