{{ config(materialized = 'view') }}

with answers as (
    select * from {{ ref('stg_hubspot__sequence_enrollments') }}
    where contact_id is not null and fetched_at is not null and not is_archived
),

survivors as (
    select * from {{ ref('int_contacts__survivors') }}
),

final as (
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
)

select * from final
