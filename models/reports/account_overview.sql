with enrollments as (
    select * from {{ ref('fct_enrollments') }}
    where is_started
),

accounts as (
    select * from {{ ref('dim_accounts') }}
),

measures as (
    select
        accounts.portal_id,
        accounts.account_name,
        accounts.currency,
        accounts.as_of,
        {{ additive_measures() }}
        {{ distinct_measures() }}
    from accounts
    left join enrollments on accounts.portal_id = enrollments.portal_id
    group by all
),

final as (
    select
        *,
        {{ measure_rates() }}
    from measures
)

select * from final
