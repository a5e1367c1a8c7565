{# The constants of the definitions, in one place, as SQL. #}

{% macro end_tolerance() -%}
    interval '{{ var("end_tolerance_seconds") }} seconds'
{%- endmacro %}

{# Days of 24 hours, whatever the time zone does. #}
{% macro meeting_window() -%}
    interval '{{ var("meeting_days_after_finish") * 24 }} hours'
{%- endmacro %}

{#
    The rules that an account has where some are asked for, over rows of accounts: some Starter accounts never got
    the days.
#}
{% macro rules_in_force(asked) -%}
    case when {{ asked }} = 'current' and is_legacy_starter then '2022' else {{ asked }} end
{%- endmacro %}

{# What counts by the rules in force: HubSpot's versions of them stand here alone. #}
{% macro by_rules(rules, before_2022, of_2022, current) -%}
    case {{ rules }}
        when 'before_2022' then {{ before_2022 }}
        when '2022' then {{ of_2022 }}
        when 'current' then {{ current }}
        else error('The var metric_rules must be current, 2022 or before_2022.')
    end
{%- endmacro %}

{# Whether the meeting metric has an enrollment. #}
{% macro is_meeting_booked_by(rules) -%}
    {{ by_rules(
        rules,
        before_2022='enrollments.is_meeting_booked_through_sequence',
        of_2022='enrollments.is_meeting_booked_while_enrolled',
        current='enrollments.is_meeting_booked_while_enrolled_or_after',
    ) }}
{%- endmacro %}

{# While enrolled: from the enrollment to its end, if any, with the tolerance. Over rows of `enrollments`. #}
{% macro is_while_enrolled(at) -%}
    {{ at }} >= enrollments.enrolled_at
    and coalesce({{ at }} <= enrollments.ended_at + {{ end_tolerance() }}, true)
{%- endmacro %}

{# The days in which a meeting still counts for who finished the sequence. #}
{% macro is_soon_after_finish(at) -%}
    {{ at }} between enrollments.enrolled_at and enrollments.finished_at + {{ meeting_window() }}
{%- endmacro %}

{# Events that carry no enrollment id still name their enrollment, in words that no id uses. #}
{% macro derived_enrollment_id(relation) -%}
    {%- set prefix = relation ~ '.' if relation else '' -%}
    'derived:' || {{ prefix }}object_id || ':' || coalesce({{ prefix }}sequence_id, '')
    || ':' || {{ prefix }}event_id
{%- endmacro %}

{# HubSpot began in 2006, and no event is loaded days before it occurs: other times are of wrong clocks. #}
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
