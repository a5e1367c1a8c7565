{{ config(materialized = 'incremental', incremental_strategy = 'touched_entities') }}
{{ require_everything_touched() }}

with enrollments as (
    select * from {{ ref('int_enrollments__bounded') }}
),

activities as (
    select * from {{ ref('int_enrollments__activity') }}
),

final as (
    select
        enrollments.portal_id,
        enrollments.enrollment_id,
        enrollments.entity_key,
        enrollments.sequence_id,
        enrollments.contact_id,
        enrollments.company_id,
        enrollments.enrolled_by_user_id,
        enrollments.enrolled_at,
        enrollments.ended_at,
        case
            when enrollments.ended_at is not null then enrollments.end_status
            when activities.started_at is not null then 'in_progress'
            else 'scheduled'
        end as status,
        enrollments.end_reason,
        activities.* exclude (
            portal_id,
            enrollment_id,
            has_reply_while_enrolled,
            has_bounce,
            has_unsubscribe_while_enrolled
        ),
        activities.started_at is not null as is_started,
        enrollments.is_inferred,
        activities.has_reply_while_enrolled or enrollments.is_ended_by_reply as is_replied_while_enrolled,
        activities.replies > 0 as is_replied_to_sequence_email,
        activities.first_meeting_while_enrolled_or_after_at is not null
        or enrollments.meeting_unenrollment_key is not null as is_meeting_booked_while_enrolled_or_after,
        activities.first_meeting_while_enrolled_at is not null
        or enrollments.meeting_unenrollment_key is not null as is_meeting_booked_while_enrolled,
        activities.first_meeting_through_sequence_at is not null as is_meeting_booked_through_sequence,
        activities.has_bounce or enrollments.is_ended_by_bounce as is_bounced,
        activities.has_unsubscribe_while_enrolled or enrollments.is_ended_by_unsubscribe as is_unsubscribed,
        enrollments.ended_at is not null and not is_replied_while_enrolled as is_no_response,
    from enrollments
    inner join activities using (portal_id, enrollment_id)
)

select * from final
