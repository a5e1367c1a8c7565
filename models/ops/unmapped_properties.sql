with properties as (
    select * from {{ ref('int_event_properties') }}
    where property_name <> ''
),

aliases as (
    select * from {{ ref('property_aliases') }}
),

unmapped as (
    select
        properties.* exclude (example),
        struct_extract(properties.example, 'event_id') as example_event_id,
        struct_extract(properties.example, 'properties') as example_properties,
    from properties
    anti join aliases on properties.property_name = aliases.source_property
),

examples as (
    select
        unmapped.portal_id,
        unmapped.event_type,
        unmapped.property_name,
        any_value(nullif(property.value ->> '$', '')) as example_value,
    from unmapped
    cross join json_each(unmapped.example_properties) as property
    where property.key = unmapped.property_name
    group by all
),

final as (
    select
        unmapped.portal_id,
        unmapped.event_type,
        unmapped.property_name,
        unmapped.events,
        unmapped.first_occurred_at,
        unmapped.first_loaded_at,
        unmapped.example_event_id,
        examples.example_value,
    from unmapped
    left join examples using (portal_id, event_type, property_name)
)

select * from final
