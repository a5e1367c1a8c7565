with properties as (
    select * from {{ ref('int_event_properties') }}
    where property_name <> ''
),

aliases as (
    select * from {{ ref('property_aliases') }}
),

final as (
    select
        properties.portal_id,
        properties.event_type,
        properties.property_name,
        properties.events,
        properties.first_occurred_at,
        properties.first_loaded_at,
        struct_extract(properties.example, 'event_id') as example_event_id,
        struct_extract(properties.example, 'text') as example_value,
    from properties
    anti join aliases on properties.property_name = aliases.source_property
)

select * from final
