with deals as (
    select * from {{ ref('int_deals__credited') }}
),

final as (
    select
        portal_id,
        deal_id,
        deal_name,
        pipeline_id,
        stage_id,
        created_at,
        closed_at,
        amount,
        currency_code,
        amount_in_home_currency,
        is_closed_won,
        credited_enrollment_id,
    from deals
)

select * from final
