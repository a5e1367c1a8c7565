-- depends_on: {{ ref('int_events__keyed') }}
-- depends_on: {{ ref('int_enrollments__stated') }}
with recursive changed as (
    select * from {{ ref('int_entities__changed') }}
),

{%- if is_full_build() %}

reached as (
    select * from changed
),

{%- else %}

-- entities are tied to each other by the enrollment ids that their events name, and that HubSpot tells
named as not materialized (
    select
        portal_id,
        entity_key,
        'named:' || enrollment_id as named,
    from {{ ref('int_events__keyed') }}
    where enrollment_id is not null
    union all
    select
        portal_id,
        entity_key,
        'named:' || enrollment_id as named,
    from {{ built_relation('int_enrollments') }}
    union all
    select
        portal_id,
        'contact:' || contact_id as entity_key,
        'named:' || enrollment_id as named,
    from {{ ref('int_enrollments__stated') }}
    where contact_id is not null
),

ties as not materialized (
    select portal_id, entity_key as node, named as neighbour from named
    union all
    select portal_id, named as node, entity_key as neighbour from named
),

reached as (
    select * from changed
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

{%- endif %}

final as (
    select
        portal_id,
        node as entity_key,
    from reached
    where node is not null and not starts_with(node, 'named:')
)

select * from final
