{%- set names = both_cases(['timeZone', 'companyCurrency']) -%}

with objects as (
    select
        *,
        {{ object_texts(names) }} as texts,
    from {{ ref('stg_hubspot__objects') }}
    where object_type = 'accounts' and not is_archived
),

-- the folder says whose it is: an answer is kept under whichever account it was landed for
final as (
    select
        portal_id,
        nullif(trim({{ own_field(names, 'timeZone') }}), '') as time_zone,
        nullif(upper(trim({{ own_field(names, 'companyCurrency') }})), '') as currency,
        source_file,
        updated_at,
    from objects
    qualify row_number() over (
        partition by portal_id
        order by updated_at desc nulls last, load_id desc, object_id desc
    ) = 1
)

select * from final
