with seed as (
    select * from {{ ref('accounts') }}
),

landed as (
    select * from {{ ref('stg_hubspot__accounts') }}
),

zones as (
    select name from pg_timezone_names()
),

stated as (
    select
        portal_id,
        seed.account_name,
        -- what HubSpot sends tells neither: an account is never on Starter by it
        seed.plan,
        seed.created_on,
        coalesce(nullif(trim(seed.time_zone), ''), landed.time_zone) as stated_time_zone,
        upper(coalesce(nullif(trim(seed.currency), ''), landed.currency)) as currency,
        case
            when nullif(trim(seed.time_zone), '') is null then landed.source_file
            else 'seeds/accounts.csv'
        end as source_file,
    from seed
    full join landed using (portal_id)
),

final as (
    select
        stated.portal_id,
        stated.account_name,
        coalesce(zones.name, 'UTC') as time_zone,
        stated.plan,
        stated.created_on,
        stated.currency,
        {{ field_issues([['time_zone', 'unknown_time_zone', 'stated.stated_time_zone', 'zones.name']]) }}
            as field_issues,
        stated.source_file,
    from stated
    left join zones on lower(stated.stated_time_zone) = lower(zones.name)
)

select * from final
