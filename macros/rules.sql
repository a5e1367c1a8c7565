{# The constants of the definitions, in one place, as SQL. #}

{% macro end_tolerance() -%}
    interval '{{ var("end_tolerance_seconds") }} seconds'
{%- endmacro %}

{# Days of 24 hours, whatever the time zone does. #}
{% macro meeting_window() -%}
    interval '{{ var("meeting_days_after_finish") * 24 }} hours'
{%- endmacro %}

{% macro meeting_kinds() -%}
    'meeting_booked', 'meeting_booked_through_sequence'
{%- endmacro %}

{# Events that carry no enrollment id still name their enrollment, in words that no id uses. #}
{% macro derived_enrollment_id(relation) -%}
    {%- set prefix = relation ~ '.' if relation else '' -%}
    'derived:' || {{ prefix }}object_id || ':' || coalesce({{ prefix }}sequence_id, '')
    || ':' || {{ prefix }}event_id
{%- endmacro %}
