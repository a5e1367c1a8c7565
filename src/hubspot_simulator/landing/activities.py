"""Tasks, meetings, e-mails and snapshots of enrollments, as queries like those of ``objects``."""

TASKS = """
    with tasks as (
        select
            *,
            executed_ms + 1800000 + draw_int(th, 'done after', 345600000) as done_ms,
            draw(th, 'done') < 0.85 and done_ms <= window_end()
            and not (outcome = 'stuck' and step_order = outcome_step) as is_done,
            draw(th, 'by hand') < 0.02 as is_by_hand,
        from sim_touches
        inner join sim_users using (user_no)
        where action = 'TASK'
    )

    select
        (31000000000 + enrollment_no * 8 + step_order)::varchar as id,
        {
            'hs_task_subject': 'Step ' || (step_order + 1),
            'hs_task_type': task_type,
            'hs_task_status': if(is_done, 'COMPLETED', 'NOT_STARTED'),
            -- A number, where other booleans are words.
            'hs_task_is_completed': if(is_done, '1', '0'),
            'hs_task_is_all_day': 'false',
            'hs_task_completion_date': case
                when not is_done then '' when draw(th, 'epoch') < 0.1 then done_ms::varchar
                else iso(done_ms)
            end,
            -- A few were written by hand and belong to no sequence.
            'hs_task_sequence_step_enrollment_id': if(is_by_hand, '', enrollment_id),
            'hs_task_sequence_step_order': if(is_by_hand, '', step_order::varchar),
            'hs_timestamp': iso(executed_ms + 86400000),
            'hubspot_owner_id': owner_id,
        } as properties,
        iso(executed_ms) as "createdAt",
        iso(if(is_done, done_ms, executed_ms)) as "updatedAt",
        draw(th, 'task archived') < 0.01 as archived,
        contact_link(contact_id, 'task_to_contact') as associations,
    from tasks
    order by enrollment_no, step_order
"""

# Meetings of answered enrollments, and one-off meetings of anybody.
BOOKED_MEETINGS = """
        select
            *,
            if(
                outcome = 'meeting', end_ms - 3000, enrolled_ms + draw_int(h, 'one-off', 4000000000)
            ) as booked_ms,
            booked_ms + 86400000 * (1 + draw_int(h, 'ahead', 12)) as start_ms_of_meeting,
        from sim_enrollments
        where
            booked_ms <= window_end()
            and draw(h, 'meeting object') < if(outcome = 'meeting', 0.7, 0.01)
"""

MEETINGS = f"""
    with meetings as ({BOOKED_MEETINGS})

    select
        (35000000000 + enrollment_no * 3)::varchar as id,
        {{
            'hs_meeting_title': 'Demo',
            'hs_createdate': if(draw(h, 'undated meeting') < 0.02, '', iso(booked_ms)),
            'hs_timestamp': iso(start_ms_of_meeting),
            'hs_meeting_start_time': iso(start_ms_of_meeting),
            'hs_meeting_outcome': case
                when start_ms_of_meeting > window_end() then 'SCHEDULED'
                when draw(h, 'show') < 0.7 then 'COMPLETED'
                when draw(h, 'show') < 0.85 then 'NO_SHOW'
                else ''
            end,
            'hubspot_owner_id': '',
        }} as properties,
        iso(booked_ms) as "createdAt",
        iso(booked_ms) as "updatedAt",
        draw(h, 'meeting archived') < 0.02 as archived,
        contact_link(contact_id, 'meeting_event_to_contact') as associations,
    from meetings
    order by enrollment_no
"""

EMAILS = """
    select
        (41000000000 + enrollment_no * 8 + step_order)::varchar as id,
        {
            'hs_timestamp': iso(executed_ms),
            'hs_sequence_id': sequence_id,
            'hs_template_id': template_id,
            'hs_email_direction': 'EMAIL',
            'hs_email_subject': [
                'A question about', 'Following up on', 'An idea for',
                'One more word on', 'Shall we talk about', 'Goodbye to',
            ][1 + step_order % 6] || if(draw(th, 'emoji') < 0.2, ' 🚀', ' your plans'),
            'hs_email_open_count': if(draw(th, 'open') < 0.3, '1', '0'),
            'hs_email_click_count': if(draw(th, 'click') < 0.05, '1', '0'),
            'hs_email_reply_count': '0',
            'hs_incoming_email_is_out_of_office': '',
        } as properties,
        iso(executed_ms) as "createdAt",
        iso(executed_ms) as "updatedAt",
        false as archived,
        contact_link(contact_id, 'email_to_contact') as associations,
    from sim_touches
    where is_email and draw(th, 'email object') < 0.1
    order by enrollment_no, step_order
"""

# Snapshots of some enrollments that are still going on: the only source of "paused".
SNAPSHOTS = """
    select
        enrollment_id as id,
        {
            'hs_enrollment_id': enrollment_id,
            'hs_sequence_id': sequence_id,
            'hs_contact_id': contact_id,
            'hs_enrolled_by': user_id,
            'hs_enrollment_state': if(outcome = 'stuck', 'PAUSED', 'EXECUTING'),
            'hs_dependency_type': case
                when outcome <> 'stuck' then '' when draw(h, 'paused') < 0.8 then 'TASK_COMPLETION'
                else 'MANUAL_PAUSE'
            end,
        } as properties,
        iso(enrolled_ms) as "createdAt",
        iso(window_end()) as "updatedAt",
        false as archived,
    from sim_enrollments
    where stop_ms <= window_end() and end_ms is null or end_ms > window_end()
    order by enrollment_no
"""
