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

-- every credited deal counts, only those that are won now bring revenue
deals as (
    select
        portal_id,
        credited_enrollment_id as enrollment_id,
        count(*) as deals,
        sum(amount_in_home_currency) filter (where is_closed_won) as revenue,
    from {{ ref('fct_deals') }}
    where credited_enrollment_id is not null
    group by all
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
        {{ by_rules(
            'accounts.metric_rules',
            before_2022='enrollments.is_replied_to_sequence_email',
            of_2022='enrollments.is_replied_while_enrolled',
            current='enrollments.is_replied_while_enrolled',
        ) }} as is_replied,
        {{ is_meeting_booked_by('accounts.metric_rules') }} as is_meeting_booked,
        {{ by_rules(
            'accounts.metric_rules',
            before_2022='enrollments.first_meeting_through_sequence_at',
            of_2022='enrollments.first_meeting_while_enrolled_at',
            current='enrollments.first_meeting_while_enrolled_or_after_at',
        ) }} as first_counted_meeting_booked_at,
    from enrollments
    inner join accounts using (portal_id)
    inner join companies using (portal_id, enrollment_id)
    left join paused using (portal_id, enrollment_id)
    left join deals using (portal_id, enrollment_id)
)

select * from final
