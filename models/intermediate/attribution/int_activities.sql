with events as (
    select * from {{ ref('int_events__scoped') }}
    where is_sequence_event
),

meetings as (
    select
        *,
        'contact:' || contact_id as entity_key,
    from {{ ref('int_meetings__booked') }}
),

touched_meetings as (
    select meetings.*
    from meetings
    {{ only_touched('meetings') }}
),

final as (
    select
        activity_key,
        entity_key,
        portal_id,
        event_type,
        event_id,
        kind,
        occurred_at,
        contact_id,
        object_id,
        enrollment_id,
        sequence_id,
        step_order,
        template_id,
        enrolled_by_user_id,
        company_id,
        unenrolled_source,
        step_error_type,
    from events
    union all by name
    -- meeting objects have no event: their keys are the negative numbers
    select
        -row_number() over () as activity_key,
        entity_key,
        portal_id,
        meeting_id as event_id,
        'meeting_booked' as kind,
        booked_at as occurred_at,
        contact_id,
    from touched_meetings
)

select * from final
