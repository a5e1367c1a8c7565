{#
    Every row meets every condition; one that comes to null is met. Shows the rows that do not, and
    what they break.
#}
{% test rows_meet(model, conditions) %}
select
    concat_ws(
        '; '
        {% for condition in conditions %}
        , case when not ({{ condition }}) then '{{ condition | replace("'", "''") }}' end
        {% endfor %}
    ) as broken,
    *
from {{ model }}
where broken <> ''
{% endtest %}
