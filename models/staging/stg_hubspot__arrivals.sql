-- Whatever was landed of a stream, be it known already: it is still being asked for.
with arrivals as (
    select
        portal_id,
        'events' as family,
        event_type as stream,
        loaded_at,
    from {{ source('hubspot', 'events') }}
    where reason is null
    union all
    select
        portal_id,
        'objects' as family,
        object_type as stream,
        loaded_at,
    from {{ source('hubspot', 'objects') }}
    where reason is null
),

final as (
    select
        portal_id,
        family,
        stream,
        max(loaded_at) as newest_loaded_at,
    from arrivals
    group by all
)

select * from final
