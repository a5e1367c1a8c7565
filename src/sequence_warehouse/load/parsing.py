"""The one reading of a landed record: which fields it must have, and why it is rejected.

Words in ``<>`` are put in by ``parser``, from the seeds.
Input of both queries: a relation ``landed`` (portal_id, source_file, object_type, event_type, line_number,
text, original, envelope); event_type is what the file's name tells, original the record as it landed where
``text`` is made from it, envelope what it lay in, in words.
Output: every row of it, with its fields extracted and ``reason`` and ``message`` null when it is good. A
first look also finds records in another shape than HubSpot's: their reason is FOREIGN, their message the
record as it landed where that is not the same.
The reasons are a closed list; docs/landing-folder.md explains each.
"""

from __future__ import annotations

from sequence_warehouse.load.emoji import TOO_LONG
from sequence_warehouse.load.limits import MAX_RECORD_CHARACTERS
from sequence_warehouse.load.nesting import MACROS, TOO_DEEP
from sequence_warehouse.load.values import value_macros
from sequence_warehouse.seeds import Seeds

REASONS = {
    "not_json": "a line or element that is not JSON (bad UTF-8 included, and `NaN` outside of `properties`)",
    "not_an_object": "JSON, but not an object",
    "missing_field": "a required field is missing or empty",
    "wrong_type": "a field is of the wrong type, or an id is a number in which digits are lost",
    "unreadable_time": "a time that cannot be read",
    "malformed_row": "a CSV row with the wrong number of columns, an open quote or bad UTF-8",
    "record_too_large": "one record of more than 4 million characters",
    "nested_too_deeply": "one record whose JSON nests more than 1,000 levels deep",
    "unreadable_file": "a file or folder that cannot be opened, is not what it claims to be, or ends too "
    "early (what is whole before loads)",
    "unsupported_file": "a file in a place, of a format or of a kind that is not looked into",
}

# Not a reason to anybody: such a record is put into HubSpot's shape and looked at again.
FOREIGN = "foreign"

# Stands for a bare NaN while it is asked where in a record one is: a character that no text uses.
_NOT_A_NUMBER = "\uf8ffNaN"


def macros(seeds: Seeds) -> str:
    """The SQL macros that the queries below use, from the project's reading of values."""
    values = value_macros(seeds)
    marked = values.mended_json("value", f'"{_NOT_A_NUMBER}"')
    kept = values.mended_json("value", r"\0")
    return rf"""{MACROS}
create or replace macro is_scalar(json_type) as json_type not in ('OBJECT', 'ARRAY', 'BOOLEAN');
create or replace macro filled(text) as nullif(
    case when starts_with(text, ' ') or ends_with(text, ' ') then trim(text) else text end, ''
);
create or replace macro id_text(value) as {values.id_text("value")};
create or replace macro is_rounded_number(value) as {values.is_rounded_number("value")};
create or replace macro as_instant(value) as {values.instant("value")};
create or replace macro as_truth(value) as {values.truth("value")};
create or replace macro mended_json(value) as {values.mended_json("value")};
create or replace macro standard_json(value) as coalesce(mended_json(value), value);
create or replace macro standard_page(value) as coalesce({kept}, value);
create or replace macro marked_json(value) as {marked};
create or replace macro marks(value) as len(string_split(value, '{_NOT_A_NUMBER}')) - 1;
-- a bare NaN or Infinity is a missing value among properties, and no JSON anywhere else
create or replace macro is_marked_elsewhere(value) as
    marks(value) > 0
    and json_valid(value)
    and marks(value) > coalesce(marks((value -> '$.properties')::varchar), 0);
-- databases write the names of properties in capitals
create or replace macro lower_names(value) as case
    when json_type(value) <> 'OBJECT' or not regexp_matches(value::varchar, '"[A-Z0-9_]+"\s*:') then value
    else ('{{' || array_to_string(list_transform(json_keys(value), lambda name:
        to_json(case when name = upper(name) then lower(name) else name end)::varchar || ':'
        || coalesce(json_extract(value, '$."' || replace(name, '"', '\"') || '"')::varchar, 'null')
    ), ',') || '}}')::json
end;
create or replace macro opened_json(value) as case
    when json_type(value) = 'VARCHAR' and is_deep(value ->> '$') and json_valid(value ->> '$')
        then too_deep(value ->> '$')
    when json_type(value) = 'VARCHAR' and json_valid(value ->> '$') then (value ->> '$')::json
    else value
end;
"""


# The first character decides nearly every line; the patterns are for what begins with white space.
_IS_OBJECT = r"(starts_with(text, '{') or regexp_matches(text, '^\s*\{'))"

_DOCUMENT = rf"""
    select
        * exclude (text),
        text as standard_text,
        -- valid twice over: extraction from anything else is an error, not a null
        case when json_valid(text) and {_IS_OBJECT} then text end as document,
        case
            when ends_with(text, '{TOO_LONG}') then 'record_too_large'
            when strlen(text) > {MAX_RECORD_CHARACTERS} and length(text) > {MAX_RECORD_CHARACTERS}
                then 'record_too_large'
            when not json_valid(text)
                then if(ends_with(text, '{TOO_DEEP}'), 'nested_too_deeply', 'not_json')
            when is_deep(text) then 'nested_too_deeply'
            when not {_IS_OBJECT} then 'not_an_object'
        end as document_reason,
        original is null and landed_text is not null and is_marked_elsewhere(marked_json(landed_text))
            as has_not_a_number,
    from (
        select
            * exclude (text, mended_text),
            coalesce(mended_text, text) as text,
            -- what is rejected is kept as it landed
            coalesce(original, case when mended_text is not null then text end) as landed_text,
        from (select *, mended_json(text) as mended_text from landed)
    )
    where starts_with(text, '{{') or regexp_matches(text, '\S')
"""

