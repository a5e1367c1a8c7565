with events as (
    select * from {{ ref('fct_sequence_events') }}
    where attribution = 'none'
),

event_types as (
    select * from {{ ref('event_types') }}
    where is_sequence_event
),

final as (
    select
        events.portal_id,
        events.event_type,
        events.event_id,
        event_types.kind,
        events.occurred_at,
        events.contact_id,
        events.sequence_id,
        events.template_id,
        case
            when events.contact_id is null then 'no contact'
            when events.sequence_id is not null then 'no enrollment of the contact in the sequence by then'
            when event_types.kind in ({{ kinds('of_email') }}) then 'no step with the e-mail executed by then'
            when event_types.kind in ({{ kinds('of_enrolled') }}) then 'not enrolled then'
            else 'names neither enrollment nor sequence'
        end as reason,
        events.load_id,
    from events
    inner join event_types on events.event_type = event_types.event_type
)

select * from final
