-- depends_on: {{ ref('int_events__keyed') }}
-- depends_on: {{ ref('int_contacts__survivors') }}
-- depends_on: {{ ref('int_entities__inputs') }}
{%- if is_full_build() %}
-- everything is rebuilt
select
    '*' as portal_id,
    '*' as node,

{%- else %}
with enrollments as (
    select * from {{ built_relation('int_enrollments') }}
),

new_events as (
    select * from {{ ref('int_events__keyed') }}
    where load_id > (select applied.load_id from {{ built_relation('int_applied__load') }} as applied)
),

survivors as (
    select * from {{ ref('int_contacts__survivors') }}
),

inputs as materialized (
    select * from {{ ref('int_entities__inputs') }}
),

changed_inputs as (
    {{ difference('inputs', built_relation('int_applied__inputs')) }}
),

changed_sequences as (
    select distinct
        portal_id,
        substr(node, length('sequence:') + 1) as sequence_id,
    from changed_inputs
    where starts_with(node, 'sequence:')
),

-- what a conflict replaced: its contact, and the enrollment it named, may lose an event
superseded as (
    select portal_id, unnest(superseded_object_ids) as object_id, null as enrollment_id from new_events
    union all
    select portal_id, null as object_id, unnest(superseded_enrollment_ids) as enrollment_id from new_events
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
    select portal_id, node from changed_inputs
    where not starts_with(node, 'sequence:')
    union
    select enrollments.portal_id, enrollments.entity_key as node
    from enrollments
    inner join changed_sequences using (portal_id, sequence_id)
)

select * from final
{%- endif %}
