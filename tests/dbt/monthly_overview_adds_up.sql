-- A month is the sum of its sequences, the unknown one too, in all measures that add.
{# who is in two sequences of a month is two of their contacts and one of the month's #}
{% set measures = additive_names('monthly_counts') %}
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
