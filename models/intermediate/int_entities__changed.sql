-- depends_on: {{ ref('int_events__keyed') }}
-- depends_on: {{ ref('int_contacts__survivors') }}
-- depends_on: {{ ref('int_meetings__booked') }}
-- depends_on: {{ ref('int_steps__email') }}
-- depends_on: {{ ref('int_enrollments__stated') }}
{%- if is_full_build() %}

-- everything is rebuilt
select
    '*' as portal_id,
    '*' as node,

{%- else %}

with events as not materialized (
    select * from {{ ref('int_events__keyed') }}
),

enrollments as (
    select * from {{ built_relation('int_enrollments') }}
),

new_events as (
    select * from events
    where load_id > (select applied.load_id from {{ built_relation('int_applied__load') }} as applied)
),

survivors as (
    select * from {{ ref('int_contacts__survivors') }}
),

changed_survivors as (
    {{ difference(ref('int_contacts__survivors'), built_relation('int_applied__survivors')) }}
),

changed_meetings as (
    {{ difference(ref('int_meetings__booked'), built_relation('int_applied__meetings')) }}
),

changed_steps as (
    {{ difference(ref('int_steps__email'), built_relation('int_applied__steps')) }}
),

changed_statements as (
    {{ difference(ref('int_enrollments__stated'), built_relation('int_applied__statements')) }}
),

-- what a conflict replaced: its contact, and the enrollment it named, may lose an event
superseded as (
    select
        portal_id,
        unnest(superseded_object_ids) as object_id,
        cast(null as varchar) as enrollment_id,
    from new_events
    union all
    select
        portal_id,
        cast(null as varchar) as object_id,
        unnest(superseded_enrollment_ids) as enrollment_id,
    from new_events
),

final as (
    select portal_id, entity_key as node from new_events
    union
    -- an event may have stood for itself before it named a contact
    select portal_id, 'event:' || event_type || ':' || event_id as node from new_events
    where conflicts > 0
    union
    select
        superseded.portal_id,
        coalesce(
            'contact:' || coalesce(survivors.survivor_contact_id, superseded.object_id),
            'named:' || superseded.enrollment_id
        ) as node,
    from superseded
    left join survivors
        on
            superseded.portal_id = survivors.portal_id
            and superseded.object_id = survivors.contact_id
    union
    select portal_id, 'contact:' || unnest([contact_id, survivor_contact_id]) as node
    from changed_survivors
    union
    select portal_id, 'contact:' || contact_id as node from changed_meetings
    union
    select portal_id, unnest(['named:' || enrollment_id, 'contact:' || contact_id]) as node
    from changed_statements
    union
    select enrollments.portal_id, enrollments.entity_key as node
    from enrollments
    semi join changed_steps
        on
            enrollments.portal_id = changed_steps.portal_id
            and enrollments.sequence_id = changed_steps.sequence_id
)

select * from final

{%- endif %}
