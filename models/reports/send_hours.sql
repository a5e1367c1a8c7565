-- the first e-mail of each step; on no known step, which may be several, the template tells them apart
with emails as (
    select
        portal_id,
        enrollment_id,
        step_order,
        if(step_order is null, template_id, null) as unplaced_template_id,
        min(occurred_at) as sent_at,
    from {{ ref('fct_sequence_events') }}
    where is_email_sent and attribution <> 'none'
    group by all
),

activity as (
    select
        portal_id,
        sequence_id,
        enrollment_id,
        step_order,
        if(step_order is null, template_id, null) as unplaced_template_id,
        count(first_opened_at) > 0 as is_opened,
        count(first_clicked_at) > 0 as is_clicked,
        count(first_replied_at) > 0 as is_replied,
        bool_or(is_meeting_booked) as is_meeting_booked,
    from {{ ref('fct_enrollment_steps') }}
    group by all
),

accounts as (
    select * from {{ ref('dim_accounts') }}
),

sequences as (
    select * from {{ ref('dim_sequences') }}
),

sent as (
    select
        activity.*,
        emails.sent_at at time zone accounts.time_zone as local_time,
    from emails
    inner join activity
        on
            emails.portal_id = activity.portal_id
            and emails.enrollment_id = activity.enrollment_id
            and emails.step_order is not distinct from activity.step_order
            and emails.unplaced_template_id is not distinct from activity.unplaced_template_id
    inner join accounts on emails.portal_id = accounts.portal_id
),

counted as (
    select
        portal_id,
        sequence_id,
        cast(isodow(local_time) as integer) as weekday,
        cast(hour(local_time) as integer) as hour,
        count(*) as sent,
        count(*) filter (where is_opened) as opened,
        count(*) filter (where is_clicked) as clicked,
        count(*) filter (where is_replied) as replied,
        count(*) filter (where is_meeting_booked) as meeting_booked,
    from sent
    group by all
),

final as (
    select
        counted.*,
        sequences.sequence_name,
        {{ rate_with_interval('counted.opened', 'counted.sent', 'open_rate') }}
        {{ rate_with_interval('counted.clicked', 'counted.sent', 'click_rate') }}
        {{ rate_with_interval('counted.replied', 'counted.sent', 'reply_rate') }}
        {{ rate_with_interval('counted.meeting_booked', 'counted.sent', 'meeting_rate') }}
    from counted
    left join sequences using (portal_id, sequence_id)
)

select * from final
