{{ config(materialized = 'view') }}

with steps as (
    select * from {{ ref('fct_enrollment_steps') }}
    where step_order is not null
),

started as (
    select
        portal_id,
        sequence_id,
        count(*) as started_enrollments,
    from {{ ref('fct_enrollments') }}
    where is_started
    group by all
),

executed as (
    select
        portal_id,
        sequence_id,
        step_order,
        count(distinct enrollment_id) filter (where is_executed) as executed_enrollments,
    from steps
    group by all
),

rates as (
    select
        executed.*,
        started.started_enrollments,
        {{ rate_with_interval('executed.executed_enrollments', 'started.started_enrollments', 'reach_rate') }}
    from executed
    inner join started
        on
            executed.portal_id = started.portal_id
            and executed.sequence_id is not distinct from started.sequence_id
),

final as (
    select
        *,
        1 - {{ ratio('reach_rate', 'lag(reach_rate) over sequence_steps') }} as drop_off,
    from rates
    window sequence_steps as (partition by portal_id, sequence_id order by step_order)
)

select * from final
