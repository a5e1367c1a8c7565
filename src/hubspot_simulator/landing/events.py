"""The events of a slice: what the account's history of each enrollment looks like, in full.

``sim_events``, one row an event, nothing missing yet (``quirks`` takes ids away):
enrollment_no, slot (0..63, unique within the enrollment), id_slot (equal for two events that share
an id under different types), kind (event type without ``e_``), shape, object_type, object_id, ms,
sequence_id, enrollment_id, user_id, company_id, step_order (text), template_id, extra.

``shape`` says which properties are written: ``sequence`` (all the common ones), ``tracked`` (a
one-to-one e-mail: enrollment, sequence, template) or ``other`` (``extra`` alone). ``extra`` is JSON
text of further members, each followed by a comma.
"""

# Every branch selects the same columns; those that an event lacks are ''.
_STEP_EVENTS = """
    create or replace temp table sim_events as
    select
        enrollment_no, h, 0 as slot, 0 as id_slot,
        'v2_contact_enrolled_in_sequence' as kind, 'sequence' as shape,
        'CONTACT' as object_type, contact_id as object_id, enrolled_ms as ms,
        sequence_id, enrollment_id, user_id, company_id,
        '' as step_order, '' as template_id, '' as extra,
    from sim_enrollments

    union all by name
    select
        enrollment_no, h, 1 + step_order as slot, slot as id_slot,
        'v2_sequence_step_executed' as kind, 'sequence' as shape,
        'CONTACT' as object_type, contact_id as object_id, executed_ms as ms,
        sequence_id, enrollment_id, user_id, company_id,
        step_order::varchar as step_order, template_id, '' as extra,
    from sim_touches

    union all by name
    select
        enrollment_no, h, 43 as slot, slot as id_slot,
        'v2_contact_replied_sequence_email' as kind, 'sequence' as shape,
        'CONTACT' as object_type, contact_id as object_id,
        -- HubSpot writes the events of one act in no fixed order: some replies come just after.
        end_ms + case when draw(h, 'order') < 0.1 then 20000 else -2000 end as ms,
        sequence_id, enrollment_id, user_id, company_id,
        case when draw(h, 'reply step') < 0.3 then outcome_step::varchar else '' end as step_order,
        case when draw(h, 'reply step') < 0.7 then template_id else '' end as template_id,
        '' as extra,
    from sim_touches
    where outcome = 'replied' and step_order = outcome_step and draw(h, 'variant') < 0.95

    union all by name
    -- Replies that end nothing: unenroll-on-reply switched off, or long after the finish.
    select
        enrollment_no, h, 44 as slot, slot as id_slot,
        'v2_contact_replied_sequence_email' as kind, 'sequence' as shape,
        'CONTACT' as object_type, contact_id as object_id,
        case
            when draw(h, 'extra reply') < 0.006
                then end_ms + 86400000 + draw_int(h, 'after', 864000000)
            else outcome_step_ms + 3600000 + draw_int(h, 'after', 86400000)
        end as ms,
        sequence_id, enrollment_id, user_id, company_id,
        '' as step_order, '' as template_id, '' as extra,
    from sim_enrollments
    where outcome = 'finished' and draw(h, 'extra reply') < 0.014;
"""

