{%- set names = [
    'createdate', 'createdAt', 'closedate', 'amount', 'amount_in_home_currency', 'hs_exchange_rate',
    'hs_is_closed_won', 'dealname', 'pipeline', 'dealstage', 'deal_currency_code',
] -%}

with objects as (
    select
        *,
        {{ object_texts(names) }} as texts,
    from {{ ref('stg_hubspot__objects') }}
    where object_type = 'deals'
),

fields as (
    select
        *,
        {{ object_field(names, 'createdate') }} as created_text,
        {{ object_field(names, 'createdAt') }} as object_created_text,
        {{ object_field(names, 'closedate') }} as closed_text,
        {{ object_field(names, 'amount') }} as amount_text,
        {{ object_field(names, 'amount_in_home_currency') }} as home_amount_text,
        {{ object_field(names, 'hs_exchange_rate') }} as exchange_rate_text,
        nullif(trim({{ object_field(names, 'hs_is_closed_won') }}), '') as closed_won_text,
    from objects
),

typed as (
    select
        *,
        {{ instant('created_text') }} as createdate,
        {{ instant('object_created_text') }} as object_created_at,
        {{ instant('closed_text') }} as closed_at,
        {{ money('amount_text') }} as amount,
        {{ money('home_amount_text') }} as stated_home_amount,
        {{ exchange_rate('exchange_rate_text') }} as exchange_rate,
        {{ truth('closed_won_text') }} as is_closed_won,
    from fields
),

final as (
    select
        portal_id,
        object_id as deal_id,
        {{ object_field(names, 'dealname') }} as deal_name,
        {{ id_text(object_field(names, 'pipeline')) }} as pipeline_id,
        {{ id_text(object_field(names, 'dealstage')) }} as stage_id,
        coalesce(createdate, object_created_at) as created_at,
        closed_at,
        amount,
        nullif(upper(trim({{ object_field(names, 'deal_currency_code') }})), '') as currency_code,
        stated_home_amount,
        exchange_rate,
        is_closed_won,
        {{ field_issues([
            ['createdate', 'unreadable_time', 'created_text', 'createdate'],
            ['createdAt', 'unreadable_time', 'object_created_text', 'object_created_at'],
            ['closedate', 'unreadable_time', 'closed_text', 'closed_at'],
            ['amount', 'unreadable_amount', 'amount_text', 'amount'],
            ['amount_in_home_currency', 'unreadable_amount', 'home_amount_text', 'stated_home_amount'],
            ['hs_exchange_rate', 'unreadable_amount', 'exchange_rate_text', 'exchange_rate'],
            ['hs_is_closed_won', 'unreadable_boolean', 'closed_won_text', 'is_closed_won'],
            rounded_id('pipeline', object_field(names, 'pipeline'), 'pipeline_id'),
            rounded_id('dealstage', object_field(names, 'dealstage'), 'stage_id'),
        ]) }} as field_issues,
        source_file,
        is_archived,
        updated_at,
    from typed
)

select * from final
