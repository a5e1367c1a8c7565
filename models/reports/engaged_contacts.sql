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

contacts as (
    select * from {{ ref('dim_contacts') }}
),

sequences as (
    select * from {{ ref('dim_sequences') }}
),

companies as (
    select * from {{ ref('dim_companies') }}
),

final as (
    select
        enrollments.portal_id,
        enrollments.contact_id,
        contacts.contact_name,
        contacts.email as contact_email,
        enrollments.sequence_id,
        sequences.sequence_name,
        enrollments.enrollment_id,
        enrollments.company_id,
        companies.company_name,
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
    left join contacts using (portal_id, contact_id)
    left join sequences using (portal_id, sequence_id)
    left join companies
        on
            enrollments.portal_id = companies.portal_id
            and enrollments.company_id = companies.company_id
    where enrollments.opens > 0 or enrollments.clicks > 0
)

select * from final
