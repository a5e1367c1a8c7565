with answers as (
    select * from {{ ref('stg_hubspot__sequence_performance') }}
),

sequences as (
    select * from {{ ref('int_performance__sequences') }}
),

steps as (
    select * from {{ ref('int_performance__steps') }}
),

statuses as (
    select
        enrollments.portal_id,
        enrollments.sequence_id,
        enrollments.last_step_order as step_order,
        words.enrollment_status as status,
        count(*) as enrollments,
        count(distinct enrollments.contact_id) as contacts,
    from {{ ref('fct_enrollments') }} as enrollments
    semi join answers on enrollments.portal_id = answers.portal_id
    left join {{ ref('performance_statuses') }} as words on enrollments.status = words.status
    where enrollments.is_started
    group by all
),

metrics as (
    select * from {{ ref('performance_metrics') }}
),

measured as (
    select
        portal_id,
        sequence_id,
        unnest(['summary', 'company']) as level,
        cast(null as integer) as step_order,
        cast(null as varchar) as status,
        to_json(sequences) as measures,
    from sequences
    union all
    select
        portal_id,
        sequence_id,
        'step' as level,
        step_order,
        null as status,
        to_json(steps) as measures,
    from steps
    union all
    select
        portal_id,
        sequence_id,
        'status_by_step' as level,
        step_order,
        status,
        to_json(statuses) as measures,
    from statuses
),

final as (
    select
        measured.* exclude (measures),
        metrics.metric,
        cast(measured.measures ->> metrics.our_metric as double) as our_value,
        cast(measured.measures ->> metrics.other_metric as double) as other_value,
        cast(measured.measures ->> metrics.current_metric as double) as current_value,
    from measured
    inner join metrics on measured.level = metrics.level
)

select * from final
