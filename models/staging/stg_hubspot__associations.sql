{%- set names = ['fromObjectType', 'fromObjectId', 'toObjectType', 'toObjectId'] -%}

with objects as (
    select
        *,
        {{ object_texts(names) }} as texts,
        record -> '$.results' as results,
    from {{ ref('stg_hubspot__objects') }}
    where object_type = 'associations'
),

ends as (
    select
        *,
        lower(trim({{ object_field(names, 'fromObjectType') }})) as from_type,
        {{ id_text(object_field(names, 'fromObjectId')) }} as from_id,
        lower(trim({{ object_field(names, 'toObjectType') }})) as linked_type,
        {{ id_text(object_field(names, 'toObjectId')) }} as linked_id,
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
