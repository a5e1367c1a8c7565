with answers as (
    select
        portal_id,
        sequence_id,
        fetched_at,
        load_id as answer_load_id,
    from {{ ref('stg_hubspot__sequence_performance') }}
),

begun as (
    select
        portal_id,
        sequence_id,
        min(enrolled_at) as first_enrolled_at,
    from {{ ref('fct_enrollments') }}
    semi join answers using (portal_id, sequence_id)
    group by all
),

event_types as (
    select
        event_type,
        case when kind in ({{ meeting_kinds() }}) then 'meeting_booked' else kind end as event_kind,
    from {{ ref('event_types') }}
    where is_sequence_event
),

events as (
    select
        events.portal_id,
        events.sequence_id,
        event_types.event_kind,
        events.occurred_at,
        events.load_id,
        events.attribution = 'none' as is_unattributed,
    from {{ ref('fct_sequence_events') }} as events
    inner join event_types on events.event_type = event_types.event_type
    semi join answers on events.portal_id = answers.portal_id
),

-- one that names no sequence may be of any
possible as (
    select
        answers.*,
        events.* exclude (portal_id, sequence_id),
    from events
    inner join answers using (portal_id, sequence_id)
    union all
    select
        answers.*,
        events.* exclude (portal_id, sequence_id),
    from events
    inner join answers on events.portal_id = answers.portal_id
    where events.sequence_id is null and events.is_unattributed
),

timed as (
    select
        possible.*,
        coalesce(possible.occurred_at > possible.fetched_at, false) as is_newer,
        coalesce(possible.occurred_at < begun.first_enrolled_at, false) as is_before_first,
    from possible
    left join begun using (portal_id, sequence_id)
),

final as (
    select
        portal_id,
        sequence_id,
        event_kind,
        count(*) filter (where is_unattributed and not is_newer and not is_before_first)
            as unattributed_events,
        count(*) filter (where not is_unattributed and not is_newer and load_id > answer_load_id)
            as later_loaded_events,
        count(*) filter (where not is_unattributed and is_newer) as newer_events,
    from timed
    group by all
)

select * from final
