{{ config(materialized = 'view') }}

with deals as (
    select * from {{ ref('stg_hubspot__deals') }}
    where not is_archived
),

-- in a circle of merges, the survivor is of it
merged as (
    select * from {{ ref('int_objects__survivors') }}
    where object_type = 'deals' and object_id <> survivor_object_id
),

stages as (
    select * from {{ ref('stg_hubspot__deal_stages') }}
    where is_closed_won
),

accounts as (
    select
        portal_id,
        upper(currency) as currency_code,
    from {{ ref('accounts') }}
),

won_by_stage as (
    select distinct
        deals.portal_id,
        deals.deal_id,
    from deals
    inner join stages
        on
            deals.portal_id = stages.portal_id
            and deals.stage_id = stages.stage_id
    where deals.pipeline_id is null or deals.pipeline_id = stages.pipeline_id
),

final as (
    select
        deals.portal_id,
        deals.deal_id,
        deals.deal_name,
        deals.pipeline_id,
        deals.stage_id,
        deals.created_at,
        deals.closed_at,
        deals.amount,
        deals.currency_code,
        coalesce(
            deals.stated_home_amount,
            case
                when deals.currency_code is null or deals.currency_code = accounts.currency_code
                    then deals.amount
            end,
            {{ converted('deals.amount', 'deals.exchange_rate') }}
        ) as amount_in_home_currency,
        coalesce(deals.is_closed_won, won_by_stage.deal_id is not null) as is_closed_won,
        deals.contact_ids,
        deals.source_file,
    from deals
    left join accounts using (portal_id)
    left join won_by_stage using (portal_id, deal_id)
    anti join merged
        on
            deals.portal_id = merged.portal_id
            and deals.deal_id = merged.object_id
)

select * from final
