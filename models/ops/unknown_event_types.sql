with events as (
    select * from {{ ref('stg_hubspot__events') }}
    where kind is null
),

final as (
    select
        portal_id,
        event_type,
        count(*) as events,
        min(occurred_at) as first_occurred_at,
        max(occurred_at) as last_occurred_at,
        min(loaded_at) as first_loaded_at,
        min_by(properties, row(occurred_at, event_id)) as example_properties,
    from events
    group by all
)

select * from final
