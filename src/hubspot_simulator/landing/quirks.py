"""What makes real event data hard: noise, lost ids, late arrival, duplicates. Shares in __init__.

``noise_sql`` adds events that belong to no sequence; ``lines_sql`` turns ``sim_events`` into
``sim_lines``, one row a line to be written (a view: no line is in memory twice): arrival_month
(text YYYY-MM, the month of the file), line_order (unique, shuffled), and the six fields of an
occurrence as text.
"""

from string import Template

# A macro, so that quirks=False is a share of zero and no other branch of the program.
_SWITCH = Template("create or replace temp macro quirk(h, salt, share) as draw(h, salt) < share * $on;\n")

_NOISE = """
    insert into sim_events by name
    with noise as (
        -- Page visits are ordinary, the rest are rare.
        select *, 54 + visit_no as slot, 'visited_page' as kind,
            '"hs_url":"https://www.example.com/pricing?ref=' || visit_no
            || '","hs_title":"Prices: \\"all\\" plans","hs_time_on_page":"'
            || (5 + draw_int(h + visit_no, 'seconds', 600)) || '.0","hs_referrer":"",' as extra,
            enrolled_ms + draw_int(h + visit_no, 'visited', 2000000000) as ms,
        from sim_enrollments, range(3) as visits (visit_no)
        where draw(h, 'visits') < 0.6 and draw(h, 'visits') * 5 > visit_no
        union all
        select *, 0, 60, 'call_started',
            '"hs_call_direction":"OUTBOUND","hs_timestamp":"'
            || (enrolled_ms + draw_int(h, 'call', 1000000000)) || '",',
            enrolled_ms + draw_int(h, 'call', 1000000000)
        from sim_enrollments where draw(h, 'calls') < 0.04
        union all
        select *, 0, 61, 'call_ended',
            '"hs_call_duration":"' || draw_int(h, 'lasted', 900) || '.0",',
            enrolled_ms + draw_int(h, 'call', 1000000000) + 60000
        from sim_enrollments where draw(h, 'calls') < 0.04
        union all
        select *, 0, 57, 'document_shared_v2', '"hs_document_id":"8801",', enrolled_ms + 7200000
        from sim_enrollments where draw(h, 'document') < 0.02
        union all
        select *, 0, 62, 'form_submission_v2', '"hs_form_id":"f-20","hs_form_type":"HUBSPOT",',
            enrolled_ms - 3600000
        from sim_enrollments where draw(h, 'form') < 0.05 and seq_no = 0
        union all
        -- Types that no seed knows.
        select *, 0, 63, if(draw(h, 'which') < 0.5, 'webinar_attended', 'workflow_enrollment_v2'),
            '"hs_flow_id":"4711","hs_enrollment_id":"' || enrollment_id || '",',
            enrolled_ms + 86400000
        from sim_enrollments where quirk(h, 'unknown', 0.01)
        union all
        -- The trap: an e-mail of a workflow, whose enrollment id means another thing.
        select *, 0, 58, 'opened_tracked_inbox_email_v8',
            '"hs_flow_id":"4711","hs_enrollment_id":"' || (2400000013 + enrollment_no * 13)
            || '","hs_template_id":"",', enrolled_ms + 5 * 86400000
        from sim_enrollments where quirk(h, 'workflow', 0.008)
    )

    select
        enrollment_no, h, slot, slot as id_slot, kind, 'other' as shape, 'CONTACT' as object_type,
        contact_id as object_id, ms, '' as sequence_id, '' as enrollment_id, '' as user_id,
        '' as company_id, '' as step_order, '' as template_id, extra,
    from noise

    union all by name
    select
        enrollment_no, h, 59 as slot, 59 as id_slot, 'deal_closed' as kind, 'other' as shape,
        'DEAL' as object_type, deal_id as object_id, close_ms as ms, '' as sequence_id,
        '' as enrollment_id, '' as user_id, '' as company_id, '' as step_order, '' as template_id,
        '"hs_amount":"' || amount || '","hs_closed_state":"'
        || if(is_won, 'CLOSED_WON', 'CLOSED_LOST') || '","hs_pipeline":"' || pipeline
        || '","hs_deal_owner":"' || owner_id || '",' as extra,
    from sim_deals
    where is_closed

    union all by name
    -- A second enroll event of the same enrollment.
    select * replace (53 as slot, 53 as id_slot, ms + 30000 as ms)
    from sim_events
    where slot = 0 and quirk(h, 'enrolled twice', 0.004);
"""

