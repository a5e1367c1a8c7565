-- The credits of a deal sum to 1 where it names an enrollment, else to 0: each enrollment counts the deals,
-- and the revenue of the won ones, that name it, and is named by one that had started by then.
with deals as (
    select
        portal_id,
        credited_enrollment_id as enrollment_id,
        count(*) as deals,
        coalesce(sum(amount_in_home_currency) filter (where is_closed_won), 0) as revenue,
        min(created_at) as first_created_at,
    from {{ ref('fct_deals') }}
    where credited_enrollment_id is not null
    group by all
),

enrollments as (
    select * from {{ ref('fct_enrollments') }}
)

select
    portal_id,
    enrollment_id,
    deals.deals as credited_deals,
    enrollments.deals,
    deals.revenue as credited_revenue,
    enrollments.revenue,
from deals
full outer join enrollments using (portal_id, enrollment_id)
where
    coalesce(deals.deals, 0) is distinct from enrollments.deals
    or coalesce(deals.revenue, 0) is distinct from enrollments.revenue
    or (deals.deals > 0 and coalesce(enrollments.started_at > deals.first_created_at, true))
