with recursive listed as ( -- noqa: PRS
    select * from {{ ref('stg_hubspot__merges') }}
),

-- two survivors that claim the same object: the one HubSpot updated last
merges as (
    select
        portal_id,
        object_type,
        object_id,
        survivor_object_id,
    from listed
    qualify row_number() over (
        partition by portal_id, object_type, object_id
        order by updated_at desc nulls last, survivor_object_id desc
    ) = 1
),

-- union, not union all: a circle of merges ends too
paths as (
    select * from merges
    union
    select
        paths.portal_id,
        paths.object_type,
        paths.object_id,
        merges.survivor_object_id,
    from paths
    inner join merges
        on
            paths.portal_id = merges.portal_id
            and paths.object_type = merges.object_type
            and paths.survivor_object_id = merges.object_id
),

reached as (
    select
        paths.*,
        onward.object_id is null as is_last,
        circle.object_id is not null as is_in_circle,
    from paths
    left join merges as onward
        on
            paths.portal_id = onward.portal_id
            and paths.object_type = onward.object_type
            and paths.survivor_object_id = onward.object_id
    left join paths as circle
        on
            paths.portal_id = circle.portal_id
            and paths.object_type = circle.object_type
            and paths.survivor_object_id = circle.object_id
            and circle.survivor_object_id = circle.object_id
),

final as (
    select
        portal_id,
        object_type,
        object_id,
        coalesce(
            min(survivor_object_id) filter (where is_last),
            min(survivor_object_id) filter (where is_in_circle)
        ) as survivor_object_id,
    from reached
    group by all
)

select * from final
