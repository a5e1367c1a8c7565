with periods as (
    select * from {{ ref('int_performance__periods') }}
),

event_types as (
    select
        event_type,
        {{ event_kind() }} as event_kind,
    from {{ ref('event_types') }}
    where is_sequence_event
),

counted as (
    select
        events.portal_id,
        events.sequence_id,
        events.event_type,
        events.step_order,
        count(*) as unattributed_events,
    from {{ ref('fct_sequence_events') }} as events
    inner join periods using (portal_id, sequence_id)
    where
        events.attribution = 'none'
        and coalesce(events.occurred_at >= periods.first_enrolled_at, true)
        and coalesce(events.occurred_at <= periods.fetched_at, true)
    group by all
    union all
    select
        portal_id,
        sequence_id,
        event_type,
        null as step_order,
        unattributed_events,
    from {{ ref('int_performance__unattributed') }}
),

final as (
    select
        counted.portal_id,
        counted.sequence_id,
        event_types.event_kind,
        counted.step_order,
        cast(sum(counted.unattributed_events) as bigint) as unattributed_events,
    from counted
    inner join event_types using (event_type)
    group by all
)

select * from final
