with steps as (
    select * from {{ ref('fct_enrollment_steps') }}
    where step_order is not null
),

final as (
    select
        portal_id,
        enrollment_id,
        contact_id,
        sequence_id,
        step_order,
        template_id,
        enrolled_by_user_id,
        company_id,
        enrolled_on,
        is_executed,
        is_meeting_booked,
        executed_at,
        first_opened_at,
        first_clicked_at,
        first_replied_at,
        first_meeting_booked_at,
        tasks_completed,
    from steps
)

select * from final
