{{ config(materialized = 'view') }}

with steps as (
    select * from {{ ref('int_step_activity') }}
    where step_order is not null
),

final as (
    select
        steps.portal_id,
        steps.sequence_id,
        steps.step_order,
        steps.template_id,
        {{ step_measures() }}
    from steps
    group by all
)

select * from final
