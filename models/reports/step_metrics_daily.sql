with steps as (
    select * from {{ ref('fct_enrollment_steps') }}
    where step_order is not null
),

final as (
    select
        steps.portal_id,
        steps.sequence_id,
        steps.step_order,
        steps.template_id,
        steps.enrolled_by_user_id,
        steps.company_id,
        steps.enrolled_on,
        {{ step_measures() }}
    from steps
    group by all
)

select * from final
