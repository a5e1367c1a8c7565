with enrollments as (
    select * from {{ ref('int_enrollments') }}
),

accounts as (
    select * from {{ ref('dim_accounts') }}
),

contacts as (
    select * from {{ ref('stg_hubspot__contacts') }}
),

final as (
    select
        enrollments.portal_id,
        enrollments.enrollment_id,
        enrollments.sequence_id,
        enrollments.contact_id,
        coalesce(enrollments.company_id, contacts.company_id) as company_id,
        enrollments.enrolled_by_user_id,

        case
            when enrollments.company_id is not null then 'event'
            when contacts.company_id is not null then 'contact'
        end as company_source,
        enrollments.status,
        cast(null as varchar) as status_detail,
        enrollments.end_reason,

        enrollments.enrolled_at,
        enrollments.started_at,
        enrollments.ended_at,
        enrollments.first_step_executed_at,
        enrollments.last_step_executed_at,
        enrollments.first_opened_at,
        enrollments.first_clicked_at,
        enrollments.first_replied_at,
        enrollments.first_meeting_booked_at,
        cast((enrollments.enrolled_at at time zone accounts.time_zone) as date) as enrolled_on,
        cast((enrollments.ended_at at time zone accounts.time_zone) as date) as ended_on,

        enrollments.last_step_order,
        enrollments.steps_executed,
        enrollments.emails_sent,
        enrollments.opens,
        enrollments.clicks,
        enrollments.replies,
        enrollments.meetings,
        cast(null as bigint) as deals,
        cast(null as decimal(38, 6)) as revenue,

        enrollments.is_started,
        enrollments.is_inferred,
        enrollments.is_opened,
        enrollments.is_clicked,
        case
            when accounts.metric_rules = 'before_2022'
                then enrollments.is_replied_to_sequence_email
            else enrollments.is_replied_while_enrolled
        end as is_replied,
        enrollments.is_replied_while_enrolled,
        enrollments.is_replied_to_sequence_email,
        case accounts.metric_rules
            when 'before_2022' then enrollments.is_meeting_booked_through_sequence
            when '2022' then enrollments.is_meeting_booked_while_enrolled
            when 'current' then enrollments.is_meeting_booked_within_7_days
            else error('The var metric_rules must be current, 2022 or before_2022.')
        end as is_meeting_booked,
        enrollments.is_meeting_booked_within_7_days,
        enrollments.is_meeting_booked_while_enrolled,
        enrollments.is_meeting_booked_through_sequence,
        enrollments.is_bounced,
        enrollments.is_unsubscribed,
        enrollments.is_no_response,
    from enrollments
    inner join accounts on enrollments.portal_id = accounts.portal_id
    left join contacts
        on
            enrollments.portal_id = contacts.portal_id
            and enrollments.contact_id = contacts.contact_id
)

select * from final
