{#
    What must hold of one model, seen in one pass, so that it costs little on every build: one row per key,
    null being a value (an empty key: one row; without a key, rows may repeat); no null in the columns that
    must have a value; each row meets each condition, and one that comes to null is met. `metrics`: the sets
    of metrics that the model shows; what holds of them is in macros/metric_tests.sql.
    Shows the keys that fail, and what they break; without a key the whole rows.
#}
{% test holds(model, key=none, not_null=[], conditions=[], metrics=[]) %}
{%- set breaks = ['null'] %}
{%- for column in not_null + metrics_not_null(metrics) %}
{%- do breaks.append("case when " ~ column ~ " is null then '" ~ column ~ " is null' end") %}
{%- endfor %}
{%- for condition in conditions + metrics_conditions(metrics) %}
{%- do breaks.append("case when not (" ~ condition ~ ") then '" ~ condition | replace("'", "''") ~ "' end") %}
{%- endfor %}
{%- set broken = "concat_ws('; ', " ~ breaks | join(",\n        ") ~ ")" %}
{%- if key is none %}
select
    {{ broken }} as broken,
    *
from {{ model }}
where broken <> ''
{%- else %}
select
    {%- for column in key %}
    {{ column }},
    {%- endfor %}
    count(*) as rows_of_key,
    max({{ broken }}) as broken,
from {{ model }}
{%- if key %}
group by {{ key | join(', ') }}
{%- endif %}
having rows_of_key > 1 or broken <> ''
{%- endif %}
{% endtest %}
