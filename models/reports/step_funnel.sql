with steps as (
    select
        portal_id,
        sequence_id,
        step_order,
        template_id,
        {{ summed('step_measures') }}
    from {{ ref('step_metrics_daily') }}
    group by all
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
        {%- for measure in metric_names('step_measures') %}
        steps.{{ measure }},
        {%- endfor %}
        {{ step_rates() }}
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
