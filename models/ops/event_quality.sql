with events as (
    select * from {{ ref('stg_hubspot__events') }}
),

attributions as (
    select
        portal_id,
        event_type,
        count(*) filter (where attribution = 'enrollment_id') as attributed_by_enrollment_id,
        count(*) filter (where attribution = 'sequence') as attributed_by_sequence,
        count(*) filter (where attribution = 'contact') as attributed_by_contact,
    from {{ ref('fct_sequence_events') }}
    group by all
),

counts as (
    select
        portal_id,
        event_type,
        any_value(kind) as kind,
        bool_or(is_sequence_event) as is_sequence_event,
        count(*) as events,
        count(*) filter (where is_step_order_unreadable) as unreadable_step_orders,
        cast(sum(conflicts) as bigint) as conflicts,
        max(occurred_at) as newest_occurred_at,
    from events
    group by all
),

final as (
    select
        counts.portal_id,
        counts.event_type,
        counts.kind,
        counts.is_sequence_event,
        counts.events,
        attributions.attributed_by_enrollment_id,
        attributions.attributed_by_sequence,
        attributions.attributed_by_contact,
        case
            when counts.is_sequence_event
                then
                    counts.events
                    - attributions.attributed_by_enrollment_id
                    - attributions.attributed_by_sequence
                    - attributions.attributed_by_contact
            else 0
        end as unattributed,
        counts.unreadable_step_orders,
        counts.conflicts,
        counts.newest_occurred_at,
    from counts
    inner join attributions
        on
            counts.portal_id = attributions.portal_id
            and counts.event_type = attributions.event_type
)

select * from final
