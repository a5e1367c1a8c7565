{{ config(materialized = 'view') }}

with rates as (
    select * from {{ ref('stg_hubspot__exchange_rates') }}
    where conversion_rate is not null and not is_archived
),

accounts as (
    select * from {{ ref('int_accounts') }}
),

final as (
    select
        rates.portal_id,
        rates.from_currency_code as currency_code,
        rates.conversion_rate as landed_rate,
    from rates
    inner join accounts
        on
            rates.portal_id = accounts.portal_id
            and rates.to_currency_code = accounts.currency
    where rates.from_currency_code is not null
    qualify row_number() over (
        partition by rates.portal_id, rates.from_currency_code
        order by
            rates.effective_at desc nulls last,
            rates.updated_at desc nulls last,
            rates.exchange_rate_id desc
    ) = 1
)

select * from final
