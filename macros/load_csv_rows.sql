{# Seeds as they are: dbt-duckdb's own statement lets DuckDB guess at quotes and missing values. #}
{% macro duckdb__load_csv_rows(model, agate_table) -%}
    {%- set path = adapter.get_seed_file_path(model) | replace("'", "''") -%}
    {%- set statement -%}
        copy {{ this.render() }} from '{{ path }}' (
            format csv, header true, delimiter ',', quote '"', escape '"', nullstr '', auto_detect false
        )
    {%- endset -%}
    {%- do adapter.add_query(statement, abridge_sql_log=true) -%}
    {{ return(statement) }}
{%- endmacro %}
