with steps as (
    select * from {{ ref('int_step_counts') }}
),

definitions as (
    select * from {{ ref('dim_sequence_steps') }}
),

sequences as (
    select * from {{ ref('dim_sequences') }}
),

templates as (
    select * from {{ ref('dim_templates') }}
),

-- how far a sequence's enrollments come: per step, whatever its template
reach as (
    select * from {{ ref('int_step_reach') }}
),

final as (
    select
        steps.portal_id,
        steps.sequence_id,
        sequences.sequence_name,
        steps.step_order,
        steps.template_id,
        templates.template_name,
        coalesce(
            definitions.action_type, case when steps.template_id is not null then 'EMAIL' end
        ) as action,
        definitions.step_order is not null as is_current_step,
        steps.steps_executed,
        steps.meeting_booked,
        steps.opened,
        steps.clicked,
        steps.replied,
        steps.tasks_completed,
        {{ rate_with_interval('steps.opened', 'steps.steps_executed', 'open_rate') }}
        {{ rate_with_interval('steps.clicked', 'steps.steps_executed', 'click_rate') }}
        {{ rate_with_interval('steps.replied', 'steps.steps_executed', 'reply_rate') }}
        {{ rate_with_interval('steps.meeting_booked', 'steps.steps_executed', 'meeting_rate') }}
        {{ ratio('steps.tasks_completed', 'steps.steps_executed') }} as task_completion_rate,
        reach.reach_rate,
        reach.reach_rate_lower,
        reach.reach_rate_upper,
        reach.drop_off,
    from steps
    left join definitions
        on
            steps.portal_id = definitions.portal_id
            and steps.sequence_id = definitions.sequence_id
            and steps.step_order = definitions.step_order
    left join reach
        on
            steps.portal_id = reach.portal_id
            and steps.sequence_id is not distinct from reach.sequence_id
            and steps.step_order = reach.step_order
    left join sequences
        on
            steps.portal_id = sequences.portal_id
            and steps.sequence_id = sequences.sequence_id
    left join templates
        on
            steps.portal_id = templates.portal_id
            and steps.template_id = templates.template_id
)

select * from final
