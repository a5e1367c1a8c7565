{#
    HubSpot does not publish the property names inside its sequence events, so the seed
    `property_aliases` maps them: the first alias, by priority, that holds a value wins.

    `property_texts()` reads every alias of the seed from the column `record` in one parse; `property(name)` is then
    one canonical property of such a list, the column `property_texts`: null when missing or ''.
#}
{% macro alias_rows() %}
    {%- set aliases = ref('property_aliases') -%}
    {%- if not execute -%} {{ return([]) }} {%- endif -%}
    {%- set query -%}
        select canonical_property, source_property
        from {{ aliases }}
        order by canonical_property, priority, source_property
    {%- endset -%}
    {{ return(run_query(query).rows) }}
{% endmacro %}

{% macro property_texts() -%}
    {%- set paths = [] -%}
    {%- for row in alias_rows() -%}
        {%- set name = row[1] | replace('\\', '\\\\') | replace('"', '\\"') | replace("'", "''") -%}
        {%- do paths.append('$.properties."' ~ name ~ '"') -%}
    {%- endfor -%}
    {{ single_texts('record', paths or ['$.properties']) }}
{%- endmacro %}

{% macro property(name, values='property_texts') -%}
    coalesce(
        {%- for row in alias_rows() %}
        {%- if row[0] == name %}
        nullif({{ values }}[{{ loop.index }}], ''),
        {%- endif %}
        {%- endfor %}
        null
    )
{%- endmacro %}

{# The same of a list of ids. #}
{% macro property_id(name) -%}
    {{ property(name, 'property_ids') }}
{%- endmacro %}

{# What could not be read of an event's properties, by the names that they arrived under. #}
{% macro property_issues() -%}
    {%- set fields = [] -%}
    {%- for row in alias_rows() -%}
        {%- set text = "nullif(property_texts[" ~ loop.index ~ "], '')" -%}
        {%- if row[0] == 'step_order' -%}
            {%- do fields.append([row[1] | replace("'", "''"), 'not_a_number', text, step_number(text)]) -%}
        {%- elif row[0].endswith('_id') -%}
            {%- set name = row[1] | replace("'", "''") -%}
            {%- do fields.append(rounded_id(name, text, "property_ids[" ~ loop.index ~ "]")) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ field_issues(fields) }}
{%- endmacro %}

{# Numbers arrive as text such as "2" or "2.0"; anything else than a whole number from 0 is null. #}
{% macro step_number(text) -%}
    case
        when try_cast({{ text }} as double) between 0 and 1000000
            and try_cast({{ text }} as double) = floor(try_cast({{ text }} as double))
            then cast(try_cast({{ text }} as double) as integer)
    end
{%- endmacro %}

{# The same properties whatever the order of the keys; "" says missing, so it is the same as absent. #}
{% macro same_properties_key(properties) -%}
    list_sort(list_filter(
        map_entries(cast(cast({{ properties }} as json) as map(varchar, varchar))),
        lambda entry: entry.value <> ''
    ))::varchar
{%- endmacro %}
