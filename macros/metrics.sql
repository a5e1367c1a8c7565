{#
    The metrics of HubSpot's screens, each defined once, over rows of `fct_enrollments` that are called
    `enrollments`; every row is a started enrollment. With `left join` from a list of keys a key without
    enrollments has zeros, so nothing here counts rows.
#}

{# Counts that add up over any keys. #}
{% macro additive_measures() -%}
    count(enrollments.enrollment_id) as enrollments,
    count(enrollments.enrollment_id) filter (where enrollments.ended_at is null) as active_enrollments,
    count(enrollments.enrollment_id) filter (where enrollments.is_opened) as opened,
    count(enrollments.enrollment_id) filter (where enrollments.is_clicked) as clicked,
    count(enrollments.enrollment_id) filter (where enrollments.is_replied) as replied,
    count(enrollments.enrollment_id) filter (where enrollments.is_replied_to_sequence_email)
        as replied_to_sequence_email,
    count(enrollments.enrollment_id) filter (where enrollments.is_meeting_booked) as meeting_booked,
    count(enrollments.enrollment_id) filter (where enrollments.is_no_response) as no_response,
    count(enrollments.enrollment_id) filter (where enrollments.is_bounced) as bounced,
    count(enrollments.enrollment_id) filter (where enrollments.is_unsubscribed) as unsubscribed,
    count(enrollments.enrollment_id) filter (where enrollments.deals > 0) as enrollments_with_deal,
    cast(coalesce(sum(enrollments.deals), 0) as bigint) as deals,
    cast(coalesce(sum(enrollments.opens), 0) as bigint) as total_opens,
    cast(coalesce(sum(enrollments.clicks), 0) as bigint) as total_clicks,
    cast(coalesce(sum(enrollments.replies), 0) as bigint) as total_replies,
    cast(coalesce(sum(enrollments.meetings), 0) as bigint) as total_meetings,
    coalesce(sum(enrollments.revenue), 0) as total_revenue,
{%- endmacro %}

{# Distinct contacts and companies: right for these keys only, they do not add up. #}
{% macro distinct_measures() -%}
    count(distinct enrollments.contact_id) as contacts,
    count(distinct enrollments.contact_id) filter (where enrollments.ended_at is null) as active_contacts,
    count(distinct enrollments.contact_id) filter (where enrollments.is_opened) as contact_opened,
    count(distinct enrollments.contact_id) filter (where enrollments.is_clicked) as contact_clicked,
    count(distinct enrollments.contact_id) filter (where enrollments.is_replied) as contact_replied,
    count(distinct enrollments.contact_id) filter (where enrollments.is_replied_to_sequence_email)
        as contact_replied_to_sequence_email,
    count(distinct enrollments.contact_id) filter (where enrollments.is_meeting_booked)
        as contact_meeting_booked,
    count(distinct enrollments.contact_id) filter (where enrollments.is_no_response) as contact_no_response,
    count(distinct enrollments.contact_id) filter (where enrollments.is_bounced) as contact_bounced,
    count(distinct enrollments.contact_id) filter (where enrollments.is_unsubscribed) as contact_unsubscribed,
    count(distinct enrollments.contact_id) filter (where enrollments.deals > 0)
        as contact_enrollments_with_deal,
    count(distinct enrollments.company_id) as companies,
    count(distinct enrollments.company_id) filter (
        where
        enrollments.is_opened
        or enrollments.is_clicked
        or enrollments.is_replied
        or enrollments.is_meeting_booked
    ) as companies_engaged,
    count(distinct enrollments.company_id) filter (where enrollments.is_meeting_booked)
        as companies_with_meeting,
{%- endmacro %}

{# The rates over the measures above: with their intervals, and the same over contacts. #}
{% macro measure_rates() -%}
    {{ rate_with_interval('opened', 'enrollments', 'open_rate') }}
    {{ ratio('contact_opened', 'contacts') }} as contact_open_rate,
    {{ rate_with_interval('clicked', 'enrollments', 'click_rate') }}
    {{ ratio('contact_clicked', 'contacts') }} as contact_click_rate,
    {{ rate_with_interval('replied', 'enrollments', 'reply_rate') }}
    {{ ratio('contact_replied', 'contacts') }} as contact_reply_rate,
    {{ rate_with_interval('replied_to_sequence_email', 'enrollments', 'sequence_email_reply_rate') }}
    {{ ratio('contact_replied_to_sequence_email', 'contacts') }} as contact_sequence_email_reply_rate,
    {{ rate_with_interval('meeting_booked', 'enrollments', 'meeting_rate') }}
    {{ ratio('contact_meeting_booked', 'contacts') }} as contact_meeting_rate,
    {{ rate_with_interval('no_response', 'enrollments', 'no_response_rate') }}
    {{ ratio('contact_no_response', 'contacts') }} as contact_no_response_rate,
    {{ rate_with_interval('bounced', 'enrollments', 'bounce_rate') }}
    {{ ratio('contact_bounced', 'contacts') }} as contact_bounce_rate,
    {{ rate_with_interval('unsubscribed', 'enrollments', 'unsubscribe_rate') }}
    {{ ratio('contact_unsubscribed', 'contacts') }} as contact_unsubscribe_rate,
    {{ rate_with_interval('enrollments_with_deal', 'enrollments', 'deal_rate') }}
    {{ ratio('contact_enrollments_with_deal', 'contacts') }} as contact_deal_rate,
{%- endmacro %}

{# What one enrollment's steps add up to, over rows of `fct_enrollment_steps` that are called `steps`. #}
{% macro step_measures() -%}
    count(*) filter (where steps.is_executed) as steps_executed,
    count(*) filter (where steps.is_meeting_booked) as meetings,
    count(*) filter (where steps.first_opened_at is not null) as opens,
    count(*) filter (where steps.first_clicked_at is not null) as clicks,
    count(*) filter (where steps.first_replied_at is not null) as replies,
    cast(sum(steps.tasks_completed) as bigint) as tasks_completed,
{%- endmacro %}

{% macro ratio(numerator, denominator) -%}
    {{ numerator }} / nullif({{ denominator }}, 0)
{%- endmacro %}

{% macro rate_with_interval(numerator, denominator, name) -%}
    {{ ratio(numerator, denominator) }} as {{ name }},
    {{ wilson_bound(numerator, denominator, '-') }} as {{ name }}_lower,
    {{ wilson_bound(numerator, denominator, '+') }} as {{ name }}_upper,
{%- endmacro %}

{#
    A bound of the 95 % confidence interval of a rate, by Wilson's score method: it stays within 0..1 and
    holds for small counts. Null where there is nothing to divide by, and where more count than could
    (a step's meetings may outnumber its executions): then it is no share of anything.
#}
{% macro wilson_bound(numerator, denominator, sign) -%}
    {%- set z = 1.959963984540054 -%}
    case
        when {{ denominator }} > 0 and {{ numerator }} <= {{ denominator }}
            then greatest(0, least(1, (
                {{ numerator }} + {{ z * z / 2 }}
                {{ sign }} {{ z }} * sqrt(
                    {{ numerator }} * ({{ denominator }} - {{ numerator }}) / {{ denominator }} + {{ z * z / 4 }}
                )
            ) / ({{ denominator }} + {{ z * z }})))
    end
{%- endmacro %}
