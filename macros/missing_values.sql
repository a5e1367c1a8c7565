{# The words of the seed `missing_values`, as a list of SQL literals. #}
{% macro missing_values() %}
    {%- if not execute -%}
        {%- do ref('missing_values') -%}
        {{ return("''") }}
    {%- endif -%}
    {#- by its name, not by ref: unit tests would all have to give it as an input -#}
    {%- set seed = api.Relation.create(
        database=target.database, schema='seeds', identifier='missing_values'
    ) -%}
    {%- set words = run_query("select spelling from " ~ seed ~ " order by all").columns[0].values() -%}
    {{ return("'" ~ words | map('replace', "'", "''") | join("', '") ~ "'") }}
{% endmacro %}
