with objects as (
    select * from {{ ref('stg_hubspot__objects') }}
),

contacts as (
    select
        *,
        'contacts' as linked_type,
        record -> '$.associations.contacts' as links,
    from objects
    where object_type in ('deals', 'tasks', 'meetings', 'emails', 'calls')
),

companies as (
    select
        *,
        'companies' as linked_type,
        record -> '$.associations.companies' as links,
    from objects
    where object_type = 'contacts'
),

final as (
    {%- for linked_type in ['contacts', 'companies'] %}
    select
        portal_id,
        object_type,
        object_id,
        linked_type,
        {{ linked_ids('links', linked_type) }} as linked_ids,
        updated_at,
        load_id,
    from {{ linked_type }}
    where {{ is_told('links') }}
    {{ "union all" if not loop.last }}
    {%- endfor %}
)

select * from final
