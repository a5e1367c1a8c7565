{%- set names = ['sequenceId', 'fetchedAt'] -%}

with objects as (
    select
        *,
        {{ object_texts(names) }} as texts,
    from {{ ref('stg_hubspot__objects') }}
    where
        object_type = 'sequence_performance'
        and not is_archived
),

answers as (
    select
        portal_id,
        coalesce({{ id_text(object_field(names, 'sequenceId')) }}, object_id) as sequence_id,
        record -> '$.summary' as summary,
        record -> '$.steps' as steps,
        record -> '$.statusByStep' as status_by_step,
        record -> '$.companyMetrics' as company_metrics,
        coalesce({{ instant(object_field(names, 'fetchedAt')) }}, updated_at) as fetched_at,
        object_id,
        load_id,
    from objects
),

-- whoever keeps every answer under an id of its own is shown the newest
final as (
    select * from answers
    qualify row_number() over (
        partition by portal_id, sequence_id
        order by fetched_at desc nulls last, load_id desc, object_id desc
    ) = 1
)

select * from final
