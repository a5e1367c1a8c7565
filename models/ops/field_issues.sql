-- What could not be read of good records, so that a null has a reason. Staging says it of each record.
with records as (
    {%- for model in [
        'int_accounts', 'stg_hubspot__contacts', 'stg_hubspot__deals', 'stg_hubspot__deal_stages',
        'stg_hubspot__exchange_rates', 'stg_hubspot__meetings', 'stg_hubspot__sequence_enrollments',
        'stg_hubspot__sequences', 'stg_hubspot__tasks', 'stg_hubspot__emails',
    ] %}
    select
        portal_id,
        {%- set source = model.replace("stg_hubspot__", "").replace("int_", "") %}
        {{ 'told_by' if source == 'deal_stages' else "'" ~ source ~ "'" }} as source,
        unnest(field_issues) as issue,
        source_file,
    from {{ ref(model) }}
    union all
    {%- endfor %}
    select
        portal_id,
        event_type as source,
        unnest(list_append(field_issues, {{ implausible_time() }})) as issue,
        source_file,
    from {{ ref('stg_hubspot__events') }}
    where len(field_issues) > 0 or not ({{ is_plausible() }})
),

-- an amount that nobody can turn into the account's currency, or that is not there, is 0 in revenue
unknown_amounts as (
    select
        portal_id,
        'deals' as source,
        'amount_in_home_currency' as field,
        if(amount is null, 'missing_amount', 'unknown_exchange_rate') as reason,
        coalesce(amount || ' ' || currency_code, deal_id) as example,
        source_file,
    from {{ ref('int_deals') }}
    where is_closed_won and amount_in_home_currency is null
),

deleted_flags as (
    select
        portal_id,
        object_type as source,
        'archived' as field,
        'unreadable_boolean' as reason,
        nullif(record ->> '$.archived', '') as example,
        source_file,
    from {{ ref('stg_hubspot__objects') }}
    where example is not null and {{ truth('example') }} is null
),

issues as (
    select
        portal_id,
        source,
        issue.field,
        issue.reason,
        issue.example,
        source_file,
    from records
    where issue is not null
    union all
    select * from unknown_amounts
    union all
    select * from deleted_flags
),

final as (
    select
        portal_id,
        source,
        field,
        reason,
        count(*) as records,
        min(example) as example,
        min_by(source_file, row(example, source_file)) as example_file,
    from issues
    group by all
)

select * from final
