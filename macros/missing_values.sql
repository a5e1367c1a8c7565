{# The words of the seed `missing_values`, as a list of SQL literals. #}
{% macro missing_values() %}
    {%- set seed = ref('missing_values') -%}
    {%- if not execute -%} {{ return("''") }} {%- endif -%}
    {%- set words = run_query("select spelling from " ~ seed ~ " order by all").columns[0].values() -%}
    {{ return("'" ~ words | map('replace', "'", "''") | join("', '") ~ "'") }}
{% endmacro %}
