with answered as (
    select * from {{ ref('int_performance__answered') }}
),

counted as (
    select * from {{ ref('int_performance__counted') }}
),

metrics as (
    select * from {{ ref('performance_metrics') }}
),

known as (
    select * from {{ ref('int_performance__sequences') }}
    where not is_earlier
),

joined as (
    select
        coalesce(answered.portal_id, counted.portal_id) as portal_id,
        coalesce(answered.sequence_id, counted.sequence_id) as sequence_id,
        coalesce(answered.level, counted.level) as level,
        coalesce(answered.step_order, counted.step_order) as step_order,
        coalesce(answered.status, counted.status) as status,
        coalesce(answered.metric, counted.metric) as metric,
        answered.hubspot_value,
        counted.our_value,
        counted.other_value,
        counted.current_value,
        coalesce(counted.earlier_value, 0) as earlier_value,
    from answered
    full outer join counted
        on
            answered.portal_id = counted.portal_id
            and answered.sequence_id is not distinct from counted.sequence_id
            and answered.level = counted.level
            and answered.step_order is not distinct from counted.step_order
            and answered.status is not distinct from counted.status
            and answered.metric = counted.metric
    -- where somebody of ours stood earlier, and nobody of either does now, there is nothing to compare
    where coalesce(answered.hubspot_value, counted.our_value) is not null
),

final as (
    select
        joined.* exclude (hubspot_value, our_value),
        metrics.our_metric,
        metrics.counted_from,
        metrics.event_kind,
        known.portal_id is not null as is_known_sequence,
        -- nobody of HubSpot's in a status at a step, in an answer that lists others: none, too
        case
            when joined.level = 'status_by_step' and count(joined.hubspot_value) over same_numbers > 0
                then coalesce(joined.hubspot_value, 0)
            else joined.hubspot_value
        end as hubspot_value,
        -- nobody of ours at a step or in a status of a sequence that we know: that is none, not unknown
        case
            when known.portal_id is not null and metrics.our_metric is not null
                then coalesce(joined.our_value, 0)
        end as our_value,
    from joined
    left join metrics
        on
            joined.level = metrics.level
            and joined.metric = metrics.metric
    left join known
        on
            joined.portal_id = known.portal_id
            and joined.sequence_id is not distinct from known.sequence_id
    window same_numbers as (partition by joined.portal_id, joined.sequence_id, joined.level, joined.metric)
)

select * from final
