with landed as (
    select * from {{ source('hubspot', 'events') }}
    where reason is null
),

event_types as (
    select * from {{ ref('event_types') }}
),

texts as (
    select
        *,
        {{ property_texts() }} as property_texts,
        list_transform(property_texts, lambda text: {{ id_text('text') }}) as property_ids,
    from landed
),

renamed as (
    select
        portal_id,
        event_type,
        event_id,

        object_type,
        object_id,
        case when object_type = 'CONTACT' then object_id end as contact_object_id,
        -- beside a workflow's id, the same property names a workflow enrollment
        case when {{ property_id('flow_id') }} is null then {{ property_id('enrollment_id') }} end
            as enrollment_id,
        {{ property_id('sequence_id') }} as sequence_id,
        {{ property_id('template_id') }} as template_id,
        {{ property_id('enrolled_by_user_id') }} as enrolled_by_user_id,
        {{ property_id('company_id') }} as company_id,
        upper({{ property('unenrolled_source') }}) as unenrolled_source,
        upper({{ property('step_error_type') }}) as step_error_type,
        {{ property('step_order') }} as step_order_text,

        occurred_at,
        coalesce(nullif(cast(json_extract(record, '$.properties') as varchar), 'null'), '{}') as properties,
        {{ property_issues() }} as field_issues,

        source_file,
        line_number,
        load_id,
        loaded_at,
        loaded_at as first_loaded_at,
        0 as conflicts,
        cast([] as varchar[]) as superseded_object_ids,
        cast([] as varchar[]) as superseded_enrollment_ids,
    from texts
),

final as (
    select
        renamed.* exclude (step_order_text),
        event_types.kind,
        event_types.event_name,
        coalesce(event_types.is_sequence_event, false) as is_sequence_event,
        {{ step_number('renamed.step_order_text') }} as step_order,
        renamed.step_order_text is not null
        and {{ step_number('renamed.step_order_text') }} is null as is_step_order_unreadable,
    from renamed
    left join event_types on renamed.event_type = event_types.event_type
)

select * from final
