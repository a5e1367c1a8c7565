with enrollments as (
    select * from {{ ref('fct_enrollments') }}
    where is_started
),

final as (
    select
        portal_id,
        sequence_id,
        last_step_order as step_order,
        status,
        count(*) as enrollments,
    from enrollments
    group by all
)

select * from final
