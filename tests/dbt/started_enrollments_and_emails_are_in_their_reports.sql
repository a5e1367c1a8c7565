-- Of each sequence, the unknown one too: its started enrollments are all on a step or on none, and on a
-- day, and each of their e-mails is under one template or under none.
with started as (
    select * from {{ ref('fct_enrollments') }}
    where is_started
),

counted as (
    select 'enrollments_by_step' as report, portal_id, sequence_id, count(*) as total from started
    group by all
    union all
    select 'enrollment_metrics_daily' as report, portal_id, sequence_id, count(*) as total from started
    group by all
    union all
    select 'email_performance' as report, portal_id, sequence_id, sum(emails_sent) as total from started
    group by all
),

reported as (
    select 'enrollments_by_step' as report, portal_id, sequence_id, sum(enrollments) as total
    from {{ ref('enrollments_by_step') }}
    group by all
    union all
    select 'enrollment_metrics_daily' as report, portal_id, sequence_id, sum(enrollments) as total
    from {{ ref('enrollment_metrics_daily') }}
    group by all
    union all
    select 'email_performance' as report, portal_id, sequence_id, sum(sent) as total
    from {{ ref('email_performance') }}
    group by all
),

-- a sequence that sent no e-mail need not be in the report of e-mails
expected as (
    select * from counted
    where total > 0
),

found as (
    select * from reported
    where total > 0
)

{{ difference('expected', 'found') }}
