"""The one reading of a landed record: which fields it must have, and why it is rejected.

Input of both queries: a relation ``landed`` (portal_id, source_file, object_type, line_number, text).
Output: every row of it, with its fields extracted and ``reason`` and ``message`` null when it is good.
The reasons are a closed list; the README explains each.
"""

from __future__ import annotations

from sequence_warehouse.load.inspection import TOO_LONG

REASONS = {
    "not_json": "a line or element that is not JSON (bad UTF-8 included)",
    "not_an_object": "JSON, but not an object",
    "missing_field": "a required field is missing or empty",
    "wrong_type": "a field is of the wrong type",
    "unreadable_time": "a time that cannot be read",
    "malformed_row": "a CSV row with the wrong number of columns, an open quote or bad UTF-8",
    "record_too_large": "one record of more than 4 million characters",
    "unreadable_file": "a file that cannot be opened as what it claims to be",
    "unsupported_file": "a file in a place or of a format that is not looked into",
}

# JSON values arrive as text, so the first character tells the type.
MACROS = r"""
create or replace macro json_kind(value) as case left(value::varchar, 1)
    when '"' then 'string' when '{' then 'object' when '[' then 'array'
    when 't' then 'boolean' when 'f' then 'boolean' when 'n' then null
    else case when value is not null then 'number' end
end;
create or replace macro is_scalar(value) as json_kind(value) in ('string', 'number');
create or replace macro json_text(value) as nullif(trim(value ->> '$'), '');
create or replace macro epoch_instant(milliseconds) as case
    when milliseconds between -62135596800000 and 253402300799999
        then make_timestamptz((round(milliseconds) * 1000)::bigint)
end;
create or replace macro as_instant(value) as case
    when regexp_full_match(value, '[+-]?\d+(\.\d*)?([eE][+]?\d+)?')
        then epoch_instant(try_cast(value as double))
    when regexp_matches(value, '^\d{4}-\d{2}-\d{2}([T ]|$)') then try_cast(value as timestamptz)
end;
"""

_DOCUMENT = f"""
    select
        * exclude (text),
        text as record,
        -- valid twice over: extraction from anything else is an error, not a null
        case when json_valid(text) and left(ltrim(text), 1) = '{{' then text end as document,
        case
            when starts_with(text, '{TOO_LONG}') or ends_with(text, '{TOO_LONG}')
                then 'record_too_large'
            when not json_valid(text) then 'not_json'
            when left(ltrim(text), 1) <> '{{' then 'not_an_object'
        end as document_reason,
    from landed
    where trim(text, ' \t') <> ''
"""

_LEADING_MESSAGES = """
        when reason = 'record_too_large' then 'The record is longer than 4 million characters.'
        when reason = 'not_json' then 'The line is not valid JSON.'
        when reason = 'not_an_object' then 'The JSON value is not an object {...}.'
"""

EVENTS = rf"""
with documents as ({_DOCUMENT}),
extracted as (
    select
        *,
        json_extract(
            document,
            ['$.id', '$.eventType', '$.objectType', '$.objectId', '$.occurredAt', '$.properties']
        ) as fields,
    from documents
),
typed as (
    select
        * exclude (document, fields, object_type),
        fields[6] as properties,
        json_text(fields[1]) as event_id,
        json_text(fields[2]) as event_type,
        coalesce(upper(json_text(fields[3])), 'CONTACT') as object_type,
        json_text(fields[4]) as object_id,
        as_instant(json_text(fields[5])) as occurred_at,
        case
            when json_text(fields[1]) is null then 'id'
            when json_text(fields[2]) is null then 'eventType'
            when json_text(fields[4]) is null then 'objectId'
            when json_text(fields[5]) is null then 'occurredAt'
        end as missing_field,
        case
            when not is_scalar(fields[1]) then 'id'
            when json_kind(fields[2]) <> 'string' then 'eventType'
            when not is_scalar(fields[3]) then 'objectType'
            when not is_scalar(fields[4]) then 'objectId'
            when not is_scalar(fields[5]) then 'occurredAt'
            when json_kind(fields[6]) <> 'object' then 'properties'
        end as mistyped_field,
    from extracted
),
judged as (
    select
        *,
        coalesce(document_reason, case
            when missing_field is not null then 'missing_field'
            when mistyped_field is not null then 'wrong_type'
            when occurred_at is null then 'unreadable_time'
        end) as reason,
    from typed
)
select
    portal_id,
    source_file,
    line_number,
    case when reason is null then event_type end as event_type,
    case when reason is null then event_id end as event_id,
    -- 0-1 is how exports write the object type of contacts
    case when reason is null then replace(object_type, '0-1', 'CONTACT') end as object_type,
    case when reason is null then object_id end as object_id,
    case when reason is null then occurred_at end as occurred_at,
    record,
    reason,
    case
        {_LEADING_MESSAGES}
        when reason = 'missing_field' then 'The required field ' || missing_field || ' is missing or empty.'
        when reason = 'wrong_type' then 'The field ' || mistyped_field || ' has the wrong type'
            || case mistyped_field when 'properties' then ': an object {{...}} is expected.'
                else ': text or a number is expected.' end
        when reason = 'unreadable_time'
            then 'The time in occurredAt cannot be read: ISO 8601 or epoch milliseconds are expected.'
    end as message,
from judged
"""

OBJECTS = rf"""
with documents as ({_DOCUMENT}),
extracted as (
    select
        *,
        json_extract(document, ['$.id', '$.updatedAt', '$.archived', '$.properties']) as fields,
    from documents
),
typed as (
    select
        * exclude (document, fields),
        json_text(fields[1]) as object_id,
        json_text(fields[2]) as updated_text,
        as_instant(json_text(fields[2])) as updated_at,
        coalesce(lower(json_text(fields[3])) = 'true', false) as archived,
        json_text(fields[1]) is null as is_id_missing,
        case
            when not is_scalar(fields[1]) then 'id'
            when not is_scalar(fields[2]) then 'updatedAt'
            when json_kind(fields[3]) not in ('boolean', 'string') then 'archived'
            when json_kind(fields[4]) <> 'object' then 'properties'
        end as mistyped_field,
    from extracted
),
judged as (
    select
        *,
        coalesce(document_reason, case
            when is_id_missing then 'missing_field'
            when mistyped_field is not null then 'wrong_type'
            when updated_text is not null and updated_at is null then 'unreadable_time'
        end) as reason,
    from typed
)
select
    portal_id,
    source_file,
    line_number,
    object_type,
    case when reason is null then object_id end as object_id,
    case when reason is null then updated_at end as updated_at,
    case when reason is null then archived end as archived,
    record,
    reason,
    case
        {_LEADING_MESSAGES}
        when reason = 'missing_field' then 'The required field id is missing or empty.'
        when reason = 'wrong_type' then 'The field ' || mistyped_field || ' has the wrong type'
            || case mistyped_field when 'properties' then ': an object {{...}} is expected.'
                when 'archived' then ': true or false is expected.'
                else ': text or a number is expected.' end
        when reason = 'unreadable_time'
            then 'The time in updatedAt cannot be read: ISO 8601 or epoch milliseconds are expected.'
    end as message,
from judged
"""

QUERIES = {"events": EVENTS, "objects": OBJECTS}
