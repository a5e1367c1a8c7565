-- `ops.event_quality` counts what `ops.unattributed_events` lists, and every event once.
with listed as (
    select
        portal_id,
        event_type,
        count(*) as unattributed,
    from {{ ref('unattributed_events') }}
    group by all
),

final as (
    select
        portal_id,
        event_type,
        coalesce(counted.unattributed, 0) as counted,
        coalesce(listed.unattributed, 0) as listed,
    from {{ ref('event_quality') }} as counted
    full outer join listed using (portal_id, event_type)
)

select * from final
where counted <> listed
