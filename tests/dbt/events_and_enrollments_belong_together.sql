-- Each attributed event has its enrollment, of the same contact where it was found by the contact, and
-- never one that began after it; each enrollment has an event or it would not be known.
with events as (
    select * from {{ ref('fct_sequence_events') }}
    where enrollment_id is not null
),

enrollments as (
    select * from {{ ref('fct_enrollments') }}
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
            when events.occurred_at < enrollments.enrolled_at then 'credit forward in time'
            when coalesce(events.contact_id <> enrollments.contact_id, true) then 'another contact'
        end as problem,
    from events
    full outer join enrollments using (portal_id, enrollment_id)
)

select * from final
where problem is not null
