with activities as (
    select
        *,
        kind = 'step_executed' as is_execution,
    from {{ ref('int_activities__placed') }}
    where
        enrollment_id is not null
        and step_order is not null
        and template_id is not null
        -- a meeting may name an e-mail that it is not placed on
        and kind in ({{ kinds('of_step') }})
),

final as (
    select
        portal_id,
        enrollment_id,
        step_order,
        min_by(template_id, row(not is_execution, occurred_at, event_id, event_type)) as template_id,
    from activities
    group by all
)

select * from final
