with recursive listed as ( -- noqa: PRS
    select
        portal_id,
        contact_id as survivor_contact_id,
        updated_at,
        unnest(regexp_extract_all(merged_object_ids, '[0-9]+')) as contact_id,
    from {{ ref('stg_hubspot__contacts') }}
),

-- two survivors that claim the same contact: the one HubSpot updated last
merges as (
    select
        portal_id,
        contact_id,
        survivor_contact_id,
    from listed
    where contact_id <> survivor_contact_id
    qualify row_number() over (
        partition by portal_id, contact_id
        order by updated_at desc nulls last, survivor_contact_id desc
    ) = 1
),

-- union, not union all: a cycle of merges ends too
paths as (
    select * from merges
    union
    select
        paths.portal_id,
        paths.contact_id,
        merges.survivor_contact_id,
    from paths
    inner join merges
        on
            paths.portal_id = merges.portal_id
            and paths.survivor_contact_id = merges.contact_id
),

reached as (
    select
        paths.portal_id,
        paths.contact_id,
        paths.survivor_contact_id,
        onward.contact_id is null as is_last,
        circle.contact_id is not null as is_in_cycle,
    from paths
    left join merges as onward
        on
            paths.portal_id = onward.portal_id
            and paths.survivor_contact_id = onward.contact_id
    left join paths as circle
        on
            paths.portal_id = circle.portal_id
            and paths.survivor_contact_id = circle.contact_id
            and circle.survivor_contact_id = circle.contact_id
),

final as (
    select
        portal_id,
        contact_id,
        coalesce(
            min(survivor_contact_id) filter (where is_last),
            min(survivor_contact_id) filter (where is_in_cycle)
        ) as survivor_contact_id,
    from reached
    group by all
)

select * from final
