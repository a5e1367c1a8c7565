with enrollments as (
    select * from {{ ref('fct_enrollments') }}
),

completions as (
    select * from {{ ref('int_enrollments__progress') }}
),

contacts as (
    select * from {{ ref('dim_contacts') }}
),

companies as (
    select * from {{ ref('dim_companies') }}
),

sequences as (
    select * from {{ ref('dim_sequences') }}
),

users as (
    select * from {{ ref('dim_users') }}
),

final as (
    select
        enrollments.portal_id,
        enrollments.enrollment_id,
        enrollments.contact_id,
        contacts.contact_name,
        contacts.email as contact_email,
        enrollments.company_id,
        companies.company_name,
        enrollments.sequence_id,
        sequences.sequence_name,
        enrollments.enrolled_by_user_id,
        users.user_name as enrolled_by_user_name,
        enrollments.enrolled_at,
        enrollments.started_at,
        enrollments.ended_at,
        completions.last_step_completed_at,
        enrollments.status,
        enrollments.status_detail,
        enrollments.end_reason,
        enrollments.last_step_order,
        completions.next_step_order,
    from enrollments
    left join completions using (portal_id, enrollment_id)
    left join contacts using (portal_id, contact_id)
    left join companies
        on
            enrollments.portal_id = companies.portal_id
            and enrollments.company_id = companies.company_id
    left join sequences
        on
            enrollments.portal_id = sequences.portal_id
            and enrollments.sequence_id = sequences.sequence_id
    left join users
        on
            enrollments.portal_id = users.portal_id
            and enrollments.enrolled_by_user_id = users.user_id
)

select * from final
