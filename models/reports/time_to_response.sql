with enrollments as (
    select * from {{ ref('fct_enrollments') }}
    where is_started and first_email_sent_at is not null
),

sequences as (
    select * from {{ ref('dim_sequences') }}
),

-- a row a response of a step: what is joined is equal on both sides, so no row meets every other
steps as (
    select
        portal_id,
        enrollment_id,
        step_order,
        unnest(['reply', 'meeting']) as response,
        unnest([first_replied_at, first_meeting_booked_at]) as responded_at,
    from {{ ref('fct_enrollment_steps') }}
),

responses as (
    select
        portal_id,
        enrollment_id,
        sequence_id,
        first_email_sent_at,
        unnest(['reply', 'meeting']) as response,
        unnest([first_replied_at, first_counted_meeting_booked_at]) as responded_at,
    from enrollments
),

placed as (
    select
        responses.portal_id,
        responses.enrollment_id,
        responses.sequence_id,
        responses.response,
        epoch(responses.responded_at - responses.first_email_sent_at) / 3600 as hours,
        min(steps.step_order) as step_order,
    from responses
    left join steps using (portal_id, enrollment_id, response, responded_at)
    where responses.responded_at >= responses.first_email_sent_at
    group by all
),

levels as (
    select
        *,
        'step' as level,
    from placed
    union all
    select
        * replace (null as step_order),
        'sequence' as level,
    from placed
),

counted as (
    select
        portal_id,
        level,
        sequence_id,
        step_order,
        response,
        count(*) as responses,
        quantile_cont(hours, 0.5) as median_hours,
        quantile_cont(hours, 0.9) as p90_hours,
    from levels
    group by all
),

final as (
    select
        counted.*,
        sequences.sequence_name,
    from counted
    left join sequences using (portal_id, sequence_id)
)

select * from final
