with enrollments as (
    select
        enrollments.*,
        periods.earlier_at,
        coalesce(enrollments.ended_at <= periods.earlier_at, false) as had_ended,
    from {{ ref('fct_enrollments') }} as enrollments
    inner join {{ ref('int_performance__periods') }} as periods using (portal_id, sequence_id)
    where enrollments.started_at <= periods.earlier_at
),

steps as (
    select
        portal_id,
        enrollment_id,
        max(steps.step_order) as last_step_order,
    from {{ ref('fct_enrollment_steps') }} as steps
    inner join enrollments using (portal_id, enrollment_id)
    where steps.executed_at <= enrollments.earlier_at
    group by all
),

deals as (
    select
        deals.portal_id,
        deals.credited_enrollment_id as enrollment_id,
        count(*) as deals,
        count(*) filter (
            where deals.is_closed_won and coalesce(deals.closed_at <= enrollments.earlier_at, true)
        ) as deals_closed_won,
    from {{ ref('fct_deals') }} as deals
    inner join enrollments
        on
            deals.portal_id = enrollments.portal_id
            and deals.credited_enrollment_id = enrollments.enrollment_id
    where deals.created_at <= enrollments.earlier_at
    group by all
),

-- what is known without its time was so then, which explains nothing
final as (
    select
        portal_id,
        enrollment_id,
        case
            when enrollments.had_ended or enrollments.status = 'paused' then enrollments.status
            else 'in_progress'
        end as status,
        steps.last_step_order,
        if(enrollments.had_ended, enrollments.ended_at, null) as ended_at,
        coalesce(enrollments.first_opened_at <= enrollments.earlier_at, false) as is_opened,
        coalesce(enrollments.first_clicked_at <= enrollments.earlier_at, false) as is_clicked,
        enrollments.is_replied
        and coalesce(
            least(enrollments.first_replied_at, enrollments.ended_at) <= enrollments.earlier_at, true
        ) as is_replied,
        enrollments.is_meeting_booked
        and coalesce(
            coalesce(enrollments.first_counted_meeting_booked_at, enrollments.ended_at)
            <= enrollments.earlier_at,
            true
        ) as is_meeting_booked,
        enrollments.is_no_response and enrollments.had_ended as is_no_response,
        enrollments.is_bounced and enrollments.had_ended as is_bounced,
        enrollments.is_unsubscribed and enrollments.had_ended as is_unsubscribed,
        coalesce(deals.deals, 0) as deals,
        coalesce(deals.deals_closed_won, 0) as deals_closed_won,
    from enrollments
    left join steps using (portal_id, enrollment_id)
    left join deals using (portal_id, enrollment_id)
)

select * from final
