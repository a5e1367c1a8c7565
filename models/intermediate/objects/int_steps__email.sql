with steps as (
    select * from {{ ref('stg_hubspot__sequence_steps') }}
),

final as (
    select
        portal_id,
        sequence_id,
        step_order,
    from steps
    where action_type = 'EMAIL'
)

select * from final
