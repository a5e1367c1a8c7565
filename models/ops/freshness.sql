with accounts as (
    select * from {{ ref('dim_accounts') }}
),

types as (
    select
        'events' as family,
        event_type as stream,
        expected,
    from {{ ref('event_types') }}
    union all
    select
        'objects' as family,
        object_type as stream,
        expected,
    from {{ ref('object_types') }}
),

streams as (
    select * from {{ ref('int_streams') }}
),

arrivals as (
    select * from {{ ref('stg_hubspot__arrivals') }}
),

expected_streams as (
    select
        accounts.portal_id,
        types.family,
        types.stream,
    from accounts
    cross join types
    where types.expected
),

combined as (
    select
        portal_id,
        family,
        stream,
        streams.newest_at,
        arrivals.newest_loaded_at,
        coalesce(streams.records, 0) as records,
        coalesce(types.expected, false) as expected,
        streams.usual_gap_seconds,
        accounts.as_of,
        max(arrivals.newest_loaded_at) over (partition by portal_id) as account_loaded_at,
    from streams
    full join expected_streams using (portal_id, family, stream)
    left join arrivals using (portal_id, family, stream)
    left join types using (family, stream)
    left join accounts using (portal_id)
),

final as (
    select
        * exclude (as_of, account_loaded_at),
        case
            when records = 0 then 'never seen'
            when epoch(as_of - newest_at) > greatest(
                {{ var("silent_after_gaps") }} * usual_gap_seconds, {{ var("silent_after_hours") }} * 3600
            ) then 'silent'
            when newest_loaded_at < account_loaded_at - interval '{{ var("behind_after_hours") }} hours'
                then 'behind'
            else 'complete'
        end as verdict,
    from combined
)

select * from final
