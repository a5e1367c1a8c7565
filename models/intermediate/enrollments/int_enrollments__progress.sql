with enrollments as (
    select * from {{ ref('int_enrollments') }}
),

definitions as (
    select * from {{ ref('stg_hubspot__sequence_steps') }}
),

executions as (
    select
        portal_id,
        enrollment_id,
        step_order,
        last_executed_at,
        last_email_sent_at,
    from {{ ref('int_enrollment_steps') }}
),

-- an e-mail is completed when it is executed, a task when somebody has done it
completions as (
    select
        enrollments.portal_id,
        enrollments.enrollment_id,
        case
            when definitions.action_type is null then executions.last_executed_at
            else executions.last_email_sent_at
        end as completed_at,
    from enrollments
    inner join executions using (portal_id, enrollment_id)
    left join definitions
        on
            enrollments.portal_id = definitions.portal_id
            and enrollments.sequence_id = definitions.sequence_id
            and executions.step_order = definitions.step_order
    union all
    select
        portal_id,
        enrollment_id,
        last_completed_at as completed_at,
    from {{ ref('int_tasks__completed') }}
),

completed as (
    select
        portal_id,
        enrollment_id,
        max(completed_at) as last_step_completed_at,
    from completions
    group by all
),

upcoming as (
    select
        enrollments.portal_id,
        enrollments.enrollment_id,
        min(definitions.step_order) as next_step_order,
    from enrollments
    inner join definitions
        on
            enrollments.portal_id = definitions.portal_id
            and enrollments.sequence_id = definitions.sequence_id
            and coalesce(enrollments.last_step_order, -1) < definitions.step_order
    where enrollments.ended_at is null
    group by all
),

final as (
    select
        enrollments.portal_id,
        enrollments.enrollment_id,
        completed.last_step_completed_at,
        upcoming.next_step_order,
    from enrollments
    left join completed using (portal_id, enrollment_id)
    left join upcoming using (portal_id, enrollment_id)
)

select * from final
