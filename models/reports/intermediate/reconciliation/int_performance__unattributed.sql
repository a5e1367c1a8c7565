with events as (
    select
        portal_id,
        event_type,
        occurred_at,
    from {{ ref('fct_sequence_events') }}
    inner join {{ ref('event_types') }} using (event_type)
    where is_sequence_event and attribution = 'none' and sequence_id is null
),

periods as (
    select
        happened.portal_id,
        happened.event_type,
        periods.sequence_id,
        periods.first_enrolled_at,
        periods.fetched_at,
    from {{ ref('int_performance__periods') }} as periods
    inner join (select distinct portal_id, event_type from events) as happened using (portal_id)
),

-- any sequence may have had any of these events, too many pairs to write down: both ends of a
-- period take their place among the events instead, and the events before each are counted
placed as (
    select
        portal_id,
        event_type,
        null as sequence_id,
        occurred_at as placed_at,
        0 as sign,
    from events
    union all
    select
        portal_id,
        event_type,
        sequence_id,
        first_enrolled_at as placed_at,
        -1 as sign,
    from periods
    where first_enrolled_at is not null
    union all
    select
        portal_id,
        event_type,
        sequence_id,
        fetched_at as placed_at,
        1 as sign,
    from periods
),

counted as (
    select
        *,
        -- by sign, too: an event at the very instant of either end is within the period
        count(*) filter (where sign = 0) over (
            partition by portal_id, event_type
            order by placed_at nulls last, sign
            rows between unbounded preceding and current row
        ) as events_before,
    from placed
),

final as (
    select
        portal_id,
        sequence_id,
        event_type,
        cast(greatest(sum(sign * events_before), 0) as bigint) as unattributed_events,
    from counted
    where sign != 0
    group by all
)

select * from final
