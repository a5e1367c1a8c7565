"""What happens to each enrollment of a slice: who, which sequence, when, and how it ends.

Enrollment numbers grow with time, so a slice of them is also a span of the year; memory is bounded
by the slice. Every decision is a draw from the enrollment's number, so slices of any size give the
same enrollments.

``sim_enrollments`` (one row an enrollment): enrollment_no, h, enrollment_id, contact_no,
contact_id, company_id ('' for none), user_no, user_id, plan_no, sequence_id, enrolled_ms, start_ms
(first step; may lie after the window), outcome, outcome_step, end_ms (null: never ends), stop_ms
(no step at or after it), template ids and rates.

``sim_touches`` (one row an executed step): the above and step_order, action, task_type,
template_id, is_email, executed_ms, and ``th``, the hash of (enrollment, step).
"""

from string import Template

# Enrollments are numbered in blocks of five: four new contacts, then one of an earlier contact.
# The earlier one is at least an eighth of the year back, so that most have ended before.
_CONTACTS = Template(
    """
    create or replace temp macro contact_of(n, h) as case
        when n % 5 < 4 then n // 5 * 4 + n % 5
        when n // 5 * 4 > $lookback
            then floor(draw(h, 'again') * (n // 5 * 4 - $lookback))::bigint
        else $main_contacts + n // 5
    end;
    create or replace temp macro contact_id_of(c) as (16455361000 + c * 37)::varchar;
    create or replace temp macro company_no_of(c) as case
        when draw(key_hash(c), 'no company') < 0.08 then null
        else floor(
            draw(key_hash(c), 'company') * draw(key_hash(c), 'company') * $companies
        )::bigint
    end;
    create or replace temp macro company_id_of(company_no) as
        coalesce((9810000000 + company_no * 53)::varchar, '');
    """
)

_CHOSEN = Template(
    """
    create or replace temp table sim_chosen as
    with numbered as (
        select n as enrollment_no, key_hash(n) as h
        from range($first, $last) as numbers (n)
    ),

    placed as (
        select
            *,
            -- 52.44 weeks of working days: the last one is Tuesday 2026-06-30.
            (enrollment_no + draw(h, 'place')) / $enrollments * 52.44 as week,
            contact_of(enrollment_no, h) as contact_no,
            draw(h, 'user') as user_draw,
            draw(h, 'sequence') as sequence_draw,
        from numbered
    ),

    timed as (
        select
            *,
            window_start()
            + floor(week)::bigint * 604800000
            + case
                when week - floor(week) < 0.20 then 0 when week - floor(week) < 0.44 then 1
                when week - floor(week) < 0.66 then 2 when week - floor(week) < 0.86 then 3
                else 4
            end * 86400000
            + working_hour(draw(h, 'hour')) * 3600000
            + draw_int(h, 'second', 3600000) as enrolled_ms,
        from placed
    )

    select
        timed.enrollment_no,
        timed.h,
        (2400000000 + timed.enrollment_no * 13)::varchar as enrollment_id,
        timed.contact_no,
        contact_id_of(timed.contact_no) as contact_id,
        company_id_of(company_no_of(timed.contact_no)) as company_id,
        users.user_no,
        users.user_id,
        users.reply_rate,
        users.bounce_rate,
        users.open_rate,
        timed.enrolled_ms,
        -- Each user has favourite sequences, so some user x sequence pairs are large.
        (users.user_no + case
            when sequence_draw < 0.40 then 0 when sequence_draw < 0.65 then 1
            when sequence_draw < 0.80 then 2 when sequence_draw < 0.90 then 3
            when sequence_draw < 0.96 then 4 else 5
        end) % 6 as seq_no,
        -- Most start within minutes; one in seven is scheduled for a later day.
        timed.enrolled_ms + case
            when draw(h, 'scheduled') < 0.14 then (1 + draw_int(h, 'start day', 10)) * 86400000
            else 60000 + draw_int(h, 'start', 1800000)
        end as wanted_start_ms,
    from timed
    inner join sim_users as users
        on timed.user_draw >= users.share_from and timed.user_draw < users.share_to;
    """
)

