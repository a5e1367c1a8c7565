{%- set names = ['objectType', 'objectId'] -%}

with versions as (
    select * from {{ ref('base_hubspot__objects') }}
),

objects as (
    select * from versions
    where object_type <> 'removals'
),

removals as (
    select
        portal_id,
        {{ object_field(names, 'objectType') }} as object_type,
        {{ id_text(object_field(names, 'objectId')) }} as object_id,
        max(updated_at) as removed_at,
    from (
        select
            *,
            {{ object_texts(names) }} as texts,
        from versions
        where
            object_type = 'removals'
            -- an archived removal was taken back
            and not is_archived
    )
    group by all
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
            as is_archived,
        objects.record,
        objects.source_file,
        objects.line_number,
        objects.load_id,
        objects.loaded_at,
    from objects
    left join removals
        on
            objects.portal_id = removals.portal_id
            and objects.object_type = removals.object_type
            and objects.object_id = removals.object_id
)

select * from final
