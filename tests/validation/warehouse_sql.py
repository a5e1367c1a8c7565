"""A tiny warehouse in SQL, right in every detail, for the tests to break one detail at a time.

Four enrollments of account 1001: e1 replied and ended, e2 was opened and runs, e3 is scheduled,
e4 (no sequence, no user) finished without a response. Beside the loaded files, one lies
outside of the portal folders and one is unchanged.
"""

RAW = """
create schema raw;
create table raw.files as
select * from (values
    ('1001', 'portal=1001/events/a.jsonl', 100::bigint, 1::bigint, 'h1', 'jsonl', 3::bigint,
        1::bigint, 'loaded', 'load-2', timestamptz '2026-02-01 00:00:00+00'),
    ('1001', 'portal=1001/objects/contacts/c.jsonl', 50, 1, 'h2', 'jsonl', 1, 0, 'loaded',
        'load-2', timestamptz '2026-02-01 00:00:00+00'),
    (null, 'stray.txt', 5, 1, 'h3', null, 0, 1, 'loaded', 'load-2',
        timestamptz '2026-02-01 00:00:00+00'),
    ('1001', 'portal=1001/events/old.jsonl', 70, 2, 'h4', 'jsonl', 0, 0, 'unchanged', 'load-2',
        timestamptz '2026-02-01 00:00:00+00')
) as files(portal_id, source_file, size_bytes, modified_ns, content_hash, file_format, records,
    rejected, status, load_id, loaded_at);
create table raw.events as
select
    '1001' as portal_id,
    'portal=1001/events/a.jsonl' as source_file,
    n as line_number,
    'load-2' as load_id,
    timestamptz '2026-02-01 00:00:00+00' as loaded_at,
    'e_v2_contact_enrolled_in_sequence' as event_type,
    'event-' || n as event_id,
    'CONTACT' as object_type,
    'contact-' || n as object_id,
    timestamptz '2026-01-20 00:00:00+00' + to_days(n::integer) as occurred_at,
    '{"id": 1}' as record
from range(1, 4) as numbers(n);
create table raw.objects as
select
    '1001' as portal_id,
    'portal=1001/objects/contacts/c.jsonl' as source_file,
    1::bigint as line_number,
    'load-2' as load_id,
    timestamptz '2026-02-01 00:00:00+00' as loaded_at,
    'contacts' as object_type,
    'contact-1' as object_id,
    timestamptz '2026-01-01 00:00:00+00' as updated_at,
    false as archived,
    '{"id": 1}' as record;
create table raw.rejected_records as
select
    '1001' as portal_id,
    'portal=1001/events/a.jsonl' as source_file,
    4::bigint as line_number,
    'not_json' as reason,
    'line 4 is not JSON' as message,
    '{{' as raw_record,
    'load-2' as load_id,
    timestamptz '2026-02-01 00:00:00+00' as rejected_at
union all
select null, 'stray.txt', null, 'not_placed', 'not in a portal folder', null, 'load-2',
    timestamptz '2026-02-01 00:00:00+00';
create table raw.load_summary as
select
    4::bigint as files,
    3::bigint as events,
    1::bigint as objects,
    2::bigint as rejected_records,
    0.05::double as rejected_share,
    4::bigint as previous_events,
    timestamptz '2026-01-23 00:00:00+00' as newest_occurred_at,
    timestamptz '2026-01-19 00:00:00+00' as previous_newest_occurred_at,
    0::bigint as unknown_event_types,
    timestamptz '2026-02-01 00:00:00+00' as loaded_at;
"""

_MONTHLY = ",\n    ".join(
    [
        "count(*) as enrollments",
        "count(distinct contact_id) as contacts",
        "count(*) filter (where is_opened) as opens",
        "count(*) filter (where is_clicked) as clicks",
        "count(*) filter (where is_replied) as replies",
        "count(*) filter (where is_meeting_booked) as meetings",
        "count(*) filter (where is_unsubscribed) as unsubscribes",
        *(f"sum({n})::bigint as total_{n}" for n in ("opens", "clicks", "replies", "meetings")),
        *(f"avg({n}) as {n}_per_enrollment" for n in ("opens", "clicks", "replies", "meetings")),
        "avg(is_unsubscribed::integer) as unsubscribes_per_enrollment",
    ]
)
_SCORE = """count(*) as ended_enrollments, avg(is_replied_to_sequence_email::integer) as reply_rate,
    avg(is_bounced::integer) as bounce_rate, null::bigint as reply_points,
    null::bigint as bounce_points, null::bigint as score, 'not enough data' as band
from core.fct_enrollments where is_started and ended_at is not null group by all"""