# One draw decides how an enrollment ends; the shares add up along the case.
_ENROLLMENTS = """
    create or replace temp macro step_ms(start_ms, days, step_order, h) as off_weekend(
        start_ms + days[step_order + 1] * 86400000
    ) + case when step_order = 0 then 0 else floor(draw(h + step_order, 'step') * 7200000)::bigint
    end;

    create or replace temp table sim_enrollments as
    with planned as (
        select
            chosen.*,
            plans.* exclude (seq_no, name, folder_id),
            off_weekend(chosen.wanted_start_ms) as start_ms,
            draw(chosen.h, 'outcome') as outcome_draw,
            least(0.18, chosen.reply_rate * plans.reply_factor) as p_reply,
        from sim_chosen as chosen
        inner join sim_plans as plans
            on plans.plan_no = case
                when chosen.seq_no = 2 and chosen.enrolled_ms < sequence_edited() then 6
                else chosen.seq_no
            end
    ),

    decided as (
        select
            *,
            case
                when outcome_draw < 0.015 then 'before_start'
                when outcome_draw < 0.015 + bounce_rate then 'bounced'
                when outcome_draw < 0.025 + bounce_rate then 'unsubscribed'
                when outcome_draw < 0.025 + bounce_rate + p_reply then 'replied'
                when outcome_draw < 0.055 + bounce_rate + p_reply then 'meeting'
                when outcome_draw < 0.063 + bounce_rate + p_reply then 'account_reply'
                when outcome_draw < 0.068 + bounce_rate + p_reply then 'account_meeting'
                when outcome_draw < 0.108 + bounce_rate + p_reply then 'manual'
                when outcome_draw < 0.118 + bounce_rate + p_reply then 'workflow'
                when outcome_draw < 0.121 + bounce_rate + p_reply then 'deleted'
                when outcome_draw < 0.128 + bounce_rate + p_reply then 'error'
                when outcome_draw < 0.150 + bounce_rate + p_reply then 'stuck'
                else 'finished'
            end as outcome,
            -- Squared: the first e-mails get most of the answers and of the bounces.
            -- Who is stuck waits for somebody to do the first task.
            case
                when outcome = 'stuck' then task_orders[1]
                else email_orders[1 + floor(
                    draw(h, 'at') * draw(h, 'at') * len(email_orders)
                )::bigint]
            end as outcome_step,
            draw(h, 'delay') as delay,
        from planned
    ),

    ended as (
        select
            *,
            step_ms(start_ms, days, outcome_step, h) as outcome_step_ms,
            step_ms(start_ms, days, n_steps - 1, h) as last_step_ms,
        from decided
    )

    select
        * exclude (wanted_start_ms, outcome_draw, last_step_ms, outcome_step_ms, delay),
        outcome_step_ms,
        case outcome
            when 'before_start'
                then enrolled_ms + floor(delay * (start_ms - enrolled_ms - 1000))::bigint
            when 'error' then start_ms
            when 'bounced' then outcome_step_ms + 20000 + floor(delay * 900000)::bigint
            when 'stuck' then null
            when 'finished' then last_step_ms + 1000 + floor(delay * 240000)::bigint
            -- Cubed: half of the answers come within a day, the last after six.
            else outcome_step_ms + 240000
                + floor(delay * delay * delay * 6 * 86400000)::bigint
        end as end_ms,
        case outcome
            when 'stuck' then outcome_step_ms + 1
            when 'error' then start_ms
            else coalesce(end_ms, window_end() + 1)
        end as stop_ms,
    from ended;
"""

_TOUCHES = """
    create or replace temp table sim_touches as
    select
        enrollments.enrollment_no,
        enrollments.h,
        enrollments.enrollment_id,
        enrollments.contact_id,
        enrollments.company_id,
        enrollments.user_id,
        enrollments.user_no,
        enrollments.sequence_id,
        enrollments.open_rate,
        enrollments.outcome,
        enrollments.outcome_step,
        enrollments.end_ms,
        steps.step_order,
        steps.action,
        steps.task_type,
        steps.template_id,
        steps.is_email,
        step_ms(start_ms, days, steps.step_order, h) as executed_ms,
        key_hash(enrollments.enrollment_no * 8 + steps.step_order) as th,
    from sim_enrollments as enrollments
    inner join sim_steps as steps using (plan_no)
    where executed_ms < stop_ms and executed_ms <= window_end();
"""


def contact_counts(enrollments: int) -> tuple[int, int]:
    """(contacts, companies) of an account with so many enrollments."""
    blocks = -(-enrollments // 5)
    unpaired = min(blocks, _lookback(enrollments) // 4 + 1)
    contacts = blocks * 4 + unpaired
    return contacts, contacts // 4 + 1


def _lookback(enrollments: int) -> int:
    return max(20, enrollments // 10)


def setup(enrollments: int) -> str:
    """SQL for the macros that tie enrollments, contacts and companies together."""
    return _CONTACTS.substitute(
        lookback=_lookback(enrollments),
        main_contacts=-(-enrollments // 5) * 4,
        companies=contact_counts(enrollments)[1],
    )


def slice_sql(first: int, last: int, enrollments: int) -> str:
    """SQL that fills the tables for enrollment numbers first <= n < last of so many."""
    chosen = _CHOSEN.substitute(first=first, last=last, enrollments=f"{enrollments}.0")
    return chosen + _ENROLLMENTS + _TOUCHES
