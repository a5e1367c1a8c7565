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
        -- a row of a single property is news of the object that it belongs to
        case
            when object_type = 'object_properties'
                then lower(trim({{ single_texts('record', ['$.objectType']) }}[1]))
            else object_type
        end as stream,
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
    where stream <> ''
    group by all
)

select * from final
