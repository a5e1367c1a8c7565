-- Late against what earlier loads had brought, never against the clock: a first load has no late events.
with events as (
    select * from {{ ref('stg_hubspot__events') }}
),

loads as (
    select
        portal_id,
        load_id,
        -- an unknown type may carry any time, and so may a clock that is off: they move nothing
        max(occurred_at) filter (where kind is not null and {{ is_plausible() }}) as newest_occurred_at,
    from events
    group by all
),

progress as (
    select
        portal_id,
        load_id,
        max(newest_occurred_at) over (
            partition by portal_id
            order by load_id
            rows between unbounded preceding and 1 preceding
        ) as known_until,
    from loads
),

late as (
    select
        events.portal_id,
        events.load_id,
        events.event_type,
        date_diff('second', events.occurred_at, progress.known_until) / 3600.0 as hours_late,
    from events
    inner join progress
        on
            events.portal_id = progress.portal_id
            and events.load_id = progress.load_id
    where events.occurred_at < progress.known_until - interval '{{ var("late_after_hours") }} hours'
),

final as (
    select
        portal_id,
        load_id,
        event_type,
        case
            when hours_late >= {{ var("late_beyond_sweep_after_hours") }}
                then {{ var("late_beyond_sweep_after_hours") }}
            when hours_late >= {{ var("very_late_after_hours") }}
                then {{ var("very_late_after_hours") }}
            else {{ var("late_after_hours") }}
        end as late_from_hours,
        count(*) as late_events,
        cast(max(hours_late) as double) as max_hours_late,
    from late
    group by all
)

select * from final
