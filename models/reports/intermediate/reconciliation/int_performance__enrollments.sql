-- accounts that never asked HubSpot have nothing to compare
with accounts as (
    select * from {{ ref('dim_accounts') }}
    semi join {{ ref('stg_hubspot__sequence_performance') }} using (portal_id)
),

deals as (
    select
        portal_id,
        credited_enrollment_id as enrollment_id,
        count(*) as deals_closed_won,
    from {{ ref('fct_deals') }}
    where is_closed_won
    group by all
),

enrollments as (
    select
        enrollments.*,
        coalesce(deals.deals_closed_won, 0) as deals_closed_won,
        false as is_earlier,
        {{ is_meeting_booked_by(rules_in_force("'current'")) }} as is_met_by_current_rule,
    from {{ ref('fct_enrollments') }} as enrollments
    inner join accounts using (portal_id)
    left join deals using (portal_id, enrollment_id)
    where enrollments.is_started
),

earlier as (
    select
        enrollments.* replace (
            earlier.status as status,
            earlier.last_step_order as last_step_order,
            earlier.ended_at as ended_at,
            earlier.is_opened as is_opened,
            earlier.is_clicked as is_clicked,
            earlier.is_replied as is_replied,
            earlier.is_meeting_booked as is_meeting_booked,
            earlier.is_no_response as is_no_response,
            earlier.is_bounced as is_bounced,
            earlier.is_unsubscribed as is_unsubscribed,
            earlier.deals as deals,
            -- of won deals it is known when, not which of them brought what
            if(earlier.deals_closed_won = enrollments.deals_closed_won, enrollments.revenue, 0) as revenue,
            earlier.deals_closed_won as deals_closed_won,
            true as is_earlier
        ),
    from enrollments
    inner join {{ ref('int_performance__earlier') }} as earlier using (portal_id, enrollment_id)
),

moments as (
    select * from enrollments
    union all
    select * from earlier
),

final as (
    select
        *,
        is_opened or is_clicked or is_replied or is_meeting_booked as is_engaged,
        is_opened or is_clicked or is_replied_while_enrolled or is_met_by_current_rule
            as is_engaged_by_current_rule,
    from moments
)

select * from final
