{#
    How facts are rebuilt: the entities (contacts) that new loads touch, whole, from all their events. The picture is
    in models/intermediate/increments/README.md.
#}

{# A relation as the last build left it, or none: for reading what must not be waited for. #}
{% macro built_relation(name) %}
    {%- if not execute -%} {{ return(none) }} {%- endif -%}
    {%- set schema = 'core' if name.startswith('fct_') else 'intermediate' -%}
    {{ return(adapter.get_relation(database=target.database, schema=schema, identifier=name)) }}
{% endmacro %}

{% macro is_full_build() %}
    {%- if flags.FULL_REFRESH or not execute -%} {{ return(true) }} {%- endif -%}
    {%- for name in [
        'int_enrollments', 'int_enrollment_steps', 'fct_sequence_events', 'int_applied__load', 'int_applied__inputs'
    ] if built_relation(name) is none -%}
        {{ return(true) }}
    {%- endfor -%}
    {{ return(false) }}
{% endmacro %}

{# Semi join to the touched entities; nothing when all are rebuilt. #}
{% macro only_touched(relation) %}
    {%- set touched = ref('int_entities__touched') -%}
    {%- if execute and not is_everything_touched(touched) -%}
    semi join {{ touched }} as touched
        on
            {{ relation }}.portal_id = touched.portal_id
            and {{ relation }}.entity_key = touched.entity_key
    {%- endif -%}
{% endmacro %}

{% macro is_everything_touched(touched) %}
    {{ return(run_query("select count(*) from " ~ touched ~ " where entity_key = '*'").rows[0][0] > 0) }}
{% endmacro %}

{# Rows that are in one of two relations of the same columns, and not in the other. #}
{% macro difference(now, before) %}
    (select * from {{ now }} except select * from {{ before }})
    union
    (select * from {{ before }} except select * from {{ now }})
{% endmacro %}

{# Strategy of the facts: unique_key is not needed, the touched entities say what to replace. #}
{% macro get_incremental_touched_entities_sql(arg_dict) %}
    {%- set target = arg_dict['target_relation'] -%}
    {%- set columns = arg_dict['dest_columns'] | map(attribute='quoted') | join(', ') -%}
    {%- set touched = ref('int_entities__touched') -%}
    {%- if is_everything_touched(touched) %}
    delete from {{ target }};
    {%- else %}
    delete from {{ target }} as target
    using {{ touched }} as touched
    where
        target.portal_id = touched.portal_id
        and target.entity_key = touched.entity_key;
    {%- endif %}
    insert into {{ target }} ({{ columns }})
    select {{ columns }} from {{ arg_dict['temp_relation'] }}
{% endmacro %}

{# A fact built from nothing needs everything: half of it would be silently missing otherwise. #}
{% macro require_everything_touched() %}
    {%- set touched = ref('int_entities__touched') -%}
    {%- if execute and not is_incremental() and not is_everything_touched(touched) -%}
        {{ exceptions.raise_compiler_error(
            model.name ~ " can only be rebuilt together with what it is built from: run "
            ~ "`make run FULL_REFRESH=1`, or dbt with `--select int_entities__touched+ --full-refresh`."
        ) }}
    {%- endif -%}
{% endmacro %}
