{%- set names = ['hs_merged_object_ids', 'hs_calculated_merged_vids'] -%}

-- HubSpot merges contacts, companies and deals; the survivor lists whom it took in.
with objects as (
    select
        *,
        {{ object_texts(names) }} as texts,
    from {{ ref('stg_hubspot__objects') }}
    where
        object_type in ('contacts', 'companies', 'deals')
        and contains(record, 'merged')
),

lists as (
    select
        portal_id,
        object_type,
        object_id as survivor_object_id,
        updated_at,
        list_concat(
            {{ object_id_list(names, 'hs_merged_object_ids') }},
            {{ object_id_list(names, 'hs_calculated_merged_vids') }}
        ) as merged_ids,
    from objects
),

final as (
    select
        portal_id,
        object_type,
        survivor_object_id,
        updated_at,
        unnest(list_distinct(merged_ids)) as object_id,
    from lists
)

select * from final
where object_id <> survivor_object_id
