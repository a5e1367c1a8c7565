with steps as (
    select * from {{ ref('int_enrollment_steps') }}
),

enrollments as (
    select * from {{ ref('fct_enrollments') }}
    where is_started
),

accounts as (
    select * from {{ ref('dim_accounts') }}
),

tasks as (
    select
        portal_id,
        enrollment_id,
        step_order,
        count(*) as tasks_completed,
    from {{ ref('stg_hubspot__tasks') }}
    where
        is_completed
        and not is_archived
        and enrollment_id is not null
        and step_order is not null
    group by all
),

-- a step that was executed with two templates has its tasks on the later one
task_templates as (
    select
        portal_id,
        enrollment_id,
        step_order,
        template_id,
    from steps
    where executed_at is not null
    qualify row_number() over (
        partition by portal_id, enrollment_id, step_order
        order by last_execution desc
    ) = 1
),

placed_tasks as (
    select
        tasks.*,
        task_templates.template_id,
    from tasks
    left join task_templates using (portal_id, enrollment_id, step_order)
),

joined as (
    select
        coalesce(steps.portal_id, placed_tasks.portal_id) as portal_id,
        coalesce(steps.enrollment_id, placed_tasks.enrollment_id) as enrollment_id,
        coalesce(steps.step_order, placed_tasks.step_order) as step_order,
        coalesce(steps.template_id, placed_tasks.template_id) as template_id,
        steps.* exclude (portal_id, enrollment_id, step_order, template_id, entity_key),
        coalesce(placed_tasks.tasks_completed, 0) as tasks_completed,
    from steps
    full outer join placed_tasks
        on
            steps.portal_id = placed_tasks.portal_id
            and steps.enrollment_id = placed_tasks.enrollment_id
            and steps.step_order = placed_tasks.step_order
            and steps.template_id is not distinct from placed_tasks.template_id
),

final as (
    select
        joined.* replace (
            case
                when accounts.metric_rules = 'before_2022'
                    then joined.is_meeting_booked_through_sequence
                else joined.is_meeting_booked
            end as is_meeting_booked
        ),
        enrollments.sequence_id,
        enrollments.contact_id,
    from joined
    inner join enrollments
        on
            joined.portal_id = enrollments.portal_id
            and joined.enrollment_id = enrollments.enrollment_id
    inner join accounts on joined.portal_id = accounts.portal_id
)

select * from final
