-- Months and sequences add up to the started enrollments: none is lost, none counts twice.
with months as (
    select
        portal_id,
        sum(enrollments) as enrollments,
        sum(opened) as opened,
        sum(total_opens) as total_opens,
        sum(total_meetings) as total_meetings,
    from {{ ref('monthly_enrollments') }}
    group by all
),

started as (
    select
        portal_id,
        count(*) as enrollments,
        count(*) filter (where is_opened) as opened,
        sum(fct_enrollments.opens) as total_opens,
        sum(fct_enrollments.meetings) as total_meetings,
    from {{ ref('fct_enrollments') }} as fct_enrollments
    where is_started
    group by all
)

select * from months
full outer join started using (portal_id)
where
    (months.enrollments, months.opened, months.total_opens, months.total_meetings)
    is distinct from (started.enrollments, started.opened, started.total_opens, started.total_meetings)
