with compared as (
    select
        *,
        -- six decimals, as amounts have: no rounding of a sum is a difference
        round(our_value - hubspot_value, 6) as difference,
        round(our_value - earlier_value, 6) as gained,
    from {{ ref('int_performance__evidence') }}
),

accounts as (
    select * from {{ ref('dim_accounts') }}
),

sequences as (
    select * from {{ ref('dim_sequences') }}
),

joined as (
    select
        compared.*,
        sequences.sequence_name,
        accounts.as_of,
        -- where the two ways to count differ and HubSpot's number is ours, it counts as we do
        bool_or(difference = 0 and other_value <> our_value) over same_metric as is_counted_alike,
        bool_or(difference = 0 and current_value <> our_value) over same_metric as is_our_rule,
    from compared
    inner join accounts using (portal_id)
    left join sequences using (portal_id, sequence_id)
    window same_metric as (partition by portal_id, level, metric)
),

final as (
    select
        portal_id,
        sequence_id,
        sequence_name,
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
            when current_value = hubspot_value and is_our_rule is not true then 'rule version'
            when other_value = hubspot_value and is_counted_alike is not true then 'contacts or enrollments'
            when fetched_at < as_of and difference between least(0, gained) and greatest(0, gained)
                then 'fetched before our newest event'
            when difference between 0 and later_loaded_enrollments then 'events loaded after it was fetched'
            when -difference between 0 and unattributed_events then 'unattributed events'
            when
                counted_from = 'events'
                and as_of < fetched_at - interval '{{ var("performance_gap_hours") }} hours'
                and -difference between least(0, gained) and greatest(0, gained)
                then 'our newest event is older than the answer'
        end as likely_reason,
        unattributed_events,
        fetched_at,
        as_of,
    from joined
)

select * from final
