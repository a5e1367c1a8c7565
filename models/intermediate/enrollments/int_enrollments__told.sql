with answers as (
    select * from {{ ref('int_enrollments__answered') }}
),

enrollments as (
    select * from {{ ref('int_enrollments') }}
),

by_id as (
    select
        answers.portal_id,
        answers.contact_id,
        enrollments.enrollment_id,
    from answers
    inner join enrollments
        on
            answers.portal_id = enrollments.portal_id
            and answers.told_enrollment_id = enrollments.enrollment_id
    where answers.is_enrolled
),

-- events need not carry ids: the contact's latest one in the sequence by then, if not of an earlier pass
by_contact as (
    select
        answers.portal_id,
        answers.contact_id,
        enrollments.enrollment_id,
    from answers
    anti join by_id using (portal_id, contact_id)
    inner join enrollments
        on
            answers.portal_id = enrollments.portal_id
            and answers.contact_id = enrollments.contact_id
            and answers.sequence_id = enrollments.sequence_id
            and answers.fetched_at >= enrollments.enrolled_at
    where coalesce(enrollments.enrolled_at >= answers.enrolled_at - {{ end_tolerance() }}, true)
    qualify row_number() over (
        partition by answers.portal_id, answers.contact_id
        order by enrollments.enrolled_at desc, enrollments.enrollment_id desc
    ) = 1
),

ours as (
    select * from by_id
    union all
    select * from by_contact
),

final as (
    select
        answers.*,
        ours.enrollment_id,
    from answers
    left join ours using (portal_id, contact_id)
)

select * from final
