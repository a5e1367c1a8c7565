with enrollments as (
    select
        *,
        cast(date_trunc('month', enrolled_on) as date) as enrolled_month,
    from {{ ref('fct_enrollments') }}
    where is_started
),

accounts as (
    select * from {{ ref('dim_accounts') }}
),

sequences as (
    select * from {{ ref('dim_sequences') }}
),

totals as (
    select
        portal_id,
        enrolled_month,
        sequence_id,
        {{ monthly_counts() }}
    from enrollments
    group by all
),

final as (
    select
        totals.*,
        sequences.sequence_name,
        {{ monthly_ratios() }}
        -- the last that enrolled in the month have had the time that the sequence takes
        (totals.enrolled_month + interval '1 month') at time zone accounts.time_zone
        + to_milliseconds(sequences.length_milliseconds) <= accounts.as_of as is_mature,
    from totals
    inner join accounts on totals.portal_id = accounts.portal_id
    left join sequences
        on
            totals.portal_id = sequences.portal_id
            and totals.sequence_id = sequences.sequence_id
)

select * from final
