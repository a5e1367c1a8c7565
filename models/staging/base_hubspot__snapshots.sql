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

final as (
    select newest.*
    from newest
    semi join streams
        on
            newest.object_type = streams.object_type
            and streams.portal_id in (newest.portal_id, '*')
)

select * from final
