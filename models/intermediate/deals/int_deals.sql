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

won_by_stage as (
    select * from {{ ref('int_deals__won_by_stage') }}
),

links as (
    select
        portal_id,
        object_id as deal_id,
        linked_ids,
    from {{ ref('int_objects__links') }}
    where object_type = 'deals' and linked_type = 'contacts'
),

accounts as (
    select * from {{ ref('int_accounts') }}
),

rates as (
    select * from {{ ref('int_exchange_rates') }}
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
                when deals.currency_code is null or deals.currency_code = accounts.currency
                    then deals.amount
            end,
            {{ converted('deals.amount', 'coalesce(deals.exchange_rate, rates.landed_rate)') }}
        ) as amount_in_home_currency,
        coalesce(deals.is_closed_won, won_by_stage.deal_id is not null) as is_closed_won,
        coalesce(links.linked_ids, []) as contact_ids,
        deals.source_file,
    from deals
    left join accounts using (portal_id)
    left join rates using (portal_id, currency_code)
    left join won_by_stage using (portal_id, deal_id)
    left join links using (portal_id, deal_id)
    anti join merged
        on
            deals.portal_id = merged.portal_id
            and deals.deal_id = merged.object_id
)

select * from final
