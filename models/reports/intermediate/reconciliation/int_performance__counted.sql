with sequences as (
    select * from {{ ref('int_performance__sequences') }}
),

steps as (
    select * from {{ ref('int_performance__steps') }}
),

statuses as (
    select
        enrollments.portal_id,
        enrollments.sequence_id,
        enrollments.is_earlier,
        enrollments.last_step_order as step_order,
        words.enrollment_status as status,
        count(*) as enrollments,
        count(distinct enrollments.contact_id) as contacts,
    from {{ ref('int_performance__enrollments') }} as enrollments
    left join {{ ref('performance_statuses') }} as words on enrollments.status = words.status
    group by all
),

metrics as (
    select * from {{ ref('performance_metrics') }}
),

measured as (
    select
        portal_id,
        sequence_id,
        is_earlier,
        unnest(['summary', 'company']) as level,
        cast(null as integer) as step_order,
        cast(null as varchar) as status,
        to_json(sequences) as measures,
    from sequences
    union all
    select
        portal_id,
        sequence_id,
        is_earlier,
        'step' as level,
        step_order,
        null as status,
        to_json(steps) as measures,
    from steps
    union all
    select
        portal_id,
        sequence_id,
        is_earlier,
        'status_by_step' as level,
        step_order,
        status,
        to_json(statuses) as measures,
    from statuses
),

final as (
    select
        measured.* exclude (measures, is_earlier),
        metrics.metric,
        max(cast(measured.measures ->> metrics.our_metric as double)) filter (
            where not measured.is_earlier
        ) as our_value,
        max(cast(measured.measures ->> metrics.other_metric as double)) filter (
            where not measured.is_earlier
        ) as other_value,
        max(cast(measured.measures ->> metrics.current_metric as double)) filter (
            where not measured.is_earlier
        ) as current_value,
        max(cast(measured.measures ->> metrics.our_metric as double)) filter (where measured.is_earlier)
            as earlier_value,
    from measured
    inner join metrics on measured.level = metrics.level
    group by all
)

select * from final
