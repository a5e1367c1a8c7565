with objects as (
    select * from {{ ref('stg_hubspot__objects') }}
    where object_type = 'deals'
),

final as (
    select
        portal_id,
        object_id as deal_id,
        {{ object_field('dealname') }} as deal_name,
        {{ object_field('pipeline') }} as pipeline_id,
        {{ object_field('dealstage') }} as stage_id,
        coalesce(
            {{ instant(object_field('createdate')) }}, {{ instant(object_field('createdAt')) }}
        ) as created_at,
        {{ instant(object_field('closedate')) }} as closed_at,
        {{ money(object_field('amount')) }} as amount,
        nullif(lower(trim({{ object_field('hs_is_closed_won') }})), '') = 'true' as is_closed_won,
        json_extract_string(record, '$.associations.contacts.results[*].id') as contact_ids,
        is_archived,
        updated_at,
    from objects
)

select * from final
