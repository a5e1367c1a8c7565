{#
    Fields of an API object as texts: of each name, what its properties say, and what its top level says (owners and
    sequences have no properties; exports may put their fields there). One reading of the record for all names;
    `object_field(names, name)` is then one of them, where this list is the column `texts`.
#}
{% macro object_texts(names) -%}
    {%- set paths = [] -%}
    {%- for name in names -%}
        {%- do paths.append('$.properties."' ~ name ~ '"') -%}
        {%- do paths.append('$."' ~ name ~ '"') -%}
    {%- endfor -%}
    {{ single_texts('record', paths) }}
{%- endmacro %}

{% macro object_field(names, name) -%}
    {%- set place = 2 * names.index(name) -%}
    coalesce(nullif(texts[{{ place + 1 }}], ''), nullif(texts[{{ place + 2 }}], ''))
{%- endmacro %}

{#
    Single values of a JSON document as texts, null or "" when missing. Tools that keep a property's history write
    an object with its value; what has none, and a list, is no single value. Text stays as it is, whatever it looks
    like. The list is looked at closely only where any of it has a bracket.
#}
{% macro single_texts(document, paths) -%}
    {%- set paths = "['" ~ paths | join("', '") ~ "']" -%}
    list_transform(
        [json_extract_string({{ document }}, {{ paths }})],
        lambda texts: case
            when not regexp_matches(array_to_string(texts, ''), '[{\[]') then texts
            else list_transform(
                list_zip(texts, {{ paths }}),
                lambda pair: {{ single_text(document, 'pair[2]', 'pair[1]') }}
            )
        end
    )[1]
{%- endmacro %}

{% macro single_text(document, path, text) -%}
    case
        when not regexp_matches({{ text }}, '^[{\[]') then {{ text }}
        when json_type({{ document }}, {{ path }}) not in ('OBJECT', 'ARRAY') then {{ text }}
        when json_type({{ document }}, {{ path }} || '.value') not in ('OBJECT', 'ARRAY')
            then json_extract_string({{ document }}, {{ path }} || '.value')
    end
{%- endmacro %}

{# The ids in a field: a list, or text with semicolons, or one id; of `vid:milliseconds` the vid. #}
{% macro object_id_list(names, name) -%}
    {%- set items -%}
    regexp_split_to_array(
        regexp_replace(
            coalesce(
                {{ json_list('$.properties."' ~ name ~ '"') }},
                {{ json_list('$."' ~ name ~ '"') }},
                {{ object_field(names, name) }},
                ''
            ),
            '[\[\]"]', '', 'g'
        ),
        '[;,]'
    )
    {%- endset -%}
    {{ ids_in(items, "split_part(item, ':', 1)") }}
{%- endmacro %}

{# A list of the record as text of JSON. #}
{% macro json_list(path) -%}
    case when json_type(record, '{{ path }}') = 'ARRAY' then record ->> '{{ path }}' end
{%- endmacro %}

{# The ids among the items of a list; what is none is left out. #}
{% macro ids_in(list, item) -%}
    list_filter(
        list_transform({{ list }}, lambda item: {{ id_text(item) }}),
        lambda id: id is not null
    )
{%- endmacro %}

{#
    What could not be read of a record: a list of (field, reason, example), from a list of
    [field, reason, text, value]. A text without a value is an issue.
#}
{% macro field_issues(fields) -%}
    case
        when {% for field, reason, text, value in fields -%}
        ({{ text }} is not null and {{ value }} is null) {{ "or" if not loop.last }}
        {% else %} false {% endfor %}
            then list_filter(
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
        else []
    end
{%- endmacro %}

{# The issue of an id in which digits are lost; a word for "missing" is none. #}
{% macro rounded_id(field, text, value) -%}
    {%- set is_rounded = value ~ " is null and " ~ is_rounded_number(text) -%}
    {%- set rounded = "case when " ~ is_rounded ~ " then " ~ text ~ " end" -%}
    {{ return([field, 'rounded_number', rounded, 'null']) }}
{%- endmacro %}

{# The same of the steps in a sequence's definition, given as text of JSON. #}
{% macro step_issues(steps) -%}
    {%- set order = "nullif(step ->> '$.stepOrder', '')" -%}
    flatten(list_transform(
        case when json_valid({{ steps }}) then json_extract({{ steps }}, '$[*]') end,
        lambda step: {{ field_issues([
            ['steps.stepOrder', 'not_a_number', order, step_number(order)],
            rounded_id('steps.templateId', "(step ->> '$.emailPattern.templateId')", 'null'),
            rounded_id('steps.templateId', "(step ->> '$.taskPattern.templateId')", 'null'),
        ]) }}
    ))
{%- endmacro %}

{# HubSpot's own fields by its names and in small letters, as exports have them, for `object_texts`. #}
{% macro both_cases(names) -%}
    {{ return(names + (names | map('lower') | list)) }}
{%- endmacro %}

{# One field of such a list. #}
{% macro own_field(names, name) -%}
    coalesce({{ object_field(names, name) }}, {{ object_field(names, name | lower) }})
{%- endmacro %}
