with objects as (
    select * from {{ ref('stg_hubspot__objects') }}
    where object_type in ('pipelines', 'pipeline_stages')
),

told as (
    select
        *,
        object_id as pipeline_id,
        record ->> '$.label' as pipeline_name,
        '$.metadata' as place,
        '$.id' as id_place,
        unnest(json_extract(record, '$.stages[*]')) as stage,
    from objects
    where object_type = 'pipelines'
    union all by name
    select
        *,
        {{ id_text("record ->> '$.pipelineId'") }} as pipeline_id,
        '$' as place,
        '$.stageId' as id_place,
        cast(record as json) as stage,
    from objects
    where object_type = 'pipeline_stages'
),

texts as (
    select
        *,
        -- a pipeline of HubSpot's first API names its stages by stageId too
        coalesce(stage ->> id_place, stage ->> '$.stageId') as id_text,
        nullif(trim(stage ->> '$.closedWon'), '') as closed_won_text,
        nullif(trim(stage ->> (place || '.isClosed')), '') as closed_text,
        stage ->> (place || '.probability') as probability_text,
    from told
),

stages as (
    select
        *,
        {{ id_text('id_text') }} as stage_id,
        {{ truth('closed_won_text') }} as closed_won,
        {{ truth('closed_text') }} as is_closed,
    from texts
),

final as (
    select
        portal_id,
        pipeline_id,
        stage_id,
        nullif(trim(pipeline_name), '') as pipeline_name,
        nullif(trim(stage ->> '$.label'), '') as stage_name,
        coalesce(closed_won, is_closed and try_cast(probability_text as double) = 1, false) as is_closed_won,
        {{ field_issues([
            ['closedWon', 'unreadable_boolean', 'closed_won_text', 'closed_won'],
            ['metadata.isClosed', 'unreadable_boolean', "if(place <> '$', closed_text, null)", 'is_closed'],
            ['isClosed', 'unreadable_boolean', "if(place = '$', closed_text, null)", 'is_closed'],
        ]) }} as field_issues,
        object_type as told_by,
        source_file,
    from stages
    where stage_id is not null
    -- a stage that is told twice counts once: as told last, and a pipeline that names it twice has it won
    qualify row_number() over (
        partition by portal_id, pipeline_id, stage_id
        order by updated_at desc nulls last, is_closed_won desc, told_by desc, object_id desc
    ) = 1
)

select * from final
