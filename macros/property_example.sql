{% macro property_example(lists, name) %}
{#-
    The smallest, field by field, is the oldest with a value, else the oldest; of several values under one name
    in one event the first.
#}
{%- set text = "nullif(" ~ lists ~ ".oldest_texts[list_position(" ~ lists ~ ".names, " ~ name ~ ")], '')" -%}
struct_pack(
    is_empty := {{ text }} is null,
    occurred_at := {{ lists }}.first_occurred_at,
    event_id := {{ lists }}.oldest_id,
    text := {{ text }}
)
{%- endmacro %}
