-- A month is the sum of its sequences, the unknown one too, in all measures that add.
{% set measures = [
    'enrollments', 'opened', 'clicked', 'replied', 'meeting_booked', 'unsubscribed',
    'total_opens', 'total_clicks', 'total_replies', 'total_meetings',
] %}
with added as (
    select
        portal_id,
        enrolled_month,
        {%- for measure in measures %}
        sum({{ measure }}) as {{ measure }},
        {%- endfor %}
    from {{ ref('monthly_enrollments') }}
    group by all
),

shown as (
    select
        portal_id,
        enrolled_month,
        {{ measures | join(', ') }},
    from {{ ref('monthly_overview') }}
)

{{ difference('added', 'shown') }}
