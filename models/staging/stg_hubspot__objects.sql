with objects as (
    select * from {{ ref('base_hubspot__objects') }}
    where object_type <> 'removals'
),

removals as (
    select * from {{ ref('base_hubspot__removals') }}
),

snapshots as (
    select * from {{ ref('base_hubspot__snapshots') }}
),

final as (
    select
        objects.portal_id,
        objects.object_type,
        objects.object_id,
        objects.updated_at,
        objects.is_archived
        -- what was updated later is there again
        or coalesce(removals.removed_at >= objects.updated_at, removals.object_id is not null)
        -- a snapshot says of what it does not hold that it is gone
        or coalesce(objects.last_load_id < snapshots.newest_load_id, false)
            as is_archived,
        objects.record,
        objects.source_file,
        objects.line_number,
        objects.load_id,
        objects.loaded_at,
        coalesce(snapshots.newest_load_id, objects.last_load_id) as last_load_id,
    from objects
    left join removals
        on
            objects.portal_id = removals.portal_id
            and objects.object_type = removals.object_type
            and objects.object_id = removals.object_id
    left join snapshots
        on
            objects.portal_id = snapshots.portal_id
            and objects.object_type = snapshots.object_type
)

select * from final
