-- a table: a row a link, read by several
{{ config(materialized = 'table') }}

with objects as (
    select
        *,
        json_extract_string(
            record, ['$.fromObjectType', '$.fromObjectId', '$.toObjectType', '$.toObjectId']
        ) as texts,
        case when contains(record, '"results"') then record -> '$.results' end as results,
    from {{ ref('stg_hubspot__objects') }}
    where object_type = 'associations'
),

ends as (
    select
        *,
        nullif(lower(trim(texts[1])), '') as from_type,
        {{ id_text('texts[2]') }} as from_id,
        nullif(lower(trim(texts[3])), '') as linked_type,
        {{ id_text('texts[4]') }} as linked_id,
    from objects
),

final as (
    select
        portal_id,
        object_id as association_id,
        -- ids of engagements are those of all their types
        unnest(
            if(from_type = 'engagements', ['tasks', 'meetings', 'emails', 'calls'], [from_type])
        ) as object_type,
        from_id as object_id,
        linked_type,
        results is not null as is_list,
        case
            when is_archived then []
            when results is null then list_filter([linked_id], lambda id: id is not null)
            when linked_type = 'companies' then {{ linked_ids('results', 'companies') }}
            else {{ linked_ids('results', 'contacts') }}
        end as linked_ids,
        updated_at,
        source_file,
        line_number,
        load_id,
        last_load_id,
    from ends
    where
        from_type is not null
        and from_id is not null
        and linked_type is not null
)

select * from final
