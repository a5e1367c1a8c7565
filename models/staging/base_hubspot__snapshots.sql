{{ config(materialized = 'table') }}

with streams as (
    select * from {{ ref('snapshot_streams') }}
),

newest as (
    select
        portal_id,
        object_type,
        max(last_load_id) as newest_load_id,
    from {{ ref('base_hubspot__objects') }}
    group by all
),

everywhere as (
    select object_type from streams
    where portal_id = '*'
),

final as (
    select * from newest
    where
        object_type in (select everywhere.object_type from everywhere)
        or (portal_id, object_type) in (select (streams.portal_id, streams.object_type) from streams)
)

select * from final
