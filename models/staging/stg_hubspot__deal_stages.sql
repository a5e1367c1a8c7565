with pipelines as (
    select
        portal_id,
        object_id as pipeline_id,
        unnest(json_extract(record, '$.stages[*]')) as stage,
    from {{ ref('stg_hubspot__objects') }}
    where object_type = 'pipelines'
),

final as (
    select
        portal_id,
        pipeline_id,
        stage ->> '$.id' as stage_id,
        stage ->> '$.label' as stage_name,
        coalesce(
            lower(stage ->> '$.metadata.isClosed') = 'true'
            and try_cast(stage ->> '$.metadata.probability' as double) = 1,
            false
        ) as is_closed_won,
    from pipelines
    where stage ->> '$.id' is not null
    -- a pipeline that names a stage twice counts it once
    qualify row_number() over (
        partition by portal_id, pipeline_id, stage ->> '$.id'
        order by is_closed_won desc
    ) = 1
)

select * from final
