with activities as (
    select * from {{ ref('int_activities') }}
),

enrollments as (
    select * from {{ ref('int_enrollments__identified') }}
),

-- rule 2: the contact's latest enrollment in that sequence at or before the event
by_sequence as (
    select
        activities.activity_key,
        enrollments.enrollment_id,
    from activities
    inner join enrollments
        on
            activities.portal_id = enrollments.portal_id
            and activities.contact_id = enrollments.contact_id
            and activities.sequence_id = enrollments.sequence_id
            and activities.occurred_at >= enrollments.enrolled_at
    where
        activities.enrollment_id is null
        and activities.kind <> 'enrolled'
    qualify row_number() over (
        partition by activities.activity_key
        order by enrollments.enrolled_at desc, enrollments.enrollment_id desc
    ) = 1
),

final as (
    select
        activities.* replace (
            coalesce(
                activities.enrollment_id,
                by_sequence.enrollment_id,
                -- an enroll event without an id is an enrollment of its own
                case when activities.kind = 'enrolled' then {{ derived_enrollment_id('activities') }} end
            ) as enrollment_id
        ),
        case
            when activities.enrollment_id is not null then 'enrollment_id'
            when by_sequence.enrollment_id is not null then 'sequence'
            when activities.kind = 'enrolled' and activities.sequence_id is not null then 'sequence'
            when activities.kind = 'enrolled' then 'contact'
        end as attribution,
    from activities
    left join by_sequence on activities.activity_key = by_sequence.activity_key
)

select * from final
