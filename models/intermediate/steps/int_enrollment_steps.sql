{{ config(materialized = 'incremental', incremental_strategy = 'touched_entities') }}
{{ require_everything_touched() }}

with enrollments as (
    select * from {{ ref('int_enrollments__identified') }}
),

activities as (
    select * from {{ ref('int_activities__placed') }}
),

templates as (
    select * from {{ ref('int_steps__templates') }}
),

steps as (
    select * from {{ ref('int_steps__executed') }}
),

bookings as (
    select * from {{ ref('int_activities__booked') }}
),

joined as (
    select
        activities.portal_id,
        activities.enrollment_id,
        enrollments.entity_key,
        activities.step_order,
        -- on no known step there is only what the event names
        case when activities.step_order is null then activities.template_id else templates.template_id end
            as template_id,
        activities.kind,
        activities.occurred_at,
        activities.kind in ({{ kinds('of_step') }}) as is_sign_of_execution,
        coalesce(steps.is_email_step, false) as is_email_step,
        bookings.activity_key is not null as is_booking,
        bookings.booked_at,
        bookings.is_through_sequence,
    from activities
    inner join enrollments
        on
            activities.portal_id = enrollments.portal_id
            and activities.enrollment_id = enrollments.enrollment_id
    left join templates
        on
            activities.portal_id = templates.portal_id
            and activities.enrollment_id = templates.enrollment_id
            and activities.step_order = templates.step_order
    left join steps on activities.activity_key = steps.activity_key
    left join bookings on activities.activity_key = bookings.activity_key
),

final as (
    select
        portal_id,
        enrollment_id,
        entity_key,
        step_order,
        template_id,
        min(occurred_at) filter (where kind = 'step_executed') as executed_at,
        max(occurred_at) filter (where kind = 'step_executed') as last_executed_at,
        min(occurred_at) filter (where kind = 'opened') as first_opened_at,
        min(occurred_at) filter (where kind = 'clicked') as first_clicked_at,
        min(occurred_at) filter (where kind = 'replied') as first_replied_at,
        min(booked_at) as first_meeting_booked_at,
        min(booked_at) filter (where is_through_sequence) as first_meeting_booked_through_sequence_at,
        max(occurred_at) filter (where is_email_step) as last_email_sent_at,
        count(*) filter (where is_email_step) as emails_sent,
        bool_or(is_sign_of_execution) as is_executed,
        bool_or(is_booking) as is_meeting_booked,
    from joined
    where is_sign_of_execution or is_booking
    group by all
)

select * from final
