{%- set names = ['hs_merged_object_ids', 'hs_calculated_merged_vids'] -%}
{%- set row_names = ['objectType', 'objectId', 'survivorObjectId'] -%}

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

-- what tools write as tables of merges
merge_rows as (
    select
        *,
        {{ object_texts(row_names) }} as texts,
    from {{ ref('stg_hubspot__objects') }}
    where object_type = 'merges' and not is_archived
),

claims as (
    select
        portal_id,
        object_type,
        survivor_object_id,
        updated_at,
        unnest(list_distinct(merged_ids)) as object_id,
    from lists
    union all by name
    select
        portal_id,
        lower(trim({{ object_field(row_names, 'objectType') }})) as object_type,
        {{ id_text(object_field(row_names, 'survivorObjectId')) }} as survivor_object_id,
        updated_at,
        {{ id_text(object_field(row_names, 'objectId')) }} as object_id,
    from merge_rows
),

final as (
    select
        portal_id,
        object_type,
        survivor_object_id,
        object_id,
        max(updated_at) as updated_at,
    from claims
    where
        object_type in ('contacts', 'companies', 'deals')
        and object_id <> survivor_object_id
    group by all
)

select * from final
