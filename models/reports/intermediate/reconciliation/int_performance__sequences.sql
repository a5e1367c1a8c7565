with enrollments as (
    select * from {{ ref('int_performance__enrollments') }}
),

known as (
    select portal_id, sequence_id from {{ ref('dim_sequences') }}
    semi join {{ ref('stg_hubspot__sequence_performance') }} using (portal_id)
    union
    select portal_id, sequence_id from enrollments
),

keys as (
    select
        portal_id,
        sequence_id,
        unnest([false, true]) as is_earlier,
    from known
),

final as (
    select
        keys.portal_id,
        keys.sequence_id,
        keys.is_earlier,
        {{ additive_measures() }}
        {{ distinct_measures() }}
        count(enrollments.enrollment_id) filter (where enrollments.is_engaged) as engaged,
        count(distinct enrollments.contact_id) filter (where enrollments.is_engaged) as contact_engaged,
        count(distinct enrollments.contact_id) filter (where enrollments.company_id is not null)
            as contacts_with_company,
        cast(coalesce(sum(enrollments.deals_closed_won), 0) as bigint) as deals_closed_won,
        count(enrollments.enrollment_id) filter (where enrollments.is_replied_while_enrolled)
            as replied_by_current_rule,
        count(enrollments.enrollment_id) filter (where enrollments.is_met_by_current_rule)
            as meeting_booked_by_current_rule,
        count(enrollments.enrollment_id) filter (where enrollments.is_engaged_by_current_rule)
            as engaged_by_current_rule,
        count(distinct enrollments.company_id) filter (where enrollments.is_engaged_by_current_rule)
            as companies_engaged_by_current_rule,
        count(distinct enrollments.company_id) filter (where enrollments.is_met_by_current_rule)
            as companies_with_meeting_by_current_rule,
    from keys
    left join enrollments
        on
            keys.portal_id = enrollments.portal_id
            and keys.sequence_id is not distinct from enrollments.sequence_id
            and keys.is_earlier = enrollments.is_earlier
    group by all
)

select * from final
