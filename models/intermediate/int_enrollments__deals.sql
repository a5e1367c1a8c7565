{{ config(materialized = 'view') }}

with deals as (
    select * from {{ ref('int_deals__credited') }}
    where credited_enrollment_id is not null
),

final as (
    select
        portal_id,
        credited_enrollment_id as enrollment_id,
        count(*) as deals,
        coalesce(sum(amount_in_home_currency) filter (where is_closed_won), 0) as revenue,
    from deals
    group by all
)

select * from final
