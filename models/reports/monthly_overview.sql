with enrollments as (
    select
        *,
        cast(date_trunc('month', enrolled_on) as date) as enrolled_month,
    from {{ ref('fct_enrollments') }}
    where is_started
),

totals as (
    select
        portal_id,
        enrolled_month,
        {{ monthly_counts() }}
    from enrollments
    group by all
),

maturity as (
    select
        portal_id,
        enrolled_month,
        case
            when bool_or(not is_mature) then false
            when count(is_mature) = count(*) then true
        end as is_mature,
    from {{ ref('monthly_enrollments') }}
    group by all
),

final as (
    select
        totals.*,
        {{ monthly_ratios() }}
        maturity.is_mature,
    from totals
    left join maturity using (portal_id, enrolled_month)
)

select * from final
