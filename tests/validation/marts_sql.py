"""A tiny publication in SQL, right in every detail, for the tests to break one detail at a time.

Seven enrollments of account 1001. In sequence s1: e1 replied, booked a meeting, ended and has both of
the credited deals, e2 of the same contact was opened and is paused, e3 is scheduled, e5 bounced, e6
clicked and runs, e7 (February) unsubscribed. e4 finished without a response and knows neither
sequence, user, company nor step. Sequence s2 has no enrollments, account 1002 has nothing at all.
"""

_METRICS = {
    "opened": ("open_rate", "is_opened"),
    "clicked": ("click_rate", "is_clicked"),
    "replied": ("reply_rate", "is_replied"),
    "replied_to_sequence_email": ("sequence_email_reply_rate", "is_replied_to_sequence_email"),
    "meeting_booked": ("meeting_rate", "is_meeting_booked"),
    "no_response": ("no_response_rate", "is_no_response"),
    "bounced": ("bounce_rate", "is_bounced"),
    "unsubscribed": ("unsubscribe_rate", "is_unsubscribed"),
    "enrollments_with_deal": ("deal_rate", "f.deals > 0"),
}
_EVENTS = ("opens", "clicks", "replies", "meetings")


def _commas(parts) -> str:
    return ",\n    ".join(parts)


def _rates(total: str, rates: dict[str, str], interval: bool = True) -> str:
    """Rates over a total, by name of the rate; the interval is any that holds the rate."""
    lines = []
    for rate, count in rates.items():
        lines.append(f"{count} / nullif({total}, 0) as {rate}")
        if interval:
            lines += [
                f"case when {count} <= {total} then {share} * {count} / nullif({total}, 0) + {rest} end as "
                f"{rate}_{bound}"
                for bound, share, rest in (("lower", 0.5, 0), ("upper", 0.5, 0.5))
            ]
    return _commas(lines)


_ADDING = _commas(
    [
        "count(enrollment_id) as enrollments",
        "count(enrollment_id) filter (where ended_at is null) as active_enrollments",
        *(f"count(enrollment_id) filter (where {flag}) as {m}" for m, (_, flag) in _METRICS.items()),
        "coalesce(sum(f.deals), 0)::bigint as deals",
        "coalesce(sum(f.revenue), 0)::decimal(38, 6) as total_revenue",
        *(f"coalesce(sum(f.{n}), 0)::bigint as total_{n}" for n in _EVENTS),
    ]
)
_DISTINCT = _commas(
    [
        "count(distinct contact_id) as contacts",
        "count(distinct contact_id) filter (where enrollment_id is not null and ended_at is null) "
        "as active_contacts",
        *(f"count(distinct contact_id) filter (where {f}) as contact_{m}" for m, (_, f) in _METRICS.items()),
        "count(distinct company_id) as companies",
        "count(distinct company_id) filter (where is_opened or is_replied) as companies_engaged",
        "count(distinct company_id) filter (where is_meeting_booked) as companies_with_meeting",
    ]
)
_MEASURE_RATES = _commas(
    [
        _rates("enrollments", {rate: metric for metric, (rate, _) in _METRICS.items()}),
        _rates("contacts", {f"contact_{r}": f"contact_{m}" for m, (r, _) in _METRICS.items()}, False),
    ]
)
_MONTHLY = _commas(
    [
        "count(*) as enrollments",
        "count(distinct contact_id) as contacts",
        "count(*) filter (where is_opened) as opened",
        "count(*) filter (where is_clicked) as clicked",
        "count(*) filter (where is_replied) as replied",
        "count(*) filter (where is_meeting_booked) as meeting_booked",
        "count(*) filter (where is_unsubscribed) as unsubscribed",
        *(f"sum(f.{n})::bigint as total_{n}" for n in _EVENTS),
        *(f"avg(f.{n}) as {n}_per_enrollment" for n in _EVENTS),
        "avg(is_unsubscribed::integer) as unsubscribes_per_enrollment",
    ]
)
_STARTED = "from core.fct_enrollments as f where is_started"
_STEP_COUNTS = """count(*) filter (where is_executed) as steps_executed,
    count(*) filter (where is_meeting_booked) as meeting_booked, count(first_opened_at) as opened,
    count(first_clicked_at) as clicked, count(first_replied_at) as replied,
    sum(tasks_completed)::bigint as tasks_completed"""

_EXITS = _commas(
    f"count(*) filter (where coalesce(end_reason, 'waiting') = '{reason}') as {column}"
    for reason, column in {
        "waiting": "waiting",
        "finished": "finished_here",
        "account_replied": "exited_account",
        **{
            reason: f"exited_{reason}"
            for reason in (
                *("replied", "meeting_booked", "bounced", "unsubscribed", "manual", "workflow"),
                *("sequence_deleted", "error", "other"),
            )
        },
    }.items()
)
_SEND_RATES = {"open_rate": "opened", "click_rate": "clicked", "reply_rate": "replied"}
_SEND_RATES["meeting_rate"] = "meeting_booked"