# What is kept of a record, and the messages that events and objects share; the `case` goes on with their own.
_RECORD_AND_MESSAGE = """
    case
        when reason is null or reason = 'foreign' then standard_text
        else coalesce(landed_text, standard_text)
    end as record,
    reason,
    coalesce(case when reason is not null and reason <> 'foreign' then envelope || ': ' end, '') || case
        when reason = 'foreign' then coalesce(landed_text, '')
        when reason = 'record_too_large' then 'The record is longer than 4 million characters.'
        when reason = 'not_json' then 'The line is not valid JSON.'
        when reason = 'nested_too_deeply' then 'The record nests more than 1,000 levels deep.'
        when reason = 'not_an_object' then 'The JSON value is not an object {...}.'
        when reason = 'wrong_type' and rounded_field is not null
            then 'The field ' || rounded_field
            || ' holds a number in which digits are lost: export ids as text.'
"""

EVENTS = rf"""
with landed as (<landed>),
documents as ({_DOCUMENT}),
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
        * exclude (document, types, object_type, event_type),
        id_text(texts[1]) as event_id,
        -- a table's name, or a type in capitals
        case
            when not regexp_matches(texts[2], '[A-Z]') then coalesce(filled(texts[2]), event_type)
            else coalesce(<event_types>[lower(filled(texts[2]))], filled(texts[2]), event_type)
        end as event_type,
        upper(filled(texts[3])) as object_type,
        id_text(texts[4]) as object_id,
        filled(texts[5]) as time_text,
        case
            when not is_scalar(types[1]) then 'id'
            when types[2] not in ('VARCHAR', 'NULL') then 'eventType'
            when not is_scalar(types[3]) then 'objectType'
            when not is_scalar(types[4]) then 'objectId'
            when not is_scalar(types[5]) then 'occurredAt'
            when types[6] not in ('OBJECT', 'NULL') then 'properties'
        end as mistyped_field,
        document is not null and <is_foreign_event> as is_foreign,
    from extracted
),
checked as (
    select
        * exclude (texts),
        as_instant(time_text) as occurred_at,
        case
            when event_id is null and is_rounded_number(texts[1]) then 'id'
            when object_id is null and is_rounded_number(texts[4]) then 'objectId'
        end as rounded_field,
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
            when is_foreign then 'foreign'
            when has_not_a_number then 'not_json'
            when rounded_field is not null then 'wrong_type'
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
    case
        when reason is null then case
            when starts_with(object_type, '0-') then coalesce(<event_object_types>[object_type], object_type)
            else coalesce(object_type, 'CONTACT')
        end
    end as object_type,
    case when reason is null then object_id end as object_id,
    case when reason is null then occurred_at end as occurred_at,
{_RECORD_AND_MESSAGE}
        when reason = 'missing_field' then 'The required field ' || missing_field || ' is missing or empty.'
        when reason = 'wrong_type' then 'The field ' || mistyped_field || ' has the wrong type'
            || case mistyped_field when 'properties' then ': an object {{...}} is expected.'
                when 'eventType' then ': text is expected.'
                else ': text or a number is expected.' end
        when reason = 'unreadable_time'
            then 'The time in occurredAt cannot be read: ISO 8601 or an epoch is expected.'
    end as message,
from judged
"""

OBJECTS = rf"""
with landed as (<landed>),
documents as ({_DOCUMENT}),
extracted as (
    select
        *,
        json_type(document, ['$.id', '$.updatedAt', '$.archived', '$.properties']) as types,
        json_extract_string(document, ['$.id', '$.updatedAt', <deleted>]) as texts,
    from documents
),
typed as (
    select
        * exclude (document, types),
        id_text(texts[1]) as object_id,
        filled(texts[2]) as updated_text,
        coalesce(list_bool_or(list_transform(texts[3:], lambda text: as_truth(text))), false) as archived,
        case
            when not is_scalar(types[1]) then 'id'
            when not is_scalar(types[2]) then 'updatedAt'
            when types[3] in ('OBJECT', 'ARRAY') then 'archived'
            when types[4] not in ('OBJECT', 'NULL') then 'properties'
        end as mistyped_field,
        document is not null and <is_foreign_object> as is_foreign,
    from extracted
),
timed as (
    select
        * exclude (texts),
        as_instant(updated_text) as updated_at,
        case when object_id is null and is_rounded_number(texts[1]) then 'id' end as rounded_field,
    from typed
),
judged as (
    select
        *,
        coalesce(document_reason, case
            when is_foreign then 'foreign'
            when has_not_a_number then 'not_json'
            when rounded_field is not null then 'wrong_type'
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
{_RECORD_AND_MESSAGE}
        when reason = 'missing_field' and object_type in ('associations', 'merges')
            then 'The row does not name both of its ends: ' || case object_type
                when 'associations' then 'the ids of the two objects that are linked'
                else 'the id that was merged and the id that it was merged into' end || ' are expected.'
        when reason = 'missing_field' then 'The required field id is missing or empty.'
        when reason = 'wrong_type' then 'The field ' || mistyped_field || ' has the wrong type'
            || case mistyped_field when 'properties' then ': an object {{...}} is expected.'
                when 'archived' then ': true or false is expected.'
                else ': text or a number is expected.' end
        when reason = 'unreadable_time'
            then 'The time in updatedAt cannot be read: ISO 8601 or an epoch is expected.'
    end as message,
from judged
"""
