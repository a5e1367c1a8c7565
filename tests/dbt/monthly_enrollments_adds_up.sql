-- A month of a sequence, the unknown one too, is the sum of its days, in all measures that add.
{% set measures = additive_names('monthly_counts') %}
with added as (
    select
        portal_id,
        cast(date_trunc('month', enrolled_on) as date) as enrolled_month,
        sequence_id,
        {%- for measure in measures %}
        sum({{ measure }}) as {{ measure }},
        {%- endfor %}
    from {{ ref('enrollment_metrics_daily') }}
    group by all
),

shown as (
    select
        portal_id,
        enrolled_month,
        sequence_id,
        {{ measures | join(', ') }},
    from {{ ref('monthly_enrollments') }}
)

{{ difference('added', 'shown') }}
