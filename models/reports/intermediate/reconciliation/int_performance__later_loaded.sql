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

-- what happened after the answer was fetched is no question of loads
events as (
    select
        events.portal_id,
        events.sequence_id,
        events.enrollment_id,
        event_types.event_kind,
        unnest([null, events.step_order]) as step_order,
        events.load_id <= periods.answer_load_id as is_known_then,
    from {{ ref('fct_sequence_events') }} as events
    inner join event_types using (event_type)
    inner join periods using (portal_id, sequence_id)
    where
        events.attribution <> 'none'
        and coalesce(events.occurred_at <= periods.fetched_at, true)
),

-- an enrollment that had one of the kind counts once, however many came later
enrollments as (
    select
        portal_id,
        sequence_id,
        step_order,
        event_kind,
        enrollment_id,
    from events
    group by all
    having not bool_or(is_known_then)
),

final as (
    select
        portal_id,
        sequence_id,
        step_order,
        event_kind,
        count(*) as later_loaded_enrollments,
    from enrollments
    group by all
)

select * from final
