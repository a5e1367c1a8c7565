with accounts as (
    select * from {{ ref('accounts') }}
),

events as (
    select
        portal_id,
        {{ newest_plausible('occurred_at') }} as as_of,
    from {{ ref('stg_hubspot__events') }}
    where kind is not null
    group by all
),

portals as (
    select portal_id from events
    union
    select portal_id from {{ ref('stg_hubspot__objects') }}
),

described as (
    select
        portals.portal_id,
        accounts.account_name,
        coalesce(accounts.time_zone, 'UTC') as time_zone,
        accounts.plan,
        accounts.created_on,
        accounts.currency,
        events.as_of,
        coalesce(
            accounts.plan ilike '%starter%'
            and accounts.created_on < date '{{ var("starter_rule_before") }}',
            false
        ) as is_legacy_starter,
    from portals
    left join accounts on portals.portal_id = accounts.portal_id
    left join events on portals.portal_id = events.portal_id
),

final as (
    select
        *,
        case
            when '{{ var("metric_rules") }}' = 'current' and is_legacy_starter then '2022'
            else '{{ var("metric_rules") }}'
        end as metric_rules,
    from described
)

select * from final
