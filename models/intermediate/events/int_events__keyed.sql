{{ config(materialized = 'view') }}

with events as (
    select * from {{ ref('stg_hubspot__events') }}
),

survivors as (
    select * from {{ ref('int_contacts__survivors') }}
),

known as (
    select
        events.* replace (
            -- only sequence events speak of sequence enrollments
            case when events.is_sequence_event then events.enrollment_id end as enrollment_id
        ),
        coalesce(survivors.survivor_contact_id, events.contact_object_id) as contact_id,
    from events
    left join survivors
        on
            events.portal_id = survivors.portal_id
            and events.contact_object_id = survivors.contact_id
),

final as (
    select
        *,
        -- what is rebuilt together: a contact, or what stands for one where no contact is known
        case
            when contact_id is not null then 'contact:' || contact_id
            when enrollment_id is not null then 'enrollment:' || enrollment_id
            else 'event:' || event_type || ':' || event_id
        end as entity_key,
    from known
)

select * from final
