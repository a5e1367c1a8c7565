with steps as (
    select * from {{ ref('int_enrollment_steps') }}
),

tasks as (
    select * from {{ ref('int_tasks__completed') }}
    where step_order is not null
),

enrollments as (
    select * from {{ ref('fct_enrollments') }}
    where is_started
),

accounts as (
    select * from {{ ref('dim_accounts') }}
),

joined as (
    select
        portal_id,
        enrollment_id,
        step_order,
        steps.template_id,
        steps.executed_at,
        steps.first_opened_at,
        steps.first_clicked_at,
        steps.first_replied_at,
        steps.first_meeting_booked_at,
        steps.first_meeting_booked_through_sequence_at,
        coalesce(steps.emails_sent, 0) as emails_sent,
        coalesce(steps.is_executed, false) as is_executed,
        coalesce(steps.is_meeting_booked, false) as is_meeting_booked,
        coalesce(tasks.tasks_completed, 0) as tasks_completed,
    from steps
    full outer join tasks using (portal_id, enrollment_id, step_order)
),

by_rule as (
    select
        joined.* exclude (first_meeting_booked_through_sequence_at) replace (
            {{ by_rules(
                'accounts.metric_rules',
                before_2022='joined.first_meeting_booked_through_sequence_at',
                of_2022='joined.first_meeting_booked_at',
                current='joined.first_meeting_booked_at',
            ) }} as first_meeting_booked_at,
            {{ by_rules(
                'accounts.metric_rules',
                before_2022='joined.first_meeting_booked_through_sequence_at is not null',
                of_2022='joined.is_meeting_booked',
                current='joined.is_meeting_booked',
            ) }} as is_meeting_booked
        ),
        enrollments.sequence_id,
        enrollments.contact_id,
        enrollments.enrolled_by_user_id,
        enrollments.company_id,
        enrollments.enrolled_on,
    from joined
    inner join enrollments using (portal_id, enrollment_id)
    inner join accounts using (portal_id)
),

-- what only a meeting of a rule out of force knows is no step of any report
final as (
    select * from by_rule
    where is_executed or is_meeting_booked or tasks_completed > 0
)

select * from final
