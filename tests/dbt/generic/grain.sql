{#
    One row per key, null being a value, and no null in the columns that must have one. One pass over
    the model, so that it costs little on every build. Shows the keys that are wrong; no key: one row.
#}
{% test grain(model, key, not_null=[]) %}
select
    {% for column in key %}
    {{ column }},
    {% endfor %}
    count(*) as rows_of_key,
    {% for column in not_null if column not in key %}
    count(*) - count({{ column }}) as {{ column }}_nulls,
    {% endfor %}
from {{ model }}
{% if key %}
group by {{ key | join(', ') }}
{% endif %}
having
    count(*) > 1
    {% for column in not_null %}
    or count({{ column }}) < count(*)
    {% endfor %}
{% endtest %}
