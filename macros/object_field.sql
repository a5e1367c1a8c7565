{# A field of an API object as text, null when missing or "": from its properties, else from its top
   level (owners and sequences have no properties; exports may put their fields there). #}
{% macro object_field(name) -%}
    coalesce(
        {{ scalar_text('record', '$.properties."' ~ name ~ '"') }},
        {{ scalar_text('record', '$."' ~ name ~ '"') }}
    )
{%- endmacro %}

{#
    One value of a JSON document as text, null when missing or "". Tools that keep a property's history write
    an object with its value; what has none, and a list, is no single value. Text that holds such an object is
    the same; other text stays as it is, whatever it looks like.
#}
{% macro scalar_text(document, path, text=none) -%}
    {%- set text = text or document ~ " ->> '" ~ path ~ "'" -%}
    nullif(case
        when left({{ text }}, 1) not in ('{', '[') then {{ text }}
        when json_type({{ document }}, '{{ path }}') = 'ARRAY' then null
        when json_type({{ document }}, '{{ path }}') = 'OBJECT'
            and json_type({{ document }}, '{{ path }}.value') in ('OBJECT', 'ARRAY') then null
        when json_type({{ document }}, '{{ path }}') = 'OBJECT' then {{ document }} ->> '{{ path }}.value'
        when left({{ text }}, 1) = '{' and json_valid({{ text }}) and json_exists({{ text }}, '$.value')
            then case when json_type({{ text }}, '$.value') not in ('OBJECT', 'ARRAY') then {{ text }} ->> '$.value' end
        else {{ text }}
    end, '')
{%- endmacro %}

{# An id in a field of an object. #}
{% macro object_id_field(name) -%}
    {{ id_text(object_field(name)) }}
{%- endmacro %}

{# The ids in a field: a list, or text with semicolons, or one id; of `vid:milliseconds` the vid. #}
{% macro object_id_list(name) -%}
    list_filter(
        list_transform(
            regexp_split_to_array(
                regexp_replace(
                    coalesce(
                        {{ list_or_text('$.properties."' ~ name ~ '"') }}, {{ list_or_text('$."' ~ name ~ '"') }}, ''
                    ),
                    '[\[\]"]', '', 'g'
                ),
                '[;,]'
            ),
            lambda item: {{ id_text("split_part(item, ':', 1)") }}
        ),
        lambda item: item is not null
    )
{%- endmacro %}

{% macro list_or_text(path) -%}
    case
        when json_type(record, '{{ path }}') = 'ARRAY' then cast(json_extract(record, '{{ path }}') as varchar)
        else {{ scalar_text('record', path) }}
    end
{%- endmacro %}

{# The ids of the contacts, or others, that an object is associated with. #}
{% macro associated_ids(objects) -%}
    list_filter(
        list_transform(
            json_extract_string(record, '$.associations.{{ objects }}.results[*].id'),
            lambda item: {{ id_text('item') }}
        ),
        lambda item: item is not null
    )
{%- endmacro %}

{#
    What could not be read of a record: a list of (field, reason, example), from a list of
    [field, reason, text, value]. A text without a value is an issue.
#}
{% macro field_issues(fields) -%}
    list_filter(
        [
            {%- for field, reason, text, value in fields %}
            case
                when {{ text }} is not null and {{ value }} is null
                    then struct_pack(field := '{{ field }}', reason := '{{ reason }}', example := {{ text }})
            end{{ "," if not loop.last }}
            {%- endfor %}
        ],
        lambda issue: issue is not null
    )
{%- endmacro %}

{# The issue of an id in which digits are lost; a word for "missing" is none. #}
{% macro rounded_id(field, text) -%}
    {{ return([field, 'rounded_number', 'case when ' ~ is_rounded_number(text) ~ ' then ' ~ text ~ ' end', 'null']) }}
{%- endmacro %}
