with events as (
    select * from {{ ref('fct_sequence_events') }}
    where attribution <> 'none'
),

event_types as (
    select * from {{ ref('event_types') }}
    where kind in ('step_executed', 'opened', 'clicked', 'replied')
),

accounts as (
    select * from {{ ref('dim_accounts') }}
),

enrollments as (
    select * from {{ ref('fct_enrollments') }}
),

sequences as (
    select * from {{ ref('dim_sequences') }}
),

local_events as (
    select
        events.portal_id,
        enrollments.sequence_id,
        event_types.kind,
        events.occurred_at at time zone accounts.time_zone as local_time,
    from events
    inner join event_types on events.event_type = event_types.event_type
    inner join accounts on events.portal_id = accounts.portal_id
    inner join enrollments
        on
            events.portal_id = enrollments.portal_id
            and events.enrollment_id = enrollments.enrollment_id
    where event_types.kind <> 'step_executed' or events.is_email_sent
),

counted as (
    select
        portal_id,
        sequence_id,
        cast(isodow(local_time) as integer) as weekday,
        cast(hour(local_time) as integer) as hour,
        count(*) filter (where kind = 'step_executed') as sent,
        count(*) filter (where kind = 'opened') as total_opens,
        count(*) filter (where kind = 'clicked') as total_clicks,
        count(*) filter (where kind = 'replied') as total_replies,
    from local_events
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
