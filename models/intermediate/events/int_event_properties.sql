{{ config(
    materialized='incremental', incremental_strategy='delete+insert', unique_key=['portal_id', 'event_type']) }}

with events as not materialized (
    select * from {{ ref('stg_hubspot__events') }}
    where is_sequence_event
),

news as not materialized (
    select * from events
    {% if is_incremental() %}
    where load_id > (select coalesce(max(known.load_id), '') from {{ this }} as known)
    {% endif %}
),

{% if is_incremental() %}
-- an event that changed was counted with its old properties: its type is counted anew
changed as (
    select distinct portal_id, event_type from news
    where conflicts > 0
),
{% endif %}

uncounted as not materialized (
    select * from news
    {% if is_incremental() %}
    anti join changed using (portal_id, event_type)
    union all
    select * from events semi join changed using (portal_id, event_type)
    {% endif %}
),

-- Millions of events have the same few lists of names, the same ones empty: lists are unpacked, not events.
lists as (
    select
        portal_id,
        event_type,
        json_keys(properties) as names,
        list_transform(properties ->> '$.*', lambda text: coalesce(text, '') = '') as are_empty,
        count(*) as events,
        min(occurred_at) as first_occurred_at,
        min(loaded_at) as first_loaded_at,
        min_by(event_id, row(occurred_at, event_id)) as oldest_id,
        min_by(properties ->> '$.*', row(occurred_at, event_id)) as oldest_texts,
        max(load_id) as load_id,
    from uncounted
    group by all
),

-- '' stands for the type itself: a type without a row would never be replaced
named as (
    select
        lists.* exclude (names, are_empty, oldest_id, oldest_texts),
        property.name as property_name,
        {{ property_example('lists', 'property.name') }} as example,
    from lists
    cross join unnest(list_distinct(lists.names) || ['']) as property (name)
    {% if is_incremental() %}
    union all by name
    select * from {{ this }}
    semi join news using (portal_id, event_type)
    anti join changed using (portal_id, event_type)
    {% endif %}
),

final as (
    select
        portal_id,
        event_type,
        property_name,
        cast(sum(events) as bigint) as events,
        min(first_occurred_at) as first_occurred_at,
        min(first_loaded_at) as first_loaded_at,
        min(example) as example,
        max(load_id) as load_id,
    from named
    group by all
)

select * from final
