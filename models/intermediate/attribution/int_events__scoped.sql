with events as (
    select * from {{ ref('int_events__keyed') }}
),

final as (
    select
        row_number() over () as activity_key,
        events.*,
    from events
    {{ only_touched('events') }}
)

select * from final
