with compared as (
    select * from {{ ref('int_performance__compared') }}
),

periods as (
    select * from {{ ref('int_performance__periods') }}
),

lost as (
    select * from {{ ref('int_performance__lost') }}
),

later_loaded as (
    select * from {{ ref('int_performance__later_loaded') }}
),

final as (
    select
        compared.*,
        periods.fetched_at,
        -- of a step are those that name it or none
        cast(coalesce(sum(lost.unattributed_events) filter (
            where
            compared.level <> 'step'
            or lost.step_order is null
            or lost.step_order = compared.step_order
        ), 0) as bigint) as unattributed_events,
        coalesce(any_value(later_loaded.later_loaded_enrollments), 0) as later_loaded_enrollments,
    from compared
    left join periods
        on
            compared.portal_id = periods.portal_id
            and compared.sequence_id = periods.sequence_id
    left join lost
        on
            compared.portal_id = lost.portal_id
            and compared.sequence_id = lost.sequence_id
            and compared.event_kind = lost.event_kind
    left join later_loaded
        on
            compared.portal_id = later_loaded.portal_id
            and compared.sequence_id = later_loaded.sequence_id
            and compared.event_kind = later_loaded.event_kind
            and compared.step_order is not distinct from later_loaded.step_order
    group by all
)

select * from final
