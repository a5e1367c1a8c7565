with pipelines as (
    select
        portal_id,
        object_id as pipeline_id,
        source_file,
        unnest(json_extract(record, '$.stages[*]')) as stage,
    from {{ ref('stg_hubspot__objects') }}
    where object_type = 'pipelines'
),

stages as (
    select
        *,
        {{ id_text("stage ->> '$.id'") }} as stage_id,
        nullif(trim(stage ->> '$.metadata.isClosed'), '') as closed_text,
        {{ truth("stage ->> '$.metadata.isClosed'") }} as is_closed,
    from pipelines
),

final as (
    select
        portal_id,
        pipeline_id,
        stage_id,
        stage ->> '$.label' as stage_name,
        coalesce(is_closed and try_cast(stage ->> '$.metadata.probability' as double) = 1, false)
            as is_closed_won,
        {{ field_issues([['metadata.isClosed', 'unreadable_boolean', 'closed_text', 'is_closed']]) }}
            as field_issues,
        source_file,
    from stages
    where stage_id is not null
    -- a pipeline that names a stage twice counts it once
    qualify row_number() over (
        partition by portal_id, pipeline_id, stage_id
        order by is_closed_won desc
    ) = 1
)

select * from final
