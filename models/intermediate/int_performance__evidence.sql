with periods as (
    select * from {{ ref('int_performance__periods') }}
),

event_types as (
    select
        event_type,
        case when kind in ({{ meeting_kinds() }}) then 'meeting_booked' else kind end as event_kind,
    from {{ ref('event_types') }}
    where is_sequence_event
),

events as (
    select
        events.portal_id,
        events.sequence_id,
        events.event_type,
        events.load_id,
        events.attribution = 'none' as is_unattributed,
        events.load_id > periods.answer_load_id as is_later_loaded,
        coalesce(events.occurred_at < periods.first_enrolled_at, false) as is_before_first,
        coalesce(events.occurred_at > periods.fetched_at, false) as is_newer,
    from {{ ref('fct_sequence_events') }} as events
    inner join periods using (portal_id, sequence_id)
),

counted as (
    select
        portal_id,
        sequence_id,
        event_type,
        count(*) filter (where is_unattributed and not is_newer and not is_before_first)
            as unattributed_events,
        count(*) filter (where not is_unattributed and not is_newer and is_later_loaded)
            as later_loaded_events,
        count(*) filter (where not is_unattributed and is_newer) as newer_events,
    from events
    group by all
    union all
    select
        portal_id,
        sequence_id,
        event_type,
        unattributed_events,
        0 as later_loaded_events,
        0 as newer_events,
    from {{ ref('int_performance__unattributed') }}
),

final as (
    select
        counted.portal_id,
        counted.sequence_id,
        event_types.event_kind,
        cast(sum(counted.unattributed_events) as bigint) as unattributed_events,
        cast(sum(counted.later_loaded_events) as bigint) as later_loaded_events,
        cast(sum(counted.newer_events) as bigint) as newer_events,
    from counted
    inner join event_types using (event_type)
    group by all
)

select * from final
