{# The measures of "enrollments by month", over started rows of `fct_enrollments`: its two reports. #}

{% macro monthly_counts() -%}
    count(*) as enrollments,
    count(distinct contact_id) as contacts,
    count(*) filter (where is_opened) as opened,
    count(*) filter (where is_clicked) as clicked,
    count(*) filter (where is_replied) as replied,
    count(*) filter (where is_meeting_booked) as meeting_booked,
    count(*) filter (where is_unsubscribed) as unsubscribed,
    cast(sum(enrollments.opens) as bigint) as total_opens,
    cast(sum(enrollments.clicks) as bigint) as total_clicks,
    cast(sum(enrollments.replies) as bigint) as total_replies,
    cast(sum(enrollments.meetings) as bigint) as total_meetings,
{%- endmacro %}

{% macro monthly_ratios() -%}
    {{ ratio('total_opens', 'enrollments') }} as opens_per_enrollment,
    {{ ratio('total_clicks', 'enrollments') }} as clicks_per_enrollment,
    {{ ratio('total_replies', 'enrollments') }} as replies_per_enrollment,
    {{ ratio('total_meetings', 'enrollments') }} as meetings_per_enrollment,
    {{ ratio('unsubscribed', 'enrollments') }} as unsubscribes_per_enrollment,
{%- endmacro %}