MARTS = f"""
create schema core;
create schema reports;
create schema audit;
create table core.fct_enrollments as
select
    '1001' as portal_id, enrollment_id, sequence_id, 'contact-' || enrollment_id as contact_id,
    'company-1' as company_id, user_id as enrolled_by_user_id,
    timestamptz '2026-01-05 09:00:00+00' as enrolled_at,
    case when is_started then timestamptz '2026-01-05 10:00:00+00' end as started_at,
    case when end_reason is not null then timestamptz '2026-01-20 09:00:00+00' end as ended_at,
    status, null::varchar as status_detail, end_reason,
    case when is_started then timestamptz '2026-01-05 10:00:00+00' end as first_step_executed_at,
    case when is_started then timestamptz '2026-01-06 10:00:00+00' end as last_step_executed_at,
    case when is_started then 0::bigint end as last_step_order,
    is_started::bigint as steps_executed, is_started::bigint as emails_sent,
    opens, 0::bigint as clicks, replies, 0::bigint as meetings,
    case when opens > 0 then timestamptz '2026-01-05 11:00:00+00' end as first_opened_at,
    null::timestamptz as first_clicked_at,
    case when replies > 0 then timestamptz '2026-01-20 09:00:00+00' end as first_replied_at,
    null::timestamptz as first_meeting_booked_at,
    is_started, false as is_inferred, opens > 0 as is_opened, false as is_clicked,
    replies > 0 as is_replied, replies > 0 as is_replied_to_sequence_email,
    false as is_meeting_booked, false as is_meeting_booked_within_7_days,
    false as is_meeting_booked_while_enrolled, false as is_meeting_booked_through_sequence,
    false as is_bounced, false as is_unsubscribed,
    end_reason is not null and replies = 0 as is_no_response,
    0::bigint as deals, 0::double as revenue
from (values
    ('e1', 's1', 'u1', true, 'unenrolled', 'replied', 2::bigint, 1::bigint),
    ('e2', 's1', 'u1', true, 'in_progress', null, 1, 0),
    ('e3', 's1', 'u1', false, 'scheduled', null, 0, 0),
    ('e4', null, null, true, 'finished', 'finished', 0, 0)
) as e(enrollment_id, sequence_id, user_id, is_started, status, end_reason, opens, replies);

create table reports.step_funnel as
select *, opens / steps_executed as open_rate, clicks / steps_executed as click_rate,
    replies / steps_executed as reply_rate, meetings / steps_executed as meeting_rate,
    null::double as task_completion_rate, 1::double as reach_rate, 0::double as drop_off
from (
    select portal_id, sequence_id, step_order, template_id, 'EMAIL' as action,
        true as is_current_step, count(*) as steps_executed,
        count(first_meeting_booked_at) as meetings, count(first_opened_at) as opens,
        count(first_clicked_at) as clicks, count(first_replied_at) as replies,
        0::bigint as tasks_completed
    from (
        select portal_id, sequence_id, 0::bigint as step_order, 't1' as template_id,
            first_opened_at, first_clicked_at, first_replied_at, first_meeting_booked_at
        from core.fct_enrollments where is_started
    ) group by all
);
create table reports.monthly_enrollments as
select portal_id, date_trunc('month', enrolled_at)::date as enrolled_month, sequence_id, {_MONTHLY}
from core.fct_enrollments where is_started group by all;
create table reports.sender_score as
select portal_id, enrolled_by_user_id as user_id, {_SCORE};
create table reports.sender_score_by_sequence as
select portal_id, enrolled_by_user_id as user_id, sequence_id, {_SCORE};

create table audit.publication as
select table_schema, table_name, 4::bigint as rows, 3::bigint as previous_rows
from information_schema.tables where table_schema in ('core', 'reports');
create table audit.facts as
select
    timestamptz '2026-01-20 09:00:00+00' as newest_event_at,
    timestamptz '2026-01-10 09:00:00+00' as previous_newest_event_at,
    200::bigint as events, 1::bigint as unattributed_events, 0::bigint as inferred_enrollments,
    4::bigint as enrollments, 1::bigint as late_events, 1::bigint as rejected_records;
"""
