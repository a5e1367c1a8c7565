with answers as (
    select * from {{ ref('stg_hubspot__sequence_performance') }}
),

steps as (
    select
        portal_id,
        sequence_id,
        unnest(json_extract(steps, '$[*]')) as figures,
    from answers
),

statuses as (
    select
        portal_id,
        sequence_id,
        unnest(json_extract(status_by_step, '$[*]')) as figures,
    from answers
),

parts as (
    select
        portal_id,
        sequence_id,
        'summary' as level,
        cast(null as integer) as step_order,
        cast(null as varchar) as status,
        summary as figures,
    from answers
    union all
    select
        portal_id,
        sequence_id,
        'company' as level,
        null as step_order,
        null as status,
        company_metrics as figures,
    from answers
    union all
    select
        portal_id,
        sequence_id,
        'step' as level,
        {{ step_number("figures ->> '$.stepOrder'") }} as step_order,
        null as status,
        figures,
    from steps
    union all
    select
        portal_id,
        sequence_id,
        'status_by_step' as level,
        {{ step_number("figures ->> '$.currentStepOrder'") }} as step_order,
        upper(nullif(figures ->> '$.enrollmentStatus', '')) as status,
        figures,
    from statuses
),

-- a step that is listed twice, as variants of one, adds up; averages do not
final as (
    select
        parts.portal_id,
        parts.sequence_id,
        parts.level,
        parts.step_order,
        parts.status,
        figure.key as metric,
        cast(sum({{ money("(figure.value ->> '$')") }}) as double) as hubspot_value,
    from parts
    cross join json_each(case when json_type(parts.figures) = 'OBJECT' then parts.figures end) as figure
    where
        figure.key not in ('stepKey', 'stepOrder', 'currentStepOrder')
        and {{ money("(figure.value ->> '$')") }} is not null
    group by all
    having count(*) = 1 or figure.key not like '%Avg'
)

select * from final
