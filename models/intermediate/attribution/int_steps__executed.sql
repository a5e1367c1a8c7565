with activities as (
    select * from {{ ref('int_activities__linked') }}
    where kind = 'step_executed' and enrollment_id is not null
),

enrollments as (
    select * from {{ ref('int_enrollments__identified') }}
),

email_steps as (
    select * from {{ ref('int_steps__email') }}
),

final as (
    select
        activities.activity_key,
        activities.portal_id,
        activities.enrollment_id,
        enrollments.contact_id,
        enrollments.enrolled_at,
        activities.step_order,
        activities.template_id,
        activities.occurred_at as executed_at,
        activities.event_id,
        activities.template_id is not null or email_steps.step_order is not null as is_email_step,
    from activities
    inner join enrollments
        on
            activities.portal_id = enrollments.portal_id
            and activities.enrollment_id = enrollments.enrollment_id
    left join email_steps
        on
            enrollments.portal_id = email_steps.portal_id
            and enrollments.sequence_id = email_steps.sequence_id
            and activities.step_order = email_steps.step_order
)

select * from final
