-- A sequence's funnel rows add up to the steps of its started enrollments; a step's templates share its
-- reach, and together were sent to no fewer enrollments than came to the step.
with funnel as (
    select
        portal_id,
        sequence_id,
        sum(steps_executed) as steps_executed,
        sum(opens) as opens,
        sum(replies) as replies,
        sum(tasks_completed) as tasks_completed,
    from {{ ref('step_funnel') }}
    group by all
),

steps as (
    select
        portal_id,
        sequence_id,
        count(*) filter (where is_executed) as steps_executed,
        count(first_opened_at) as opens,
        count(first_replied_at) as replies,
        sum(tasks_completed) as tasks_completed,
    from {{ ref('int_step_activity') }}
    where is_executed or is_meeting_booked or tasks_completed > 0
    group by all
),

sums as (
    select funnel.sequence_id
    from funnel
    full outer join steps
        on
            funnel.portal_id = steps.portal_id
            and funnel.sequence_id is not distinct from steps.sequence_id
    where
        (funnel.steps_executed, funnel.opens, funnel.replies, funnel.tasks_completed)
        is distinct from (steps.steps_executed, steps.opens, steps.replies, steps.tasks_completed)
),

reaches as (
    select step_funnel.sequence_id
    from {{ ref('step_funnel') }} as step_funnel
    left join {{ ref('int_step_reach') }} as reach
        on
            step_funnel.portal_id = reach.portal_id
            and step_funnel.sequence_id is not distinct from reach.sequence_id
            and step_funnel.step_order = reach.step_order
    group by step_funnel.portal_id, step_funnel.sequence_id, step_funnel.step_order
    having
        count(distinct step_funnel.reach_rate) > 1
        or sum(step_funnel.steps_executed) < max(reach.executed_enrollments)
        or max(step_funnel.steps_executed) > max(reach.executed_enrollments)
        or count(reach.executed_enrollments) < count(*)
)

select * from sums
union all
select * from reaches
