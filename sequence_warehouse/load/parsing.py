"""The one reading of a landed record: which fields it must have, and why it is rejected.

Input of both queries: a relation ``landed`` (portal_id, source_file, object_type, line_number, text).
Output: every row of it, with its fields extracted and ``reason`` and ``message`` null when it is good.
The reasons are a closed list; the README explains each.
"""

from __future__ import annotations

from sequence_warehouse.load.inspection import TOO_LONG
from sequence_warehouse.settings import MAX_RECORD_CHARACTERS

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

# Asked of every record: each question is put once, and the dear ones (trim, patterns) to few.
MACROS = r"""
create or replace macro is_scalar(json_type) as json_type not in ('OBJECT', 'ARRAY', 'BOOLEAN');
create or replace macro filled(text) as nullif(
    case when starts_with(text, ' ') or ends_with(text, ' ') then trim(text) else text end, ''
);
create or replace macro epoch_instant(milliseconds) as case
    when milliseconds between -62135596800000 and 253402300799999
        then make_timestamptz((round(milliseconds) * 1000)::bigint)
end;
-- ISO 8601 that a cast does not read: no seconds, a comma, a small z, a space before the offset
create or replace macro spelled_out(value) as regexp_replace(
    regexp_replace(replace(upper(value), ',', '.'), ' +(Z|[+-]\d{2}(:?\d{2})?)$', '\1'),
    '^(.{10}[T ]\d{2}:\d{2})(Z|[+-]\d{2}(:?\d{2})?)?$', '\1:00\2'
);
create or replace macro as_instant(value) as case
    when regexp_matches(value, '^\d{4}-\d{2}-\d{2}([Tt ]|$)')
        then coalesce(try_cast(value as timestamptz), try_cast(spelled_out(value) as timestamptz))
    when regexp_full_match(value, '[+-]?\d+(\.\d*)?([eE][+]?\d+)?')
        then epoch_instant(try_cast(value as double))
end;
"""

# The first character decides nearly every line; the patterns are for what begins with white space.
_IS_OBJECT = r"(starts_with(text, '{') or regexp_matches(text, '^\s*\{'))"

_DOCUMENT = rf"""
    select
        * exclude (text),
        text as record,
        -- valid twice over: extraction from anything else is an error, not a null
        case when json_valid(text) and {_IS_OBJECT} then text end as document,
        case
            when ends_with(text, '{TOO_LONG}') then 'record_too_large'
            when strlen(text) > {MAX_RECORD_CHARACTERS} and length(text) > {MAX_RECORD_CHARACTERS}
                then 'record_too_large'
            when not json_valid(text) then 'not_json'
            when not {_IS_OBJECT} then 'not_an_object'
        end as document_reason,
    from landed
    where starts_with(text, '{{') or regexp_matches(text, '\S')
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
        json_type(
            document,
            ['$.id', '$.eventType', '$.objectType', '$.objectId', '$.occurredAt', '$.properties']
        ) as types,
        json_extract_string(
            document, ['$.id', '$.eventType', '$.objectType', '$.objectId', '$.occurredAt']
        ) as texts,
    from documents
),
typed as (
    select
        * exclude (document, types, texts, object_type),
        filled(texts[1]) as event_id,
        filled(texts[2]) as event_type,
        upper(filled(texts[3])) as object_type,
        filled(texts[4]) as object_id,
        filled(texts[5]) as time_text,
        case
            when not is_scalar(types[1]) then 'id'
            when types[2] not in ('VARCHAR', 'NULL') then 'eventType'
            when not is_scalar(types[3]) then 'objectType'
            when not is_scalar(types[4]) then 'objectId'
            when not is_scalar(types[5]) then 'occurredAt'
            when types[6] not in ('OBJECT', 'NULL') then 'properties'
        end as mistyped_field,
    from extracted
),
checked as (
    select
        *,
        as_instant(time_text) as occurred_at,
        case
            when event_id is null then 'id'
            when event_type is null then 'eventType'
            when object_id is null then 'objectId'
            when time_text is null then 'occurredAt'
        end as missing_field,
    from typed
),
judged as (
    select
        *,
        coalesce(document_reason, case
            when missing_field is not null then 'missing_field'
            when mistyped_field is not null then 'wrong_type'
            when occurred_at is null then 'unreadable_time'
        end) as reason,
    from checked
)
select
    portal_id,
    source_file,
    line_number,
    case when reason is null then event_type end as event_type,
    case when reason is null then event_id end as event_id,
    -- 0-1 is how exports write the object type of contacts
    case when reason is null then coalesce(nullif(object_type, '0-1'), 'CONTACT') end as object_type,
    case when reason is null then object_id end as object_id,
    case when reason is null then occurred_at end as occurred_at,
    record,
    reason,
    case
        {_LEADING_MESSAGES}
        when reason = 'missing_field' then 'The required field ' || missing_field || ' is missing or empty.'
        when reason = 'wrong_type' then 'The field ' || mistyped_field || ' has the wrong type'
            || case mistyped_field when 'properties' then ': an object {{...}} is expected.'
                when 'eventType' then ': text is expected.'
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
        json_type(document, ['$.id', '$.updatedAt', '$.archived', '$.properties']) as types,
        json_extract_string(document, ['$.id', '$.updatedAt', '$.archived']) as texts,
    from documents
),
typed as (
    select
        * exclude (document, types, texts),
        filled(texts[1]) as object_id,
        filled(texts[2]) as updated_text,
        coalesce(lower(filled(texts[3])) = 'true', false) as archived,
        case
            when not is_scalar(types[1]) then 'id'
            when not is_scalar(types[2]) then 'updatedAt'
            when types[3] not in ('BOOLEAN', 'VARCHAR', 'NULL') then 'archived'
            when types[4] not in ('OBJECT', 'NULL') then 'properties'
        end as mistyped_field,
    from extracted
),
timed as (
    select
        *,
        as_instant(updated_text) as updated_at,
    from typed
),
judged as (
    select
        *,
        coalesce(document_reason, case
            when object_id is null then 'missing_field'
            when mistyped_field is not null then 'wrong_type'
            when updated_text is not null and updated_at is null then 'unreadable_time'
        end) as reason,
    from timed
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
