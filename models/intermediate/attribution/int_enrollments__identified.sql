with enrollments as (
    select * from {{ ref('int_enrollments__named') }}
),

statements as (
    select * from {{ ref('int_enrollments__stated') }}
),

by_id as (
    select
        portal_id,
        enrollment_id,
        stated_enrolled_at,
    from statements
    semi join enrollments using (portal_id, enrollment_id)
),

-- an id that no event carries: of the contact's enrollments in the sequence, the first from then on. One that
-- its enroll event began within the minute is that one, and needs nobody to tell when.
by_contact as (
    select
        statements.portal_id,
        enrollments.enrollment_id,
        statements.stated_enrolled_at,
    from statements
    anti join by_id using (portal_id, enrollment_id)
    inner join enrollments
        on
            statements.portal_id = enrollments.portal_id
            and statements.contact_id = enrollments.contact_id
            and statements.sequence_id = enrollments.sequence_id
            and enrollments.enrolled_at >= statements.stated_enrolled_at - {{ end_tolerance() }}
    qualify row_number() over (
        partition by
            statements.portal_id,
            statements.enrollment_id,
            statements.contact_id,
            statements.sequence_id
        order by enrollments.enrolled_at, enrollments.enrollment_id
    ) = 1
),

told as (
    select * from by_id
    union all
    select * from by_contact
),

moves as (
    select
        portal_id,
        enrollment_id,
        min(stated_enrolled_at) as stated_enrolled_at,
    from told
    group by all
),

final as (
    select
        enrollments.* replace (
            case
                when enrollments.is_inferred then least(enrollments.enrolled_at, moves.stated_enrolled_at)
                else enrollments.enrolled_at
            end as enrolled_at
        ),
    from enrollments
    left join moves
        on
            enrollments.portal_id = moves.portal_id
            and enrollments.enrollment_id = moves.enrollment_id
)

select * from final
