with enrollments as (
    select * from {{ ref('fct_enrollments') }}
    where is_started
),

sequences as (
    select * from {{ ref('dim_sequences') }}
),

counted as (
    select
        portal_id,
        sequence_id,
        last_step_order as step_order,
        status,
        count(*) as enrollments,
    from enrollments
    group by all
),

final as (
    select
        counted.*,
        sequences.sequence_name,
    from counted
    left join sequences using (portal_id, sequence_id)
)

select * from final
