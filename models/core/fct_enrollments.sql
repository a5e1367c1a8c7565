-- The contract beside this file gives the columns their order.
with enrollments as (
    select * from {{ ref('int_enrollments') }}
),

accounts as (
    select * from {{ ref('dim_accounts') }}
),

companies as (
    select * from {{ ref('int_enrollments__companies') }}
),

-- who has not started, or has ended, is not paused, whatever an older snapshot says
paused as (
    select
        told.*,
        'paused' as status,
    from {{ ref('int_enrollments__paused') }} as told
    inner join enrollments using (portal_id, enrollment_id)
    where enrollments.status = 'in_progress'
),

deals as (
    select * from {{ ref('int_enrollments__deals') }}
),

final as (
    select
        enrollments.* exclude (
            entity_key,
            first_meeting_while_enrolled_or_after_at,
            first_meeting_while_enrolled_at,
            first_meeting_through_sequence_at
        ) replace (
            companies.company_id as company_id,
            coalesce(paused.status, enrollments.status) as status
        ),
        companies.company_source,
        paused.status_detail,
        cast((enrollments.enrolled_at at time zone accounts.time_zone) as date) as enrolled_on,
        cast((enrollments.ended_at at time zone accounts.time_zone) as date) as ended_on,
        coalesce(deals.deals, 0) as deals,
        coalesce(deals.revenue, 0) as revenue,
        case
            when accounts.metric_rules = 'before_2022'
                then enrollments.is_replied_to_sequence_email
            else enrollments.is_replied_while_enrolled
        end as is_replied,
        case accounts.metric_rules
            when 'before_2022' then enrollments.is_meeting_booked_through_sequence
            when '2022' then enrollments.is_meeting_booked_while_enrolled
            when 'current' then enrollments.is_meeting_booked_while_enrolled_or_after
            else error('The var metric_rules must be current, 2022 or before_2022.')
        end as is_meeting_booked,
        case accounts.metric_rules
            when 'before_2022' then enrollments.first_meeting_through_sequence_at
            when '2022' then enrollments.first_meeting_while_enrolled_at
            else enrollments.first_meeting_while_enrolled_or_after_at
        end as first_counted_meeting_booked_at,
    from enrollments
    inner join accounts on enrollments.portal_id = accounts.portal_id
    inner join companies
        on
            enrollments.portal_id = companies.portal_id
            and enrollments.enrollment_id = companies.enrollment_id
    left join paused
        on
            enrollments.portal_id = paused.portal_id
            and enrollments.enrollment_id = paused.enrollment_id
    left join deals
        on
            enrollments.portal_id = deals.portal_id
            and enrollments.enrollment_id = deals.enrollment_id
)

select * from final
