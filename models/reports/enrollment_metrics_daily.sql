with enrollments as (
    select * from {{ ref('fct_enrollments') }}
    where is_started
),

final as (
    select
        enrollments.portal_id,
        enrollments.sequence_id,
        enrollments.enrolled_by_user_id,
        enrollments.company_id,
        enrollments.status,
        enrollments.enrolled_on,
        {{ additive_measures() }}
    from enrollments
    group by all
)

select * from final
