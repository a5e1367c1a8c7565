{{ config(materialized = 'view') }}

with associations as (
    select * from {{ ref('stg_hubspot__associations') }}
),

-- a link table tells all of an object's links: what the newest load does not bring is no link any more
newest_rows as (
    select * from associations
    where not is_list
    qualify last_load_id = max(last_load_id) over (
        partition by portal_id, object_type, object_id, linked_type
    )
),

candidates as (
    select
        portal_id,
        object_type,
        object_id,
        linked_type,
        flatten(list(linked_ids order by load_id, source_file, line_number, association_id)) as linked_ids,
        max(updated_at) as updated_at,
        max(last_load_id) as load_id,
        2 as place,
    from newest_rows
    group by portal_id, object_type, object_id, linked_type
    union all by name
    select
        portal_id,
        object_type,
        object_id,
        linked_type,
        linked_ids,
        updated_at,
        load_id,
        3 as place,
    from associations
    where is_list
    union all by name
    select
        *,
        1 as place,
    from {{ ref('stg_hubspot__inline_links') }}
),

final as (
    select * exclude (load_id, place, updated_at)
    from candidates
    qualify row_number() over (
        partition by portal_id, object_type, object_id, linked_type
        order by updated_at desc nulls last, load_id desc, place desc
    ) = 1
)

select * from final
