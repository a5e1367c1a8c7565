with enrollments as (
    select * from {{ ref('fct_enrollments') }}
    where is_started and contact_id is not null
    qualify row_number() over (
        partition by portal_id, contact_id, sequence_id
        order by enrolled_at desc, enrollment_id desc
    ) = 1
),

progress as (
    select * from {{ ref('int_enrollments__progress') }}
),

final as (
    select
        enrollments.portal_id,
        enrollments.contact_id,
        enrollments.sequence_id,
        enrollments.enrollment_id,
        enrollments.company_id,
        enrollments.status,
        enrollments.last_step_order,
        progress.next_step_order,
        enrollments.emails_sent,
        enrollments.opens,
        enrollments.clicks,
        enrollments.last_activity_at,
        row_number() over (
            partition by enrollments.portal_id
            order by
                enrollments.clicks desc,
                enrollments.opens desc,
                enrollments.last_activity_at desc,
                enrollments.contact_id asc,
                enrollments.sequence_id asc nulls last
        ) as engagement_rank,
    from enrollments
    left join progress using (portal_id, enrollment_id)
    where enrollments.opens > 0 or enrollments.clicks > 0
)

select * from final
