with files as (
    select * from {{ source('hubspot', 'files') }}
),

final as (
    select
        load_id,
        min(loaded_at) as loaded_at,
        count(*) filter (where status = 'loaded') as files_loaded,
        count(*) filter (where status = 'unchanged') as files_unchanged,
        cast(coalesce(sum(records) filter (where family = 'events'), 0) as bigint) as events,
        cast(coalesce(sum(records) filter (where family = 'objects'), 0) as bigint) as objects,
        cast(coalesce(sum(rejected), 0) as bigint) as rejected_records,
    from files
    group by all
)

select * from final
