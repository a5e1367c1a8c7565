with answers as (
    select * from {{ ref('stg_hubspot__sequence_performance') }}
),

-- accounts that never asked HubSpot have nothing to compare
accounts as (
    select * from {{ ref('dim_accounts') }}
    semi join answers using (portal_id)
),

enrollments as (
    select
        enrollments.*,
        enrollments.is_opened
        or enrollments.is_clicked
        or enrollments.is_replied
        or enrollments.is_meeting_booked as is_engaged,
        case
            when accounts.is_legacy_starter then enrollments.is_meeting_booked_while_enrolled
            else enrollments.is_meeting_booked_within_7_days
        end as is_met_by_current_rule,
        enrollments.is_opened
        or enrollments.is_clicked
        or enrollments.is_replied_while_enrolled
        or is_met_by_current_rule as is_engaged_by_current_rule,
    from {{ ref('fct_enrollments') }} as enrollments
    inner join accounts on enrollments.portal_id = accounts.portal_id
    where enrollments.is_started
),

keys as (
    select portal_id, sequence_id from {{ ref('dim_sequences') }} semi join accounts using (portal_id)
    union
    select portal_id, sequence_id from enrollments
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

final as (
    select
        keys.portal_id,
        keys.sequence_id,
        {{ additive_measures() }}
        {{ distinct_measures() }}
        count(enrollments.enrollment_id) filter (where enrollments.is_engaged) as engaged,
        count(distinct enrollments.contact_id) filter (where enrollments.is_engaged) as contact_engaged,
        count(distinct enrollments.contact_id) filter (where enrollments.company_id is not null)
            as contacts_with_company,
        cast(coalesce(sum(deals.deals_closed_won), 0) as bigint) as deals_closed_won,
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
    left join deals
        on
            enrollments.portal_id = deals.portal_id
            and enrollments.enrollment_id = deals.enrollment_id
    group by all
)

select * from final
