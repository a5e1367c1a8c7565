{# The constants of the definitions, in one place, as SQL. #}

{% macro end_tolerance() -%}
    interval '{{ var("end_tolerance_seconds") }} seconds'
{%- endmacro %}

{# Days of 24 hours, whatever the time zone does. #}
{% macro meeting_window() -%}
    interval '{{ var("meeting_days_after_finish") * 24 }} hours'
{%- endmacro %}

{# Events that carry no enrollment id still name their enrollment, in words that no id uses. #}
{% macro derived_enrollment_id(relation) -%}
    {%- set prefix = relation ~ '.' if relation else '' -%}
    'derived:' || {{ prefix }}object_id || ':' || coalesce({{ prefix }}sequence_id, '')
    || ':' || {{ prefix }}event_id
{%- endmacro %}

{# HubSpot is of 2006, and no event is loaded days before it occurs: other times are of clocks that are off. #}
{% macro is_plausible() -%}
    occurred_at >= timestamptz '{{ var("first_plausible_day") }}'
    and occurred_at <= first_loaded_at + interval '{{ var("plausible_days_ahead") * 24 }} hours'
{%- endmacro %}

{# The issue of an event whose time cannot be; null of all others. #}
{% macro implausible_time() -%}
    case
        when not ({{ is_plausible() }})
            then struct_pack(
                field := 'occurredAt', reason := 'implausible_time', example := cast(occurred_at as varchar)
            )
    end
{%- endmacro %}
