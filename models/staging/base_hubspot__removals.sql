-- a table: joined to as a view, it would be read from all objects wherever some are
{{ config(materialized = 'table') }}

{%- set names = ['objectType', 'objectId'] -%}

with removals as (
    select
        *,
        {{ object_texts(names) }} as texts,
    from {{ ref('base_hubspot__objects') }}
    where
        object_type = 'removals'
        -- an archived removal was taken back
        and not is_archived
),

final as (
    select
        portal_id,
        {{ object_field(names, 'objectType') }} as object_type,
        {{ id_text(object_field(names, 'objectId')) }} as object_id,
        max(updated_at) as removed_at,
    from removals
    group by all
)

select * from final
