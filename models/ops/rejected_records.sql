with rejected as (
    select
        portal_id,
        source_file,
        line_number,
        reason,
        message,
        record as raw_record,
        load_id,
        loaded_at as rejected_at,
    from {{ source('hubspot', 'events') }}
    where reason is not null
    union all
    select
        portal_id,
        source_file,
        line_number,
        reason,
        message,
        record as raw_record,
        load_id,
        loaded_at as rejected_at,
    from {{ source('hubspot', 'objects') }}
    where reason is not null
),

files as (
    select * from {{ source('hubspot', 'files') }}
),

-- A line is rejected once however often its file is read; a whole file once for each content.
final as (
    select rejected.*
    from rejected
    inner join files
        on
            rejected.load_id = files.load_id
            and rejected.source_file = files.source_file
    qualify row_number() over (
        partition by
            rejected.source_file,
            rejected.reason,
            coalesce(rejected.raw_record, files.content_hash)
        order by rejected.load_id, rejected.line_number
    ) = 1
)

select * from final