# variant: one draw an enrollment that decides which of the events of one act were written.
_ENDING_EVENTS = """
    insert into sim_events by name
    with ending as (
        select *, draw(h, 'variant') as variant, draw(h, 'second') as second
        from sim_enrollments
        where end_ms is not null
    ),

    kinds as (
        select
            *,
            45 as slot,
            'v2_sequence_email_bounced' as kind,
            0 as lag_ms,
            '' as source,
            '' as error_type,
        from ending
        where outcome = 'bounced' and variant < 0.9
        union all
        select *, 46, 'v2_contact_unsubscribed_sequence_email', 0, '', ''
        from ending
        where outcome = 'unsubscribed' and variant < 0.9
        union all
        select *, 49, 'v2_contact_booked_meeting_through_sequence', -1500, '', ''
        from ending
        where outcome = 'meeting' and (variant < 0.75 or variant >= 0.97)
        union all
        select
            *, 50, 'v2_contact_booked_meeting_through_sequence',
            draw_int(h, 'later', 20 * 86400000), '', '',
        from ending
        where outcome = 'finished' and variant < 0.02
        union all
        select *, 51, 'v2_contact_finished_sequence', 0, '', ''
        from ending
        where outcome = 'finished'
        union all
        select
            *, 52, 'v2_sequence_errored', 300, '',
            if(outcome = 'bounced', 'BOUNCED', 'SENDER_NOT_CONNECTED'),
        from ending
        where outcome = 'error' or (outcome = 'bounced' and variant between 0.7 and 0.9)
        union all
        -- An error on the way that ends nothing: the step is tried again, the sequence goes on.
        select
            *, 52, 'v2_sequence_errored', outcome_step_ms + 5000 - end_ms, '',
            'TEMPORARY_SEND_FAILURE',
        from ending
        where outcome = 'finished' and variant between 0.1 and 0.11
        union all
        select
            *, 47, 'v2_contact_unenrolled_from_sequence', 900,
            case outcome
                when 'bounced' then 'ERROR' when 'unsubscribed' then 'ERROR'
                when 'error' then 'ERROR'
                when 'replied' then if(second < 0.85, 'REPLY', 'THREAD_REPLY')
                when 'meeting' then 'MEETING' when 'account_reply' then 'ACCOUNT_REPLY'
                when 'account_meeting' then 'ACCOUNT_MEETING' when 'manual' then 'MANUAL'
                when 'workflow' then 'WORKFLOW' when 'deleted' then 'SEQUENCE_DELETED'
                when 'before_start' then if(second < 0.8, 'MANUAL', 'WORKFLOW')
                else ''
            end,
            case outcome
                when 'bounced' then 'BOUNCED' when 'unsubscribed' then 'UNSUBSCRIBED'
                when 'error' then 'SENDER_NOT_CONNECTED' else ''
            end,
        from ending
        where case outcome
            when 'bounced' then variant < 0.4 or variant >= 0.9
            when 'unsubscribed' then variant < 0.7 or variant >= 0.9
            when 'replied' then variant < 0.93 or variant >= 0.95
            when 'meeting' then variant < 0.97
            when 'manual' then variant < 0.75
            when 'error' then variant < 0.5
            when 'finished' then variant < 0.25
            else true
        end
        union all
        select *, 48, 'v2_contact_unenrolled_manually_from_sequence', 900, '', ''
        from ending
        where outcome = 'manual' and variant >= 0.15
    )

    select
        enrollment_no,
        h,
        slot,
        -- The manual unenrollment has the id of the general one: identity includes the type.
        if(slot = 48, 47, slot) as id_slot,
        kind,
        'sequence' as shape,
        'CONTACT' as object_type,
        contact_id as object_id,
        end_ms + lag_ms as ms,
        sequence_id,
        enrollment_id,
        user_id,
        company_id,
        case
            when slot = 45 then outcome_step::varchar
            -- Booked through an e-mail of an earlier step.
            when slot = 49 and second < 0.15 then '0'
            else ''
        end as step_order,
        '' as template_id,
        case
            when slot = 47 or error_type <> ''
                then '"hs_unenrolled_source":"' || source || '","hs_step_error_type":"'
                    || error_type || '",'
            else ''
        end as extra,
    from kinds;
"""

# About half of the contacts read their mail; the others open little. A few open months later.
_TRACKED_EVENTS = """
    insert into sim_events by name
    with opened as (
        select
            *,
            case
                when draw(th, 'more') < 0.15 then 4 when draw(th, 'more') < 0.35 then 3
                when draw(th, 'more') < 0.65 then 2 else 1
            end as opens,
        from sim_touches
        where
            is_email
            and not (outcome = 'bounced' and step_order >= outcome_step)
            and draw(th, 'open')
            < open_rate * if(draw(h, 'reader') < 0.55, 1.3, 0.25)
    ),

    each_open as (
        select *, unnest(range(opens)) as open_no from opened
    ),

    tracked as (
        select
            *,
            8 + step_order * 4 + open_no as slot,
            'opened_tracked_inbox_email_v8' as kind,
            executed_ms + 60000 + case
                when draw(th + open_no, 'long after') < 0.01
                    then (30 + draw_int(th + open_no, 'days', 90)) * 86400000
                else floor(
                    draw(th + open_no, 'opened') * draw(th + open_no, 'opened')
                    * draw(th + open_no, 'opened') * 9 * 86400000
                )::bigint
            end as ms,
        from each_open
        union all
        select
            *,
            0 as open_no,
            36 + step_order as slot,
            'clicked_link_in_tracked_inbox_email_v8' as kind,
            executed_ms + 120000 + draw_int(th, 'clicked', 3 * 86400000) as ms,
        from opened
        where draw(th, 'click') < 0.11
    )

    select
        enrollment_no,
        h,
        slot,
        slot as id_slot,
        kind,
        'tracked' as shape,
        'CONTACT' as object_type,
        contact_id as object_id,
        ms,
        sequence_id,
        enrollment_id,
        user_id,
        '' as company_id,
        '' as step_order,
        template_id,
        '' as extra,
    from tracked;
"""


def slice_sql() -> str:
    """SQL that fills ``sim_events`` from the enrollments and touches of the slice."""
    return _STEP_EVENTS + _ENDING_EVENTS + _TRACKED_EVENTS
