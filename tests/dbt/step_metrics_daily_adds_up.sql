-- The filters of "Step performance" add up to it, and the rows behind its numbers are as many as they say.
{% set measures = metric_names('step_measures') %}
with days as (
    select
        portal_id,
        sequence_id,
        step_order,
        template_id,
        {{ summed('step_measures') }}
    from {{ ref('step_metrics_daily') }}
    group by all
),

contacts as (
    select
        portal_id,
        sequence_id,
        step_order,
        template_id,
        {{ step_measures() }}
    from {{ ref('step_contacts') }} as steps
    group by all
),

funnel as (
    select
        portal_id,
        sequence_id,
        step_order,
        template_id,
        {{ measures | join(', ') }},
    from {{ ref('step_funnel') }}
),

days_differ as (
    {{ difference('days', 'funnel') }}
),

contacts_differ as (
    {{ difference('contacts', 'funnel') }}
)

select * from days_differ
union all
select * from contacts_differ
