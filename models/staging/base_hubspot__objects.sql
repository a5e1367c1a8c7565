{{
    config(
        materialized = 'incremental',
        incremental_strategy = 'delete+insert',
        unique_key = ['portal_id', 'object_type', 'object_id'],
    )
}}

with whole as (
    select
        portal_id,
        object_type,
        object_id,
        updated_at,
        archived as is_archived,
        record,
        source_file,
        line_number,
        load_id,
        loaded_at,
        load_id as last_load_id,
    from {{ source('hubspot', 'objects') }}
    where
        reason is null
        and object_type <> 'object_properties'
        {% if is_incremental() %}
        and load_id > (select coalesce(max(known.last_load_id), '') from {{ this }} as known)
        {% endif %}
),

landed as (
    select * from whole
    union all by name
    select * from {{ ref('base_hubspot__assembled_objects') }}
    {% if is_incremental() %}
    where last_load_id > (select coalesce(max(known.last_load_id), '') from {{ this }} as known)
    {% endif %}
),

versions as (
    select * from landed
    {% if is_incremental() %}
    union all by name
    select * from {{ this }} semi join landed using (portal_id, object_type, object_id)
    {% endif %}
),

final as (
    select * replace (max(last_load_id) over object_versions as last_load_id)
    from versions
    window object_versions as (partition by portal_id, object_type, object_id)
    qualify row_number() over (
        partition by portal_id, object_type, object_id
        order by updated_at desc nulls last, load_id desc, source_file desc, line_number desc
    ) = 1
)

select * from final
