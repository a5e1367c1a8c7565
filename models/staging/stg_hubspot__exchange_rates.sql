{%- set names = both_cases(['fromCurrencyCode', 'toCurrencyCode', 'conversionRate', 'effectiveAt']) -%}

with objects as (
    select
        *,
        {{ object_texts(names) }} as texts,
        {{ own_field(names, 'conversionRate') }} as rate_text,
        {{ own_field(names, 'effectiveAt') }} as effective_text,
    from {{ ref('stg_hubspot__objects') }}
    where object_type = 'exchange_rates'
),

typed as (
    select
        *,
        {{ exchange_rate('rate_text') }} as conversion_rate,
        {{ instant('effective_text') }} as effective_at,
    from objects
),

final as (
    select
        portal_id,
        object_id as exchange_rate_id,
        nullif(upper(trim({{ own_field(names, 'fromCurrencyCode') }})), '') as from_currency_code,
        nullif(upper(trim({{ own_field(names, 'toCurrencyCode') }})), '') as to_currency_code,
        conversion_rate,
        effective_at,
        {{ field_issues([
            ['conversionRate', 'unreadable_amount', 'rate_text', 'conversion_rate'],
            ['effectiveAt', 'unreadable_time', 'effective_text', 'effective_at'],
        ]) }} as field_issues,
        source_file,
        is_archived,
        updated_at,
    from typed
)

select * from final
