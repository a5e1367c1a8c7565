with answers as (
    select * from {{ ref('stg_hubspot__sequence_enrollments') }}
    where contact_id is not null and fetched_at is not null and not is_archived
),

survivors as (
    select * from {{ ref('int_contacts__survivors') }}
),

enrollments as (
    select * from {{ ref('fct_enrollments') }}
),

newest as (
    select
        answers.portal_id,
        coalesce(survivors.survivor_contact_id, answers.contact_id) as contact_id,
        answers.enrollment_id as told_enrollment_id,
        answers.sequence_id,
        answers.enrolled_at,
        answers.fetched_at,
        answers.enrolled_at is not null or answers.sequence_id is not null as is_enrolled,
    from answers
    left join survivors
        on
            answers.portal_id = survivors.portal_id
            and answers.contact_id = survivors.contact_id
    qualify row_number() over (
        partition by answers.portal_id, coalesce(survivors.survivor_contact_id, answers.contact_id)
        order by answers.fetched_at desc, answers.snapshot_id desc
    ) = 1
),

-- the enrollment of the told id; else, as events need not carry ids, the contact's latest one in the sequence, if
-- it is not of an earlier pass
candidates as (
    select
        newest.portal_id,
        newest.contact_id,
        enrollments.enrollment_id,
        row(
            enrollments.enrollment_id = newest.told_enrollment_id,
            enrollments.enrolled_at,
            enrollments.enrollment_id
        ) as fitness,
    from newest
    inner join enrollments
        on
            newest.portal_id = enrollments.portal_id
            and (
                newest.told_enrollment_id = enrollments.enrollment_id
                or (
                    newest.contact_id = enrollments.contact_id
                    and newest.sequence_id = enrollments.sequence_id
                    and enrollments.enrolled_at <= newest.fetched_at
                    and coalesce(enrollments.enrolled_at >= newest.enrolled_at - {{ end_tolerance() }}, true)
                )
            )
    where newest.is_enrolled
),

ours as (
    select
        portal_id,
        contact_id,
        max_by(enrollment_id, fitness) as enrollment_id,
    from candidates
    group by all
),

final as (
    select
        newest.*,
        ours.enrollment_id,
    from newest
    left join ours using (portal_id, contact_id)
)

select * from final
