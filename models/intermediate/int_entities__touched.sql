-- depends_on: {{ ref('int_events__keyed') }}
-- depends_on: {{ ref('int_contacts__survivors') }}
-- depends_on: {{ ref('int_meetings__booked') }}
-- depends_on: {{ ref('int_steps__email') }}
{%- set enrollments = built_relation('int_enrollments') %}
{%- if is_full_build() %}

-- everything is rebuilt
select
    '*' as portal_id,
    '*' as entity_key,

{%- else %}

with recursive events as not materialized (
    select * from {{ ref('int_events__keyed') }}
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

starts as (
    select portal_id, entity_key as node from new_events
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
    select enrollments.portal_id, enrollments.entity_key as node
    from {{ enrollments }} as enrollments
    semi join changed_steps
        on
            enrollments.portal_id = changed_steps.portal_id
            and enrollments.sequence_id = changed_steps.sequence_id
),

-- entities are tied to each other by the enrollment ids that their events name
named as not materialized (
    select portal_id, entity_key, 'named:' || enrollment_id as named from events
    where enrollment_id is not null
    union all
    select portal_id, entity_key, 'named:' || enrollment_id as named from {{ enrollments }}
),

ties as not materialized (
    select portal_id, entity_key as node, named as neighbour from named
    union all
    select portal_id, named as node, entity_key as neighbour from named
),

reached as (
    select * from starts
    union
    select
        ties.portal_id,
        ties.neighbour as node,
    from reached
    inner join ties
        on
            reached.portal_id = ties.portal_id
            and reached.node = ties.node
),

final as (
    select
        portal_id,
        node as entity_key,
    from reached
    where node is not null and not starts_with(node, 'named:')
)

select * from final

{%- endif %}
