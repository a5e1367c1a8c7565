with enrollments as (
    select * from {{ ref('fct_enrollments') }}
),

accounts as (
    select * from {{ ref('dim_accounts') }}
),

seen as (
    select
        enrolled_on as first_on,
        coalesce(ended_on, enrolled_on) as last_on,
    from enrollments
    union all
    select
        cast((as_of at time zone time_zone) as date) as first_on,
        cast((as_of at time zone time_zone) as date) as last_on,
    from accounts
),

-- no event, no day: the list of days from null to null is null, and unnests to nothing
bounds as (
    select
        -- one absurd time must not make a million days
        min(first_on) as first_on,
        max(last_on) as last_on,
    from seen
    where first_on >= date '2000-01-01' and last_on < date '2100-01-01'
),

days as (
    select cast(unnest(generate_series(first_on, last_on, interval '1 day')) as date) as date_day
    from bounds
),

final as (
    select
        date_day,
        cast(date_trunc('week', date_day) as date) as date_week,
        cast(date_trunc('month', date_day) as date) as date_month,
        cast(date_trunc('quarter', date_day) as date) as date_quarter,
        cast(date_trunc('year', date_day) as date) as date_year,
        cast(isodow(date_day) as integer) as weekday,
    from days
)

select * from final
