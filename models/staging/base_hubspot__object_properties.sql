{{
    config(
        materialized = 'incremental',
        incremental_strategy = 'delete+insert',
        unique_key = ['portal_id', 'object_type', 'object_id', 'property_name'],
    )
}}

with landed as (
    select
        *,
        {{ single_texts('record', ['$.objectType', '$.objectId', '$.name', '$.value']) }} as texts,
    from {{ source('hubspot', 'objects') }}
    where
        reason is null
        and object_type = 'object_properties'
        {% if is_incremental() %}
        and load_id > (select coalesce(max(known.last_load_id), '') from {{ this }} as known)
        {% endif %}
),

renamed as (
    select
        portal_id,
        lower(trim(texts[1])) as object_type,
        {{ id_text('texts[2]') }} as object_id,
        lower(trim(texts[3])) as property_name,
        -- a row that is gone is a property without a value
        case when not archived then texts[4] end as property_value,
        updated_at,
        source_file,
        line_number,
        load_id,
        loaded_at,
        load_id as last_load_id,
    from landed
),

versions as (
    select * from renamed
    where object_type <> '' and object_id is not null and property_name <> ''
    {% if is_incremental() %}
    union all by name
    select * from {{ this }} semi join renamed using (portal_id, object_type, object_id, property_name)
    {% endif %}
),

final as (
    select * replace (max(last_load_id) over property as last_load_id)
    from versions
    window property as (partition by portal_id, object_type, object_id, property_name)
    qualify row_number() over (
        partition by portal_id, object_type, object_id, property_name
        order by updated_at desc nulls last, load_id desc, source_file desc, line_number desc
    ) = 1
)

select * from final
