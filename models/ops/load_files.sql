with files as (
    select * from {{ source('hubspot', 'files') }}
),

final as (
    select
        load_id,
        portal_id,
        source_file,
        family,
        file_format,
        status,
        size_bytes,
        content_hash,
        records,
        rejected as rejected_records,
        make_timestamptz(modified_ns // 1000) as modified_at,
        loaded_at,
    from files
)

select * from final
