with accounts as (
    select * from {{ ref('int_accounts') }}
),

events as (
    select
        portal_id,
        max(occurred_at) filter (where kind is not null) as newest_at,
        max(occurred_at) filter (where kind is not null and {{ is_plausible() }}) as newest_plausible_at,
    from {{ ref('stg_hubspot__events') }}
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
        coalesce(events.newest_plausible_at, events.newest_at) as as_of,
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
        {{ rules_in_force("'" ~ var("metric_rules") ~ "'") }} as metric_rules,
    from described
)

select * from final
