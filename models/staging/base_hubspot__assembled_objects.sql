{{
    config(
        materialized = 'incremental',
        incremental_strategy = 'delete+insert',
        unique_key = ['portal_id', 'object_type', 'object_id'],
    )
}}

with properties as (
    select * from {{ ref('base_hubspot__object_properties') }}
),

-- one new property, and the object is another version
touched as (
    select distinct
        portal_id,
        object_type,
        object_id,
    from properties
    {% if is_incremental() %}
    where last_load_id > (select coalesce(max(known.last_load_id), '') from {{ this }} as known)
    {% endif %}
),

final as (
    select
        portal_id,
        object_type,
        object_id,
        max(updated_at) as updated_at,
        false as is_archived,
        cast(json_object(
            'id', object_id,
            'updatedAt', cast(max(updated_at) as varchar),
            'properties', map(
                list(property_name order by property_name), list(property_value order by property_name)
            )
        ) as varchar) as record,
        max_by(source_file, row(load_id, source_file, line_number)) as source_file,
        max_by(line_number, row(load_id, source_file, line_number)) as line_number,
        max(last_load_id) as load_id,
        max(loaded_at) as loaded_at,
        max(last_load_id) as last_load_id,
    from properties
    semi join touched using (portal_id, object_type, object_id)
    group by portal_id, object_type, object_id
)

select * from final
