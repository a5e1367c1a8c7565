{{
    config(
        materialized = 'incremental',
        incremental_strategy = 'delete+insert',
        unique_key = ['portal_id', 'object_type', 'object_id'],
    )
}}

with landed as (
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
    from {{ source('hubspot', 'objects') }}
    where
        reason is null
        {% if is_incremental() %}
        and load_id > (select coalesce(max(known.load_id), '') from {{ this }} as known)
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
    select * from versions
    qualify row_number() over (
        partition by portal_id, object_type, object_id
        order by updated_at desc nulls last, load_id desc, source_file desc, line_number desc
    ) = 1
)

select * from final
