with events as (
    select
        portal_id,
        event_type as stream,
        occurred_at,
        {{ is_plausible() }} as is_plausible,
    from {{ ref('stg_hubspot__events') }}
),

-- where no time of an account can be true, they are all there is
accounts as (
    select
        portal_id,
        bool_or(is_plausible) as has_plausible,
    from events
    group by all
),

records as (
    select
        events.portal_id,
        'events' as family,
        events.stream,
        case
            when events.is_plausible or not accounts.has_plausible then events.occurred_at
        end as happened_at,
    from events
    inner join accounts using (portal_id)
    union all
    select
        portal_id,
        'objects' as family,
        object_type as stream,
        updated_at as happened_at,
    from {{ ref('stg_hubspot__objects') }}
),

spaced as (
    select
        portal_id,
        family,
        stream,
        happened_at,
        epoch(happened_at - lag(happened_at) over (
            partition by portal_id, family, stream
            order by happened_at
        )) as gap_seconds,
    from records
),

final as (
    select
        portal_id,
        family,
        stream,
        max(happened_at) as newest_at,
        count(*) as records,
        -- microseconds, as times have: what is beyond is noise of the arithmetic
        round(quantile_cont(gap_seconds, 0.99), 6) as usual_gap_seconds,
    from spaced
    group by all
)

select * from final
