with types as (
    select * from {{ ref('object_types') }}
),

objects as (
    select
        objects.*,
        types.linked_type,
    from {{ ref('stg_hubspot__objects') }} as objects
    inner join types using (object_type)
),

contacts as (
    select
        *,
        record -> '$.associations.contacts' as links,
    from objects
    where linked_type = 'contacts'
),

companies as (
    select
        *,
        record -> '$.associations.companies' as links,
    from objects
    where linked_type = 'companies'
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
