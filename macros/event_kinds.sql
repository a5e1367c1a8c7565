{#
    What the kinds of events mean, here alone; which kind a type of events has stands in the seed `event_types`. A kind

    * starts: shows that its enrollment has started,
    * of_step: shows that its step was sent or handed out,
    * of_email: is of an e-mail that was sent, however long ago: without ids it goes to the contact's enrollment that
      sent it,
    * of_enrolled: is of somebody who is enrolled: without ids it goes to the contact's enrollment by then,
    * activity: is something that the contact did,
    * meeting: is a booking, however it was made.
#}
{% macro event_kinds() -%}
    {%- do return({
        'enrolled': [],
        'unenrolled': [],
        'unenrolled_manually': [],
        'step_executed': ['starts', 'of_step'],
        'opened': ['starts', 'of_step', 'of_email', 'activity'],
        'clicked': ['starts', 'of_step', 'of_email', 'activity'],
        'replied': ['starts', 'of_step', 'of_enrolled', 'activity'],
        'meeting_booked': ['of_enrolled', 'activity', 'meeting'],
        'meeting_booked_through_sequence': ['starts', 'of_enrolled', 'activity', 'meeting'],
        'bounced': ['starts'],
        'unsubscribed': ['starts'],
        'finished': ['starts'],
        'errored': [],
        'other': [],
    }) -%}
{%- endmacro %}

{# The kinds that have a meaning, or all of them, for an `in (…)`. #}
{% macro kinds(meaning=none) -%}
    {%- set found = [] -%}
    {%- for kind, meanings in event_kinds().items() if meaning is none or meaning in meanings -%}
        {%- do found.append("'" ~ kind ~ "'") -%}
    {%- endfor -%}
    {%- if not found -%}
        {{ exceptions.raise_compiler_error("No kind of events has the meaning " ~ meaning ~ ".") }}
    {%- endif -%}
    {{ found | join(', ') }}
{%- endmacro %}

{# An event's kind, in which a booking is one, however it was made. #}
{% macro event_kind() -%}
    case when kind in ({{ kinds('meeting') }}) then 'meeting_booked' else kind end
{%- endmacro %}