# Ids are lost per enrollment (its account never wrote them) or per event (this one did not).
_LOST = """
    create or replace temp table sim_known as
    with numbered as (
        select *, enrollment_no * 64 + slot as event_no, key_hash(enrollment_no * 64 + slot) as eh,
        from sim_events
        where
            ms between window_start() - 86400000 and window_end()
            and not (slot = 0 and quirk(h, 'enroll event lost', 0.003))
    )

    select
        event_no,
        eh,
        'e_' || kind as event_type,
        case
            when shape = 'tracked' or slot in (54, 55, 56)
                then 'leviathan-' || md5(event_no || '$seed')::uuid::varchar || '-' || ms
            else (enrollment_no * 64 + id_slot + 10000000) || '-' || object_id || '-' || ms
        end as event_id,
        object_type,
        object_id,
        ms,
        case
            when shape = 'other' then ''
            when shape = 'sequence' and slot > 0 and quirk(eh, 'no sequence', 0.002) then ''
            when shape = 'tracked' and quirk(eh, 'tracked', 0.35) then ''
            else sequence_id
        end as known_sequence_id,
        case
            when known_sequence_id = '' or quirk(h, 'never an id', 0.05) then ''
            when shape = 'sequence' and slot not in (0, 53) and quirk(eh, 'no id', 0.03) then ''
            when shape = 'tracked' and quirk(eh, 'tracked', 0.50) then ''
            else enrollment_id
        end as known_enrollment_id,
        case
            when shape = 'sequence'
                then '{"hs_sequence_id":"' || known_sequence_id
                    || '","hs_enrollment_id":"' || known_enrollment_id
                    || '","hs_enrolled_by":"' || case
                        when quirk(h, 'user', 0.003) then '999000111'
                        when quirk(h, 'user', 0.01) then ''
                        else user_id
                    end
                    || '","hs_company_id":"' || case
                        when quirk(eh, 'company', 0.03) then ''
                        -- Events keep the id of a company that was merged.
                        when
                            (nullif(company_id, '')::bigint - 9810000000) % 2650 = 1060
                            and quirk(h, 'merged company', 0.3)
                            then merged_company_id(company_id)
                        else company_id
                    end
                    || '",' || extra || '"hs_step_order":"' || case
                        when step_order = '' then ''
                        when quirk(eh, 'order', 0.001) then 'first'
                        when quirk(eh, 'order', 0.03) then step_order || '.0'
                        else step_order
                    end || '","hs_template_id":"' || template_id || '"}'
            when shape = 'tracked'
                then '{"hs_sequence_id":"' || known_sequence_id
                    || '","hs_enrollment_id":"' || known_enrollment_id
                    || '","hs_template_id":"' || if(quirk(eh, 'tracked', 0.05), '', template_id)
                    || '"}'
            else '{' || extra[:-2] || '}'
        end as properties,
    from numbered;
"""

# Some events arrive in the file of a later month, some twice; every file is shuffled.
_LINES = """
    create or replace temp macro month_of(arrival_ms) as
        strftime(make_timestamp(least(arrival_ms, window_end()) * 1000), '%Y-%m');

    create or replace temp view sim_lines as
    select
        month_of(ms + if(quirk(eh, 'late', 0.03), 3 + draw_int(eh, 'lag', 40), 0) * 86400000)
            as arrival_month,
        eh * 134217728 + event_no % 134217728 as line_order,
        event_type,
        event_id,
        object_type,
        object_id,
        iso(ms) as occurred_at,
        properties,
    from sim_known

    union all
    select
        month_of(ms + draw_int(eh, 'again', 40) * 86400000) as arrival_month,
        xor(eh, 4294967295) * 134217728 + event_no % 134217728 as line_order,
        event_type,
        event_id,
        object_type,
        object_id,
        iso(ms) as occurred_at,
        properties,
    from sim_known
    where quirk(eh, 'duplicate', 0.015);
"""


def setup(quirks: bool) -> str:
    """SQL for the switch that turns all quirks on or off."""
    return _SWITCH.substitute(on=int(quirks))


def noise_sql() -> str:
    """SQL that adds the events outside sequences to ``sim_events`` (needs ``sim_deals``)."""
    return _NOISE


def lines_sql(seed: int) -> str:
    """SQL that makes ``sim_lines``."""
    return _LOST.replace("$seed", str(int(seed))) + _LINES
