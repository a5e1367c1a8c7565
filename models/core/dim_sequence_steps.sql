with steps as (
    select * from {{ ref('stg_hubspot__sequence_steps') }}
),

final as (
    select
        portal_id,
        sequence_id,
        step_order,
        step_order + 1 as step_number,
        action_type,
        task_type,
        template_id,
        delay_milliseconds,
    from steps
)

select * from final
