"""What landed, tiny and right in every detail, for the tests to break one detail at a time.

Beside the loaded files, one lies outside of the portal folders and one is unchanged.
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
create table raw.object_types as select 'contacts' as object_type;
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
