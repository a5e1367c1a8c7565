with activities as (
    select * from {{ ref('int_activities__attributed') }}
),

steps as (
    select * from {{ ref('int_steps__executed') }}
    where step_order is not null
),

-- an executed step and an enroll event say themselves which step they are
searching as (
    select * from activities
    where
        enrollment_id is not null
        and (template_id is null or step_order is null)
        and (step_order is not null or kind not in ('step_executed', 'enrolled'))
),

-- the step executed last at or before the event is nearest, then the first one after it
candidates as (
    select
        searching.activity_key,
        searching.kind,
        searching.step_order as own_step_order,
        searching.template_id as own_template_id,
        steps.step_order,
        steps.template_id,
        steps.is_email_step,
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

found_steps as (
    select
        activity_key,
        coalesce(
            any_value(own_step_order),
            max_by(step_order, nearness) filter (where template_id = own_template_id),
            max_by(step_order, nearness) filter (
                where is_before and (is_email_step or kind not in ('opened', 'clicked', 'replied'))
            )
        ) as step_order,
    from candidates
    group by all
),

found_templates as (
    select
        candidates.activity_key,
        max_by(candidates.template_id, candidates.nearness) as template_id,
    from candidates
    inner join found_steps
        on
            candidates.activity_key = found_steps.activity_key
            and candidates.step_order = found_steps.step_order
    where candidates.template_id is not null
    group by all
),

final as (
    select
        activities.* replace (
            coalesce(activities.step_order, found_steps.step_order) as step_order,
            coalesce(activities.template_id, found_templates.template_id) as template_id
        ),
    from activities
    left join found_steps on activities.activity_key = found_steps.activity_key
    left join found_templates on activities.activity_key = found_templates.activity_key
)

select * from final
