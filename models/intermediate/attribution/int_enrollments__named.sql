with activities as (
    select * from {{ ref('int_activities') }}
),

-- a second enroll event for the same id is the same enrollment: the earliest wins
enroll_events as (
    select
        portal_id,
        enrollment_id,
        min(occurred_at) as enrolled_at,
        min_by(
            struct_pack(contact_id, sequence_id, enrolled_by_user_id, company_id),
            row(occurred_at, event_id)
        ) as enrolled,
    from activities
    where kind = 'enrolled' and enrollment_id is not null
    group by all
),

-- what the enroll event leaves empty, or all when it is late or lost: the first value that is known
-- (min_by passes over rows whose value is null)
named as (
    select
        portal_id,
        enrollment_id,
        min(occurred_at) as first_event_at,
        min_by(contact_id, row(occurred_at, event_type, event_id)) as contact_id,
        min_by(sequence_id, row(occurred_at, event_type, event_id)) as sequence_id,
        min_by(enrolled_by_user_id, row(occurred_at, event_type, event_id)) as enrolled_by_user_id,
        min_by(company_id, row(occurred_at, event_type, event_id)) as company_id,
    from activities
    where enrollment_id is not null
    group by all
),

named_enrollments as (
    select
        named.portal_id,
        named.enrollment_id,
        coalesce((enroll_events.enrolled).contact_id, named.contact_id) as contact_id,
        coalesce((enroll_events.enrolled).sequence_id, named.sequence_id) as sequence_id,
        coalesce((enroll_events.enrolled).enrolled_by_user_id, named.enrolled_by_user_id)
            as enrolled_by_user_id,
        coalesce((enroll_events.enrolled).company_id, named.company_id) as company_id,
        coalesce(enroll_events.enrolled_at, named.first_event_at) as enrolled_at,
        enroll_events.enrollment_id is null as is_inferred,
    from named
    left join enroll_events
        on
            named.portal_id = enroll_events.portal_id
            and named.enrollment_id = enroll_events.enrollment_id
),

final as (
    select
        *,
        coalesce('contact:' || contact_id, 'enrollment:' || enrollment_id) as entity_key,
    from named_enrollments
    union all by name
    select
        portal_id,
        {{ derived_enrollment_id() }} as enrollment_id,
        contact_id,
        sequence_id,
        enrolled_by_user_id,
        company_id,
        occurred_at as enrolled_at,
        false as is_inferred,
        entity_key,
    from activities
    where kind = 'enrolled' and enrollment_id is null
)

select * from final
