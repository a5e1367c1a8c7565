-- Each attributed event has its enrollment, of the same contact where it was not named by id, and none
-- that began after it; each enrollment has an event or it would not be known.
with events as (
    select
        facts.*,
        event_types.kind,
        coalesce(facts.contact_id, '') as known_contact_id,
    from {{ ref('fct_sequence_events') }} as facts
    left join {{ ref('event_types') }} as event_types on facts.event_type = event_types.event_type
    where facts.enrollment_id is not null
),

enrollments as (
    select
        *,
        coalesce(contact_id, '') as known_contact_id,
    from {{ ref('fct_enrollments') }}
),

final as (
    select
        portal_id,
        enrollment_id,
        events.event_id,
        case
            when enrollments.enrolled_at is null then 'no such enrollment'
            when events.event_type is null then 'no event'
            when events.attribution = 'enrollment_id' then null
            when events.known_contact_id <> enrollments.known_contact_id then 'another contact'
            -- opens and clicks look at executed steps, which an enroll event may be written after
            when
                events.occurred_at < enrollments.enrolled_at
                and events.kind not in ('opened', 'clicked')
                then 'credit forward in time'
        end as problem,
    from events
    full outer join enrollments using (portal_id, enrollment_id)
)

select * from final
where problem is not null
