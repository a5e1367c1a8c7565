-- a step once for each enrollment, whatever templates it was executed with
with steps as (
    select distinct
        portal_id,
        enrollment_id,
        step_order,
    from {{ ref('fct_enrollment_steps') }}
    where is_executed and step_order is not null
),

enrollments as (
    select * from {{ ref('fct_enrollments') }}
    where is_started
),

sequences as (
    select * from {{ ref('dim_sequences') }}
),

outcomes as (
    select
        steps.portal_id,
        steps.step_order,
        enrollments.sequence_id,
        case
            when steps.step_order < max(steps.step_order) over (
                partition by steps.portal_id, steps.enrollment_id
            ) then 'went_on'
            when enrollments.ended_at is null then 'waiting'
            else enrollments.end_reason
        end as outcome,
    from steps
    inner join enrollments using (portal_id, enrollment_id)
),

counted as (
    select
        portal_id,
        sequence_id,
        step_order,
        count(*) as executed,
        count(*) filter (where outcome = 'went_on') as went_on,
        count(*) filter (where outcome = 'waiting') as waiting,
        count(*) filter (where outcome = 'finished') as finished_here,
        count(*) filter (where outcome = 'replied') as exited_replied,
        count(*) filter (where outcome = 'meeting_booked') as exited_meeting_booked,
        count(*) filter (where outcome in ('account_meeting', 'account_replied')) as exited_account,
        count(*) filter (where outcome = 'bounced') as exited_bounced,
        count(*) filter (where outcome = 'unsubscribed') as exited_unsubscribed,
        count(*) filter (where outcome = 'manual') as exited_manual,
        count(*) filter (where outcome = 'workflow') as exited_workflow,
        count(*) filter (where outcome = 'sequence_deleted') as exited_sequence_deleted,
        count(*) filter (where outcome = 'error') as exited_error,
        count(*) filter (where outcome = 'other') as exited_other,
        exited_replied + exited_meeting_booked as success,
        exited_bounced + exited_unsubscribed + exited_manual + exited_error as loss,
    from outcomes
    group by all
),

final as (
    select
        counted.*,
        sequences.sequence_name,
        {{ rate_with_interval('counted.success', '(counted.executed - counted.waiting)', 'success_rate') }}
        {{ rate_with_interval('counted.loss', '(counted.executed - counted.waiting)', 'loss_rate') }}
    from counted
    left join sequences using (portal_id, sequence_id)
)

select * from final
