-- A sequence's funnel rows add up to the steps of its started enrollments, activity on no known step left
-- out; a step's templates share its reach, and together were sent to as many enrollments as came to it.
{% set measures = metric_names('step_measures') %}
with funnel as (
    select
        portal_id,
        sequence_id,
        {%- for measure in measures %}
        sum({{ measure }}) as {{ measure }},
        {%- endfor %}
    from {{ ref('step_funnel') }}
    group by all
),

steps as (
    select
        portal_id,
        sequence_id,
        {{ step_measures() }}
    from {{ ref('fct_enrollment_steps') }} as steps
    where step_order is not null
    group by all
),

sums as (
    {{ difference('funnel', 'steps') }}
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
        or sum(step_funnel.steps_executed) <> max(reach.executed_enrollments)
        or count(reach.executed_enrollments) < count(*)
)

select sequence_id from sums
union all
select sequence_id from reaches
