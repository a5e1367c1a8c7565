{#
    What must hold of one model, seen in one pass, so that it costs little on every build.

        key         one row per key, null being a value (an empty key: one row; without a key, rows may repeat)
        not_null    columns that must have a value
        counts      columns that must have one and are never negative
        rates       {rate: [count, total]}: the rate is that count over that total, null where there is no total
        intervals   rates whose …_lower and …_upper hold them within 0..1, both null where it is null or above 1
        conditions  are met by each row; one that comes to null is met
        metrics     sets of metrics that the model shows: what holds of them says macros/metric_tests.sql

    Shows the keys that fail, and what they break; without a key the whole rows.
#}
{% test holds(model, key=none, not_null=[], counts=[], rates={}, intervals=[], conditions=[], metrics=[]) %}
{%- set known = rules_of(metrics) %}
{%- set problems = [] %}
{%- set counts = counts + known.counts %}
{%- for column in not_null + known.not_null + counts %}
    {%- do problems.append((column ~ ' is null', column ~ ' is null')) %}
{%- endfor %}
{%- for column in counts %}
    {%- do problems.append((column ~ ' is negative', column ~ ' < 0')) %}
{%- endfor %}
{%- for rate, (count, total) in dict(known.rates, **rates).items() %}
    {%- set expected = ratio(count, total if ' ' not in total else '(' ~ total ~ ')') %}
    {%- do problems.append((rate ~ ' is not ' ~ count ~ ' / ' ~ total, rate ~ ' is distinct from ' ~ expected)) %}
{%- endfor %}
{%- for rate in intervals + known.intervals %}
    {%- set lower, upper = rate ~ '_lower', rate ~ '_upper' %}
    {%- set is_none = 'coalesce(' ~ rate ~ ' > 1, true)' %}
    {%- do problems.append((
        'the interval of ' ~ rate ~ ' does not hold it',
        '(' ~ lower ~ ' is null) <> ' ~ is_none ~ ' or (' ~ upper ~ ' is null) <> ' ~ is_none
        ~ ' or ' ~ lower ~ ' < 0 or ' ~ upper ~ ' > 1'
        ~ ' or ' ~ rate ~ ' not between ' ~ lower ~ ' - 1e-9 and ' ~ upper ~ ' + 1e-9',
    )) %}
{%- endfor %}
{%- for condition in conditions + known.conditions %}
    {%- do problems.append((condition, 'not (' ~ condition ~ ')')) %}
{%- endfor %}
{%- set breaks = ['null'] %}
{%- for problem, is_found in problems %}
    {%- do breaks.append('case when ' ~ is_found ~ " then '" ~ problem | replace("'", "''") ~ "' end") %}
{%- endfor %}
{%- set broken = "concat_ws('; ', " ~ breaks | join(',\n        ') ~ ')' %}
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
having rows_of_key {{ '>' if key else '<>' }} 1 or broken <> ''
{%- endif %}
{% endtest %}
