"""HubSpot's own answer for the performance of each sequence, from what truly happened.

By its current rules, out of the simulator's tables and not of the files: what quirks take away is a
difference to a count over the events. Deals, tasks, calls and the meetings of steps are left out, as
where the plan of an account does not show them.
"""

from hubspot_simulator.landing.activities import BOOKED_MEETINGS

_STARTED = """
    started as (
        select
            *,
            -- where unenrolling on a reply or a meeting is switched off, it ends nothing
            coalesce(end_ms <= window_end(), false)
            and not (outcome = 'replied' and draw(h, 'variant') >= 0.93 and draw(h, 'variant') < 0.95)
            and not (outcome = 'meeting' and draw(h, 'variant') >= 0.97) as is_ended,
            if(is_ended, end_ms, window_end()) + 60000 as enrolled_until,
            -- who finished may still meet for some days, but not in old Starter accounts
            if(is_ended and outcome = 'finished', end_ms + meeting_days() * 86400000, 0) as met_until,
        from sim_enrollments
        where outcome not in ('before_start', 'error') and start_ms <= window_end()
    )
"""

_REPLIES = """
    replies as (
        select
            events.enrollment_no,
            events.slot,
            any_value(events.ms) as ms,
            coalesce(
                any_value(try_cast(events.step_order as integer)),
                any_value(if(events.template_id <> '', started.outcome_step, null)),
                max(touches.step_order)
            ) as step_order,
        from sim_events as events
        inner join started using (enrollment_no)
        left join sim_touches as touches
            on
                events.enrollment_no = touches.enrollment_no
                and touches.is_email
                and touches.executed_ms <= events.ms
        where events.kind = 'v2_contact_replied_sequence_email' and events.ms <= window_end()
        group by events.enrollment_no, events.slot
    )
"""

# A meeting is of the contact's latest enrollment that it can be of, if it names none.
_MEETINGS = f"""
    booked as ({BOOKED_MEETINGS}),

    meetings as (
        select enrollment_no, ms as booked_ms
        from sim_events
        where kind = 'v2_contact_booked_meeting_through_sequence' and ms <= window_end()
        union all
        select max_by(held.enrollment_no, held.enrolled_ms), booked.booked_ms
        from booked
        inner join sim_enrollments as held
            on
                booked.contact_id = held.contact_id
                and held.enrolled_ms <= booked.booked_ms
                and booked.booked_ms <= case
                    when held.end_ms is null or held.end_ms > window_end() then window_end()
                    when held.outcome = 'finished' then held.end_ms + 7 * 86400000
                    else held.end_ms + 60000
                end
        where draw(booked.h, 'meeting archived') >= 0.02
        group by booked.enrollment_no, booked.booked_ms
    )
"""

_ENGAGEMENTS = """
    engagements as (
        select enrollment_no, 'opened' as what, (slot - 8) // 4 as step_order
        from sim_events
        where kind = 'opened_tracked_inbox_email_v8' and shape <> 'other' and ms <= window_end()
        union all
        select enrollment_no, 'clicked', slot - 36
        from sim_events
        where
            kind = 'clicked_link_in_tracked_inbox_email_v8' and shape <> 'other' and ms <= window_end()
        union all
        select enrollment_no, 'replied', step_order from replies
        union all
        select enrollment_no, 'executed', step_order from sim_touches
    )
"""

_RESULTS = """
    done as (
        select
            started.enrollment_no,
            bool_or(engagements.what = 'opened') as opened,
            bool_or(engagements.what = 'clicked') as clicked,
            max(engagements.step_order) filter (where engagements.what = 'executed') as last_step,
        from started
        left join engagements using (enrollment_no)
        group by all
    ),

    answered as (
        select started.enrollment_no
        from started inner join replies using (enrollment_no)
        where replies.ms <= started.enrolled_until
        union
        select enrollment_no from started where outcome = 'replied' and is_ended
    ),

    held as (
        select started.enrollment_no
        from started inner join meetings using (enrollment_no)
        where meetings.booked_ms <= greatest(started.enrolled_until, started.met_until)
        union
        select enrollment_no from started where outcome = 'meeting' and is_ended
    ),

    results as (
        select
            started.*,
            coalesce(done.opened, false) as opened,
            coalesce(done.clicked, false) as clicked,
            answered.enrollment_no is not null as replied,
            held.enrollment_no is not null as met,
            done.opened or done.clicked or replied or met as engaged,
            done.last_step,
            case
                when is_ended then if(outcome = 'finished', 'FINISHED', 'UNENROLLED')
                when outcome = 'stuck' and stop_ms <= window_end() then 'PAUSED'
                else 'EXECUTING'
            end as status,
        from started
        inner join done using (enrollment_no)
        left join answered using (enrollment_no)
        left join held using (enrollment_no)
    )
"""

_PARTS = """
    summaries as (
        select
            sequence_id,
            {
                'contacts': count(distinct contact_no),
                'enrolled': count(*),
                'engaged': count(*) filter (where engaged),
                'noResponse': count(*) filter (where is_ended and not replied),
                'opened': count(*) filter (where opened),
                'clicked': count(*) filter (where clicked),
                'replied': count(*) filter (where replied),
                'bounced': count(*) filter (where outcome = 'bounced' and is_ended),
                'unsubscribed': count(*) filter (where outcome = 'unsubscribed' and is_ended),
                'meetingsBooked': count(*) filter (where met),
            } as summary,
            {
                'companiesEnrolled': count(distinct nullif(company_id, '')),
                'companiesEngaged': count(distinct nullif(company_id, '')) filter (where engaged),
                'companiesScheduledMeeting': count(distinct nullif(company_id, '')) filter (where met),
                'contactsEnrolledWithCompanyId': count(distinct contact_no) filter (where company_id <> ''),
            } as company_metrics,
        from results
        group by sequence_id
    ),

    step_counts as (
        select
            sequence_id,
            step_order,
            count(distinct enrollment_no) as executed,
            count(distinct enrollment_no) filter (where what = 'opened') as opened,
            count(distinct enrollment_no) filter (where what = 'clicked') as clicked,
            count(distinct enrollment_no) filter (where what = 'replied') as replied,
        from engagements
        inner join started using (enrollment_no)
        group by all
    ),

    step_lists as (
        select
            sequence_id,
            list({
                'stepKey': sequence_id || '0' || step_order,
                'stepOrder': step_order,
                'executionCount': executed,
                'opened': opened,
                'clicked': clicked,
                'replied': replied,
            } order by step_order) as steps,
        from step_counts
        group by sequence_id
    ),

    status_lists as (
        select
            sequence_id,
            list({
                'currentStepOrder': last_step,
                'enrollmentStatus': status,
                'count': enrollments,
            } order by last_step, status) as status_by_step,
        from (
            select sequence_id, last_step, status, count(*) as enrollments from results group by all
        )
        group by sequence_id
    )
"""

PERFORMANCE = f"""
    with {_STARTED}, {_REPLIES}, {_MEETINGS}, {_ENGAGEMENTS}, {_RESULTS}, {_PARTS}
    select
        sequence_id as id,
        sequence_id as "sequenceId",
        summaries.summary,
        step_lists.steps,
        status_lists.status_by_step as "statusByStep",
        summaries.company_metrics as "companyMetrics",
        iso(window_end()) as "fetchedAt",
        iso(window_end()) as "updatedAt",
    from summaries
    left join step_lists using (sequence_id)
    left join status_lists using (sequence_id)
    order by sequence_id
"""