def _score(keys: str) -> str:
    return f"""select *, null::integer as reply_points, null::integer as bounce_points,
    null::integer as score, 'not enough data' as band
from (
    select {keys}, ended_enrollments,
    {_rates("(ended_enrollments - bounced)", {"reply_rate": "replied"})},
    {_rates("ended_enrollments", {"bounce_rate": "bounced"})}
    from (
        select {keys}, sum(ended)::bigint as ended_enrollments, sum(replied)::bigint as replied,
            sum(bounced)::bigint as bounced
        from reports.sender_score_daily group by all
    )
);"""


MARTS = f"""
create schema core;
create schema reports;
create schema audit;
create table core.dim_accounts as
select portal_id, 'Account' as account_name, 'EUR' as currency, as_of
from (values ('1001', timestamptz '2026-02-20 09:00:00+00'), ('1002', null)) as a(portal_id, as_of);
create table core.dim_sequences as
select '1001' as portal_id, sequence_id, 'Name' as sequence_name, 'f1' as folder_id,
    timestamptz '2025-12-01 00:00:00+00' as created_at
from (values ('s1'), ('s2')) as s(sequence_id);
create table core.fct_deals as
select '1001' as portal_id, deal_id, 'Deal' as deal_name, 'p1' as pipeline_id, 'won' as stage_id,
    timestamptz '2026-01-10 09:00:00+00' as created_at,
    timestamptz '2026-02-10 09:00:00+00' as closed_at, amount::decimal(38, 6) as amount,
    'EUR' as currency_code, amount::decimal(38, 6) as amount_in_home_currency,
    is_closed_won, credited_enrollment_id
from (values ('d1', 100.123456, true, 'e1'), ('d2', 50, false, 'e1'), ('d3', null, true, null))
    as d(deal_id, amount, is_closed_won, credited_enrollment_id);

create table core.fct_enrollments as
select
    '1001' as portal_id, enrollment_id, sequence_id, contact_id,
    company_id, user_id as enrolled_by_user_id, 'event' as company_source, status,
    case when status = 'paused' then 'waiting_on_task' end as status_detail, end_reason,
    enrolled_on + interval 9 hour as enrolled_at,
    case when is_started then enrolled_on + interval 10 hour end as started_at,
    case when end_reason is not null then enrolled_on + interval '10 days 9 hours' end as ended_at,
    started_at as first_step_executed_at, started_at as last_step_executed_at,
    started_at as first_email_sent_at,
    case when opens > 0 then enrolled_on + interval 11 hour end as first_opened_at,
    case when clicks > 0 then enrolled_on + interval 12 hour end as first_clicked_at,
    case when responses > 0 then enrolled_on + interval 13 hour end as first_replied_at,
    case when responses > 0 then enrolled_on + interval 14 hour end as first_meeting_booked_at,
    first_meeting_booked_at as first_counted_meeting_booked_at,
    coalesce(first_meeting_booked_at, first_clicked_at, first_opened_at) as last_activity_at,
    enrolled_on::date as enrolled_on, ended_at::date as ended_on,
    case when is_started and sequence_id is not null then 0 end as last_step_order,
    (last_step_order is not null)::bigint as steps_executed, is_started::bigint as emails_sent,
    opens, clicks, responses as replies, responses as meetings, responses * 2 as deals,
    (responses * 100.123456)::decimal(38, 6) as revenue,
    is_started, false as is_inferred, opens > 0 as is_opened, clicks > 0 as is_clicked,
    responses > 0 as is_replied, is_replied as is_replied_while_enrolled,
    is_replied as is_replied_to_sequence_email, is_replied as is_meeting_booked,
    is_replied as is_meeting_booked_while_enrolled_or_after, is_replied as is_meeting_booked_while_enrolled,
    is_replied as is_meeting_booked_through_sequence,
    coalesce(end_reason = 'bounced', false) as is_bounced,
    coalesce(end_reason = 'unsubscribed', false) as is_unsubscribed,
    ended_at is not null and not is_replied as is_no_response
from (
    select * replace (opens::bigint as opens, clicks::bigint as clicks, responses::bigint as responses),
        status <> 'scheduled' as is_started, (day || ' 00:00:00+00')::timestamptz as enrolled_on
    from (values
        ('e1', 's1', 'u1', 'ann', 'c1', '2026-01-05', 'unenrolled', 'replied', 2, 0, 1),
        ('e2', 's1', 'u1', 'ann', 'c1', '2026-01-07', 'paused', null, 1, 0, 0),
        ('e3', 's1', 'u1', 'bob', 'c1', '2026-01-05', 'scheduled', null, 0, 0, 0),
        ('e4', null, null, 'cid', null, '2026-01-05', 'finished', 'finished', 0, 0, 0),
        ('e5', 's1', 'u1', 'dan', 'c2', '2026-01-05', 'unenrolled', 'bounced', 0, 0, 0),
        ('e6', 's1', 'u2', 'eva', 'c2', '2026-01-05', 'in_progress', null, 3, 1, 0),
        ('e7', 's1', 'u1', 'fay', 'c2', '2026-02-02', 'unenrolled', 'unsubscribed', 0, 0, 0)
    ) as v(enrollment_id, sequence_id, user_id, contact_id, company_id, day, status, end_reason, opens,
        clicks, responses)
);

create table reports.enrollment_metrics_daily as
select portal_id, sequence_id, enrolled_by_user_id, company_id, status, enrolled_on, {_ADDING}
{_STARTED} group by all;
create table reports.sequence_performance as
select *, {_MEASURE_RATES} from (
    select k.*, {_ADDING}, {_DISTINCT}
    from (
        select portal_id, sequence_id, sequence_name, folder_id, created_at, 'EUR' as currency
        from core.dim_sequences
        union all select '1001', null, null, null, null, 'EUR'
    ) as k
    left join core.fct_enrollments as f
        on f.portal_id = k.portal_id and f.sequence_id is not distinct from k.sequence_id and f.is_started
    group by all
);
create table reports.account_overview as
select *, {_MEASURE_RATES} from (
    select a.portal_id, account_name, currency, as_of, {_ADDING}, {_DISTINCT}
    from core.dim_accounts as a
    left join core.fct_enrollments as f on f.portal_id = a.portal_id and f.is_started
    group by all
);
create table reports.step_contacts as
select portal_id, enrollment_id, contact_id, sequence_id, 0 as step_order, 't1' as template_id,
    enrolled_by_user_id, company_id, enrolled_on, true as is_executed, is_meeting_booked,
    started_at as executed_at, first_opened_at, first_clicked_at, first_replied_at,
    first_meeting_booked_at, 0::bigint as tasks_completed
{_STARTED} and sequence_id is not null;
create table reports.step_metrics_daily as
select portal_id, sequence_id, step_order, template_id, enrolled_by_user_id, company_id, enrolled_on,
    {_STEP_COUNTS}
from reports.step_contacts group by all;
create table reports.step_funnel as
select *, {_rates("steps_executed", _SEND_RATES)}, tasks_completed / steps_executed as task_completion_rate,
    1::double as reach_rate, 0.5::double as reach_rate_lower, 1::double as reach_rate_upper,
    0::double as drop_off
from (
    select portal_id, sequence_id, step_order, template_id, 'EMAIL' as action,
        true as is_current_step, {_STEP_COUNTS}
    from reports.step_contacts group by all
);
create table reports.email_performance as
select *, {_rates("enrollments_sent", _SEND_RATES)} from (
    select portal_id, sequence_id, if(sequence_id is null, null, 't1') as template_id,
        sum(emails_sent)::bigint as sent, count(*) as enrollments_sent, count(first_opened_at) as opened,
        count(first_clicked_at) as clicked, count(first_replied_at) as replied,
        count(first_meeting_booked_at) as meeting_booked
    {_STARTED} group by all
);
create table reports.enrollments_by_step as
select portal_id, sequence_id, last_step_order as step_order, status, count(*) as enrollments
{_STARTED} group by all;
create table reports.step_exits as
select *, {_rates("(executed - waiting)", {"success_rate": "success", "loss_rate": "loss"})} from (
    select portal_id, sequence_id, 0 as step_order, 'Name' as sequence_name, count(*) as executed,
        0::bigint as went_on, {_EXITS},
        exited_replied + exited_meeting_booked as success,
        exited_bounced + exited_unsubscribed + exited_manual + exited_error as loss
    {_STARTED} and sequence_id is not null group by all
);
create table reports.monthly_enrollments as
select portal_id, date_trunc('month', enrolled_on)::date as enrolled_month, sequence_id, {_MONTHLY},
    case when sequence_id is not null then month(enrolled_month) = 1 end as is_mature
{_STARTED} group by all;
create table reports.monthly_overview as
select portal_id, date_trunc('month', enrolled_on)::date as enrolled_month, {_MONTHLY},
    case when month(enrolled_month) = 2 then false end as is_mature
{_STARTED} group by all;
create table reports.sender_score_daily as
select portal_id, enrolled_by_user_id as user_id, sequence_id, ended_on, count(*) as ended,
    count(*) filter (where is_replied) as replied, count(*) filter (where is_bounced) as bounced
{_STARTED} and ended_at is not null group by all;
create table reports.sender_score as {_score("portal_id, user_id")}
create table reports.sender_score_by_sequence as {_score("portal_id, user_id, sequence_id")}
create table reports.enrollment_list as
select portal_id, enrollment_id, contact_id, contact_id || '@example.com' as contact_email,
    'Name' as contact_name, company_id, 'Company' as company_name, sequence_id,
    'Name' as sequence_name, enrolled_by_user_id, enrolled_at, started_at, ended_at,
    started_at as last_step_completed_at, status, status_detail, end_reason, last_step_order,
    case when ended_at is null then coalesce(last_step_order + 1, 0) end as next_step_order
from core.fct_enrollments;
create table reports.engaged_contacts as
select portal_id, contact_id, sequence_id, enrollment_id, company_id, status, last_step_order,
    1 as next_step_order, emails_sent, opens, clicks, last_activity_at,
    row_number() over (order by clicks desc) as engagement_rank
from core.fct_enrollments where enrollment_id in ('e2', 'e6');
create table reports.contact_hygiene as
select portal_id, contact_id, reason, contact_id || '@example.com' as contact_email, company_id,
    1::bigint as enrollments, enrolled_at as last_enrolled_at,
    if(reason = 'never_engaged', enrolled_at, ended_at) as since
from core.fct_enrollments
inner join (values
    ('e5', 'hard_bounced'), ('e7', 'unsubscribed'), ('e4', 'never_engaged'), ('e5', 'never_engaged'),
    ('e7', 'never_engaged')
) as r(enrollment_id, reason) using (enrollment_id);
create table reports.time_to_response as
select '1001' as portal_id, level, 's1' as sequence_id, step_order, response, 1::bigint as responses,
    hours as median_hours, hours as p90_hours
from (values ('sequence', null), ('step', 0)) as l(level, step_order),
    (values ('reply', 3::double), ('meeting', 4)) as r(response, hours);
create table reports.engagement_by_hour as
select portal_id, sequence_id, 1 as weekday, 10 as hour, sum(emails_sent)::bigint as sent,
    sum(f.opens)::bigint as total_opens, sum(f.clicks)::bigint as total_clicks,
    sum(f.replies)::bigint as total_replies
{_STARTED} group by all;
create table reports.send_hours as
select *, {_rates("sent", _SEND_RATES)} from (
    select portal_id, sequence_id, 1 as weekday, 10 as hour,
        if(sequence_id is null, null, 'Name') as sequence_name, sum(emails_sent)::bigint as sent,
        count(*) filter (where is_opened) as opened, count(*) filter (where is_clicked) as clicked,
        count(*) filter (where is_replied) as replied,
        count(*) filter (where is_meeting_booked) as meeting_booked
    {_STARTED} group by all
);
create table reports.deliverability as
select *, bounced / enrollments as bounce_rate, unsubscribed / enrollments as unsubscribe_rate
from (
    select portal_id, enrolled_by_user_id, 'example.com' as recipient_domain,
        count(*) as enrollments, sum(f.emails_sent)::bigint as emails_sent,
        count(*) filter (where is_bounced) as bounced,
        count(*) filter (where is_unsubscribed) as unsubscribed
    {_STARTED} group by all
);

create table reports.reconciliation as
select portal_id, sequence_id, 'summary' as level, null::integer as step_order, null::varchar as status,
    metric, our_metric, hubspot_value, our_value, our_value - hubspot_value as difference,
    case
        when hubspot_value is null then 'not answered'
        when difference <> 0 then 'contacts or enrollments'
    end as likely_reason,
    0::bigint as unattributed_events, timestamptz '2026-02-20 10:00:00+00' as fetched_at,
    timestamptz '2026-02-20 09:00:00+00' as as_of
from (
    select p.portal_id, p.sequence_id, metric, our_metric,
        if(metric = 'enrolled', p.enrollments, p.opened)::double as our_value,
        if(p.sequence_id is not null, if(metric = 'enrolled', p.enrollments, p.contact_opened), null)::double
            as hubspot_value
    from reports.sequence_performance as p,
        (values ('enrolled', 'enrollments'), ('opened', 'opened')) as m(metric, our_metric)
    where p.portal_id = '1001'
);

create table audit.publication as
select table_schema, table_name, 4::bigint as rows, 3::bigint as previous_rows
from information_schema.tables where table_schema in ('core', 'reports');
create table audit.facts as
select
    timestamptz '2026-01-20 09:00:00+00' as newest_event_at,
    timestamptz '2026-01-10 09:00:00+00' as previous_newest_event_at,
    200::bigint as events, 1::bigint as unattributed_events, 0::bigint as inferred_enrollments,
    7::bigint as enrollments, 1::bigint as late_events, 1::bigint as rejected_records;
"""
