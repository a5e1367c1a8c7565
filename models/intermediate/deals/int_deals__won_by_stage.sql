{{ config(materialized = 'view') }}

with deals as (
    select
        *,
        lower(trim(stage_id)) as stage_key,
        lower(trim(pipeline_id)) as pipeline_key,
    from {{ ref('stg_hubspot__deals') }}
),

stages as (
    select
        *,
        lower(stage_name) as stage_key,
        lower(pipeline_name) as pipeline_key,
    from {{ ref('stg_hubspot__deal_stages') }}
),

-- exports of HubSpot's pages name stages and pipelines by their labels
matches as (
    select
        deals.portal_id,
        deals.deal_id,
        stages.is_closed_won,
        true as is_by_id,
        case
            when deals.pipeline_id is null or deals.pipeline_id = stages.pipeline_id then 1
            when deals.pipeline_key = stages.pipeline_key then 2
            -- a table of stages that names no pipelines
            when stages.pipeline_id is null then 3
        end as place,
    from deals
    inner join stages
        on
            deals.portal_id = stages.portal_id
            and deals.stage_id = stages.stage_id
    union all
    select
        deals.portal_id,
        deals.deal_id,
        stages.is_closed_won,
        false as is_by_id,
        case
            when deals.pipeline_id = stages.pipeline_id then 4
            when deals.pipeline_key = stages.pipeline_key then 5
            else 6
        end as place,
    from deals
    inner join stages
        on
            deals.portal_id = stages.portal_id
            and deals.stage_key = stages.stage_key
),

nearest as (
    select * from matches
    where place is not null
    qualify place = min(place) over (partition by portal_id, deal_id)
),

-- stages of one label are won only if all are
final as (
    select
        portal_id,
        deal_id,
    from nearest
    group by portal_id, deal_id
    having if(any_value(is_by_id), bool_or(is_closed_won), bool_and(is_closed_won))
)

select * from final
