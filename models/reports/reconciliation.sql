with compared as (
    select
        *,
        -- six decimals, as amounts have: no rounding of a sum is a difference
        round(our_value - hubspot_value, 6) as difference,
    from {{ ref('int_performance__compared') }}
),

accounts as (
    select * from {{ ref('dim_accounts') }}
),

evidence as (
    select * from {{ ref('int_performance__evidence') }}
),

sequences as (
    select
        portal_id,
        sequence_id,
        sum(later_loaded_events) as later_loaded_events,
        sum(newer_events) as newer_events,
    from evidence
    group by all
),

joined as (
    select
        compared.*,
        accounts.as_of,
        coalesce(evidence.unattributed_events, 0) as unattributed_events,
        coalesce(sequences.later_loaded_events, 0) as later_loaded_events,
        coalesce(sequences.newer_events, 0) as newer_events,
        -- people move between steps and statuses: there both directions have the same reasons
        compared.difference > 0 or compared.level = 'status_by_step' as may_be_newer,
        compared.difference < 0 or compared.level = 'status_by_step' as may_be_older,
    from compared
    inner join accounts using (portal_id)
    left join evidence using (portal_id, sequence_id, event_kind)
    left join sequences using (portal_id, sequence_id)
),

final as (
    select
        portal_id,
        sequence_id,
        level,
        step_order,
        status,
        metric,
        our_metric,
        hubspot_value,
        our_value,
        difference,
        -- what arithmetic shows before what time alone may explain
        case
            when our_metric is null then 'metric not mapped'
            when not is_known_sequence then 'sequence not loaded'
            when hubspot_value is null then 'not answered'
            when difference = 0 then null
            when current_value = hubspot_value then 'rule version'
            when other_value = hubspot_value then 'contacts or enrollments'
            when may_be_newer and newer_events > 0 then 'fetched before our newest event'
            when may_be_newer and later_loaded_events > 0 then 'events loaded after it was fetched'
            when -difference between 0 and unattributed_events then 'unattributed events'
            when
                may_be_older
                and as_of < fetched_at - interval '{{ var("performance_gap_hours") }} hours'
                then 'our newest event is older than the answer'
        end as likely_reason,
        unattributed_events,
        fetched_at,
        as_of,
    from joined
)

select * from final
